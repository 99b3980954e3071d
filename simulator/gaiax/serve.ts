// What lies at the addresses of members and issuers: DID documents, chains, status lists, and their credentials one by one and together.
import { createPrivateKey, sign, type JsonWebKey } from 'node:crypto';
import type { Plain } from '../fields.ts';
import type { State } from './state.ts';
import type { Names } from './statements.ts';
import { type Purpose, statusList } from './statusList.ts';
import { vocabularyAt } from './vocabulary.ts';

export type Serving = { readonly state: State; readonly names: Names; readonly now: number };
export type Served = { readonly type: string; readonly text: string };

/** Status lists say that they count for two days. */
const listRenewMs = 86_400_000 / 2;
const token = 'application/vc+jwt';
const listsAt: Readonly<Record<string, Purpose>> = { status: 'revocation', suspension: 'suspension' };

/** null: nothing is there. */
export function answerTo(path: string, serving: Serving): Served | null {
  const vocabulary = vocabularyAt(path);
  if (vocabulary !== null) return vocabulary;
  const { state } = serving;
  const [, name = '', what = ''] = /^\/([a-z0-9-]+)\/([a-z]+(?:\.[a-z]+)?)$/.exec(path) ?? [];
  const key = state.keys[name];
  if (!key || state.hidden.includes(name)) return null;
  if (what === 'did.json') return { type: 'application/did+json', text: JSON.stringify(documentOf(name, key, serving)) };
  if (what === 'chain.pem') return { type: 'application/x-pem-file', text: state.certified.chains[name] ?? '' };
  const purpose = listsAt[what];
  if (purpose !== undefined) return { type: token, text: listOf(name, purpose, serving) };
  const issued = state.issued[name] ?? [];
  if (what === 'credentials') return issued.length === 0 ? null : { type: token, text: issued.map(({ jwt }) => `${jwt}\n`).join('') };
  const one = issued.find(({ kind }) => `${kind}.json` === what);
  return one ? { type: token, text: one.jwt } : null;
}

export const listAddress = (names: Names, issuer: string, purpose: Purpose): string =>
  `${names.base(issuer)}/${Object.entries(listsAt).find(([, each]) => each === purpose)?.[0]}`;

function listOf(issuer: string, purpose: Purpose, { state, names, now }: Serving): string {
  const own = state.set[purpose].filter((each) => issuerOf(each) === issuer).toSorted();
  const key = `${issuer}/${purpose}`;
  const there = state.lists[key];
  if (there?.set === own.join(' ') && there.madeAt > now - listRenewMs) return there.jwt;
  const did = names.didOf(issuer);
  const jwt = signed(statusList({ address: listAddress(names, issuer, purpose), issuer: did, purpose, set: own }, now), did, state.keys[issuer]);
  state.lists[key] = { jwt, madeAt: now, set: own.join(' ') };
  return jwt;
}

/** Who issued `member/kind`. */
function issuerOf(credential: string): string {
  const [member = '', kind = ''] = credential.split('/');
  const others: Readonly<Record<string, string>> = { registration: 'notary', label: 'labels', certifications: 'certification' };
  return others[kind] ?? member;
}

/** Whoever has credentials says where they lie. */
function documentOf(name: string, { kty, crv, x, y }: JsonWebKey, { state, names }: Serving): Plain {
  const [id, base] = [names.didOf(name), names.base(name)];
  const publicKeyJwk = { kty, crv, x, y, kid: `${id}#key-1`, alg: 'ES256', x5u: `${base}/chain.pem` };
  const method = { id: `${id}#key-1`, type: 'JsonWebKey', controller: id, publicKeyJwk };
  const service = [{ id: `${id}#credentials`, type: 'LinkedVerifiablePresentation', serviceEndpoint: `${base}/credentials` }];
  return {
    '@context': ['https://www.w3.org/ns/did/v1'],
    id,
    verificationMethod: [method],
    assertionMethod: [method.id],
    ...((state.issued[name] ?? []).length > 0 && { service }),
  };
}

/** ES256, as VC-JOSE-COSE has it. */
export function signed(payload: Plain, issuer: string, key: JsonWebKey | undefined): string {
  if (!key) throw new Error(`${issuer} has no key`);
  const coded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${coded({ alg: 'ES256', typ: 'vc+jwt', cty: 'vc', kid: `${issuer}#key-1`, iss: issuer })}.${coded(payload)}`;
  const signature = sign('sha256', Buffer.from(text), { key: createPrivateKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}
