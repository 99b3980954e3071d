// Gaia-X round the demo federation: did:web documents over https, and the credentials of each member at an address of its own.
import { createPrivateKey, generateKeyPairSync, sign, type JsonWebKey } from 'node:crypto';
import { createServer } from 'node:https';
import { isPlain, type Plain } from '../fields.ts';
import type { MemberData, Offer } from '../federation.ts';
import type { Disk } from '../disk.ts';
import { listenAt } from '../ports.ts';
import { newAuthority, type Authority } from '../pki.ts';
import { certify, type Certified } from './certificates.ts';
import { answerClearingHouse } from './clearingHouse.ts';
import { kinds, statement, type Names, type StatementKind } from './statements.ts';
import { statusIndex, statusList } from './statusList.ts';
import { pinnedVocabulary, vocabularyAt } from './vocabulary.ts';

export type GaiaX = {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  /** PEM of the authority of its server's certificate. */
  readonly authority: string;
  /** PEM of the root that the certificates of all signing keys end in. */
  readonly anchor: string;
  /** Contexts and shapes that it serves, with their digests. */
  readonly vocabulary: ReturnType<typeof pinnedVocabulary>;
  /** Where the broker finds offers. */
  readonly sources: readonly string[];
  /** Who may attest what: DID → roles. */
  readonly trustedIssuers: Readonly<Record<string, { readonly roles: readonly string[] }>>;
  /** EUR per vCPU and hour; the label covers the new offering. */
  setPrice(member: string, price: number): Promise<void>;
  /** Its issuer takes it back: it is served as before, and the issuer's status list says that it counts no more. */
  revoke(member: string, kind: StatementKind): Promise<void>;
  /** Prices and credentials as the federation's data has them. */
  reset(): Promise<void>;
  close(): Promise<void>;
};

type Issued = { readonly kind: StatementKind; readonly jwt: string; readonly until: number };
type State = {
  authority: Authority;
  /** Private keys by the name of their issuer. */
  keys: Record<string, JsonWebKey>;
  certified: Certified;
  prices: Record<string, number>;
  /** `member/kind`. */
  revoked: string[];
  issued: Record<string, Issued[]>;
  /** Digests of the context and shapes that it was issued under. */
  words?: string;
  /** By issuer: signed anew when it changes or grows old, not whenever somebody asks. */
  lists: Record<string, { readonly jwt: string; readonly madeAt: number; readonly revoked: string }>;
};

const part = 'gaia-x';
const dayMs = 86_400_000;
const lifeMs = 90 * dayMs;
const renewMs = 30 * dayMs;
/** Status lists say that they count for two days. */
const listRenewMs = dayMs / 2;
const attesting = { notary: 'notary', labels: 'labelIssuer', certification: 'certificationBody' } as const;
type Options = {
  readonly disk: Disk;
  readonly members: readonly MemberData[];
  now(): number;
  /** PEM of the authorities of web servers that the clearing house asks beside its own. */
  readonly authorities?: string;
};

export async function startGaiaX({ disk, members, now, authorities = '' }: Options): Promise<GaiaX> {
  const offering = members.flatMap((member) => (member.offer ? [{ member, offer: member.offer }] : []));
  const state = read(disk.read(part)) ?? (await newState());
  for (const { member } of offering) state.keys[member.name] ??= newKey();
  if (Object.keys(state.keys).some((name) => state.certified.chains[name] === undefined)) state.certified = await certify(state.keys, now());
  const server = createServer({ cert: state.authority.certPem, key: state.authority.keyPem }, (request, response) => {
    if (answerClearingHouse(request, response, clearing)) return;
    const found = answerTo(request.url ?? '/', { state, names, now: now() });
    response.writeHead(found === null ? 404 : 200, { 'content-type': found?.type ?? 'text/plain' });
    response.end(found?.text ?? 'nothing is here\n');
  });
  const port = await listenAt(server, disk, part);
  const url = `https://127.0.0.1:${port}`;
  const names: Names = {
    didOf: (name) => `did:web:127.0.0.1%3A${port}:${name}`,
    base: (member) => `${url}/${member}`,
    statusOf: (issuer, member, kind) => ({
      type: 'BitstringStatusListEntry',
      statusPurpose: 'revocation',
      statusListIndex: String(statusIndex(`${member}/${kind}`)),
      statusListCredential: `${url}/${issuer}/status`,
    }),
  };
  const clearing = {
    didOf: names.didOf,
    sign: (issuer: string, payload: Plain) => signed(payload, names.didOf(issuer), state.keys[issuer]),
    now,
    authorities: state.authority.caPem + authorities,
  };
  const save = (): Promise<void> => disk.write(part, state);

  const issue = ({ member, offer }: { member: MemberData; offer: Offer }): void => {
    const validity = { from: now() - 60_000, until: now() + lifeMs };
    const price = state.prices[member.name] ?? offer.eurPerVcpuHour;
    state.issued[member.name] = kinds.flatMap((kind) => {
      const said = statement(kind, member, offer, price, names, validity);
      return said === null ? [] : [{ kind, until: validity.until, jwt: signed(said.payload, names.didOf(said.issuer), state.keys[said.issuer]) }];
    });
  };
  const reissue = async (name: string): Promise<void> => {
    const found = offering.find(({ member }) => member.name === name);
    if (!found) throw new Error(`${name} offers nothing`);
    issue(found);
    await save();
  };
  const words = JSON.stringify(pinnedVocabulary(''));
  const isOld = (name: string): boolean => state.words !== words || !(state.issued[name] ?? []).some(({ until }) => until > now() + renewMs);
  for (const each of offering) if (isOld(each.member.name)) issue(each);
  state.words = words;
  await save();

  return {
    url,
    authority: state.authority.caPem,
    anchor: state.certified.anchor,
    vocabulary: pinnedVocabulary(url),
    sources: offering.map(({ member }) => `${url}/${member.name}/credentials`),
    trustedIssuers: Object.fromEntries(Object.entries(attesting).map(([name, role]) => [names.didOf(name), { roles: [role] }])),
    async setPrice(member, price) {
      state.prices[member] = price;
      await reissue(member);
    },
    async revoke(member, kind) {
      if (!(state.issued[member] ?? []).some((each) => each.kind === kind)) throw new Error(`${member} has no credential "${kind}"`);
      state.revoked = [...new Set([...state.revoked, `${member}/${kind}`])];
      await save();
    },
    async reset() {
      state.prices = {};
      state.revoked = [];
      for (const each of offering) issue(each);
      await save();
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function newState(): Promise<State> {
  const keys = Object.fromEntries(Object.keys(attesting).map((name) => [name, newKey()]));
  return { authority: await newAuthority(part), keys, certified: { anchor: '', chains: {} }, prices: {}, revoked: [], issued: {}, lists: {} };
}

const newKey = (): JsonWebKey => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });

/** Only this file writes it. */
const read = (found: unknown): State | null =>
  isPlain(found) && isPlain(found.authority) && isPlain(found.keys) && isPlain(found.certified) ? (found as unknown as State) : null;

/** ES256, as VC-JOSE-COSE has it. */
function signed(payload: Plain, issuer: string, key: JsonWebKey | undefined): string {
  if (!key) throw new Error(`${issuer} has no key`);
  const coded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${coded({ alg: 'ES256', typ: 'vc+jwt', cty: 'vc', kid: `${issuer}#key-1`, iss: issuer })}.${coded(payload)}`;
  const signature = sign('sha256', Buffer.from(text), { key: createPrivateKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

type Serving = { readonly state: State; readonly names: Names; readonly now: number };

function answerTo(path: string, serving: Serving): { readonly type: string; readonly text: string } | null {
  const vocabulary = vocabularyAt(path);
  if (vocabulary !== null) return vocabulary;
  const { state, names } = serving;
  const [, name = '', what = ''] = /^\/([a-z0-9-]+)\/(did\.json|credentials|chain\.pem|status)$/.exec(path) ?? [];
  const key = state.keys[name];
  if (!key) return null;
  if (what === 'did.json') return { type: 'application/did+json', text: JSON.stringify(documentOf(names.didOf(name), key, `${names.base(name)}/chain.pem`)) };
  if (what === 'chain.pem') return { type: 'application/x-pem-file', text: state.certified.chains[name] ?? '' };
  if (what === 'status') return { type: 'application/vc+jwt', text: listOf(name, serving) };
  const issued = state.issued[name];
  return issued ? { type: 'application/vc+jwt', text: issued.map(({ jwt }) => `${jwt}\n`).join('') } : null;
}

function listOf(issuer: string, { state, names, now }: Serving): string {
  const own = state.revoked.filter((each) => issuerOf(each) === issuer).toSorted();
  const revoked = own.join(' ');
  const there = state.lists[issuer];
  if (there?.revoked === revoked && there.madeAt > now - listRenewMs) return there.jwt;
  const did = names.didOf(issuer);
  const jwt = signed(statusList(`${names.base(issuer)}/status`, did, own, now), did, state.keys[issuer]);
  state.lists[issuer] = { jwt, madeAt: now, revoked };
  return jwt;
}

/** Who issued `member/kind`. */
function issuerOf(credential: string): string {
  const [member = '', kind = ''] = credential.split('/');
  const others: Readonly<Record<string, string>> = { registration: 'notary', label: 'labels', certifications: 'certification' };
  return others[kind] ?? member;
}

function documentOf(id: string, { kty, crv, x, y }: JsonWebKey, x5u: string): Plain {
  const method = { id: `${id}#key-1`, type: 'JsonWebKey', controller: id, publicKeyJwk: { kty, crv, x, y, kid: `${id}#key-1`, alg: 'ES256', x5u } };
  return { '@context': ['https://www.w3.org/ns/did/v1'], id, verificationMethod: [method], assertionMethod: [method.id] };
}
