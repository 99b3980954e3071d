// Whether a credential can be relied on: every check with its reason, from bytes and evidence alone, so that it can be judged again at any time.
import { readCredential, readDidDocument } from './credential.ts';
import type { Credential, Payload } from './credential.ts';
import { keyMismatch, sha256Hex, verifySignature } from './pure-crypto.ts';
import type { Jwk } from './pure-crypto.ts';

export const roles = ['notary', 'labelIssuer', 'certificationBody'] as const;
export type Role = (typeof roles)[number];

/** An issuer that the configuration knows: what it may attest, and its keys where they are not to be had from did:web. */
export type TrustedIssuer = { readonly id: string; readonly roles: readonly Role[]; readonly keys: readonly Jwk[] };

/** A did:web document as received and when, or why it could not be fetched. */
export type DidEvidence = { readonly bytes: string; readonly fetchedAt: string } | { readonly failure: string };
export type Evidence = { readonly documents: ReadonlyMap<string, DidEvidence>; readonly issuers: readonly TrustedIssuer[] };

export type CheckName = 'jws' | 'header' | 'claims' | 'context' | 'issuer' | 'key' | 'signature' | 'validity' | 'status';
/** `unknown`: it could not be found out, which is not the same as failed, and not a pass either. */
export type Check = { readonly name: CheckName; readonly result: 'passed' | 'failed' | 'unknown'; readonly reason: string };

export type Judgement = {
  /** SHA-256 (hex) of the credential as received. */
  readonly digest: string;
  /** null when it could not be taken apart. */
  readonly credential: Credential | null;
  readonly checks: readonly Check[];
  /** The earliest end of anything it rests on, RFC 3339; null: none was named. */
  readonly validUntil: string | null;
};

/** Clocks of issuers may run ahead by this. */
const skewMs = 60_000;

/** `now`: RFC 3339. */
export function judge(received: string, evidence: Evidence, now: string): Judgement {
  const digest = sha256Hex(received);
  const credential = readCredential(received);
  if ('part' in credential)
    return { digest, credential: null, checks: [{ name: credential.part, result: 'failed', reason: credential.reason }], validUntil: null };
  const read: Check[] = (['jws', 'header', 'claims'] as const).map((name) => ({ name, result: 'passed', reason: 'as VC-JOSE-COSE and ICAM 25.11 ask' }));
  const { key, checks } = keyChecks(credential, evidence);
  const { check: validity, validUntil } = validityCheck(credential, now);
  return {
    digest,
    credential,
    checks: [...read, contextCheck(credential.payload), ...checks, signatureCheck(credential, key), validity, statusCheck(credential.payload)],
    validUntil,
  };
}

/** Nothing failed and nothing is left open. */
export const isReliable = ({ credential, checks }: Judgement): boolean => credential !== null && checks.every(({ result }) => result === 'passed');

const knownContexts = [/^https:\/\/www\.w3\.org\/ns\/credentials\/v2$/, /^https:\/\/w3id\.org\/gaia-x\/[a-z0-9]+#?$/, /^https:\/\/hanse\.dev\/ns\/?#?$/];
const knownPrefixes: Readonly<Record<string, RegExp>> = {
  gx: /^https:\/\/w3id\.org\/gaia-x\/[a-z0-9]+#$/,
  hanse: /^https:\/\/hanse\.dev\/ns#$/,
  schema: /^https?:\/\/schema\.org\/$/,
  vcard: /^http:\/\/www\.w3\.org\/2006\/vcard\/ns#$/,
  qudt: /^https?:\/\/qudt\.org\/schema\/qudt\/$/,
  cred: /^https:\/\/www\.w3\.org\/2018\/credentials#$/,
  xsd: /^http:\/\/www\.w3\.org\/2001\/XMLSchema#$/,
};

/** Terms are read by their prefix, so a prefix may only mean what everyone means by it. */
function contextCheck({ '@context': contexts, type }: Payload): Check {
  const check = (result: Check['result'], reason: string): Check => ({ name: 'context', result, reason });
  if (contexts[0] !== 'https://www.w3.org/ns/credentials/v2') return check('failed', 'the first context has to be https://www.w3.org/ns/credentials/v2');
  if (!type[0]?.split(',').includes('VerifiableCredential')) return check('failed', 'the first type has to be VerifiableCredential');
  for (const context of contexts) {
    if (typeof context === 'string' && !knownContexts.some((known) => known.test(context))) return check('unknown', `the context ${context} is not known here`);
    if (typeof context === 'string') continue;
    const stranger = Object.entries(context).find(
      ([prefix, meaning]) => typeof meaning !== 'string' || !Object.hasOwn(knownPrefixes, prefix) || !knownPrefixes[prefix]?.test(meaning),
    );
    if (stranger !== undefined) return check('failed', `the context gives "${stranger[0].slice(0, 60)}" a meaning of its own`);
  }
  return check('passed', 'every term means what its vocabulary says');
}

type Found = { readonly key: Jwk | null; readonly checks: readonly Check[] };

function keyChecks(credential: Credential, { documents, issuers }: Evidence): Found {
  const { header, payload } = credential;
  const issuer = payload.issuer;
  const other = [header.iss, payload.iss].find((claimed) => claimed !== undefined && claimed !== issuer);
  if (other !== undefined) return keyless('issuer', `the issuer is ${issuer}, but iss says ${other}`);
  const configured = issuers.find(({ id }) => id === issuer);
  if (configured !== undefined && configured.keys.length > 0) return fromConfiguration(credential, configured);
  if (!isDidWeb(issuer)) return keyless('issuer', `${issuer} is neither did:web nor an issuer that the configuration gives a key for`);
  const known: Check = { name: 'issuer', result: 'passed', reason: 'did:web, the same in header and payload' };
  if (!header.kid.startsWith(`${issuer}#`))
    return { key: null, checks: [known, { name: 'key', result: 'failed', reason: `${header.kid} is not a key of ${issuer}` }] };
  const found = fromDocument(credential, documents.get(issuer));
  return { key: found.key, checks: [known, found.check] };
}

const isDidWeb = (issuer: string): boolean => /^did:web:[A-Za-z0-9._%-]+(:[A-Za-z0-9._%-]+)*$/.test(issuer);

const keyless = (name: CheckName, reason: string): Found => ({ key: null, checks: [{ name, result: 'failed', reason }] });

function fromConfiguration({ header, payload }: Credential, { keys }: TrustedIssuer): Found {
  const known: Check = { name: 'issuer', result: 'passed', reason: 'its key is configured' };
  const names = (jwk: Jwk): boolean => jwk.kid === header.kid || `${payload.issuer}#${jwk.kid}` === header.kid;
  const key = keys.find(names) ?? null;
  const mismatch = key === null ? `the configuration has no key ${header.kid} for ${payload.issuer}` : keyMismatch(key, header.alg);
  const check: Check = { name: 'key', result: mismatch === null ? 'passed' : 'failed', reason: mismatch ?? 'the configured key' };
  return { key: mismatch === null ? key : null, checks: [known, check] };
}

function fromDocument({ header, payload }: Credential, evidence: DidEvidence | undefined): { readonly key: Jwk | null; readonly check: Check } {
  const answer = (result: Check['result'], reason: string, key: Jwk | null = null) => ({ key, check: { name: 'key', result, reason } as const });
  if (evidence === undefined || 'failure' in evidence)
    return answer('unknown', `the document of ${payload.issuer} could not be fetched: ${evidence?.failure ?? 'it was not tried'}`);
  const read = readDidDocument(evidence.bytes);
  if (read.value === undefined) return answer('failed', `the document of ${payload.issuer} cannot be read: ${read.reason}`);
  const { id, verificationMethod, assertionMethod } = read.value;
  if (id !== payload.issuer) return answer('failed', `the document of ${payload.issuer} is of ${id}`);
  const isNamed = (name: string): boolean => name === header.kid || `${id}${name}` === header.kid;
  const asserting = assertionMethod.find((method) => isNamed(typeof method === 'string' ? method : method.id));
  if (asserting === undefined) return answer('failed', `${header.kid} is not an assertionMethod of ${id}`);
  const key = typeof asserting === 'string' ? verificationMethod.find((method) => isNamed(method.id))?.publicKeyJwk : asserting.publicKeyJwk;
  if (key === undefined) return answer('failed', `the document of ${id} has no publicKeyJwk for ${header.kid}`);
  const mismatch = keyMismatch(key, header.alg);
  return mismatch === null ? answer('passed', `assertionMethod of ${id}, fetched ${evidence.fetchedAt}`, key) : answer('failed', mismatch);
}

function signatureCheck(credential: Credential, key: Jwk | null): Check {
  if (key === null) return { name: 'signature', result: 'unknown', reason: 'there is no key to check it with' };
  return verifySignature(key, credential.header.alg, credential)
    ? { name: 'signature', result: 'passed', reason: `${credential.header.alg} by ${credential.header.kid}` }
    : { name: 'signature', result: 'failed', reason: `it is not the signature of ${credential.header.kid} over these bytes` };
}

/** Above this a number of seconds would be in the year 5138: it is milliseconds. */
const millisecondsFrom = 1e11;

const timeOf = (moment: string | number): number => (typeof moment === 'string' ? Date.parse(moment) : moment > millisecondsFrom ? moment : moment * 1000);

function validityCheck({ header, payload }: Credential, now: string): { readonly check: Check; readonly validUntil: string | null } {
  const at = Date.parse(now);
  const starts = [payload.validFrom, payload.iat, payload.nbf, header.iat].filter((moment) => moment !== undefined).map(timeOf);
  const ends = [payload.validUntil, payload.exp, header.exp].filter((moment) => moment !== undefined).map(timeOf);
  // beyond what a date can say: ±100,000,000 days
  const isTime = (time: number): boolean => Math.abs(time) <= 8.64e15;
  const check = (result: Check['result'], reason: string): Check => ({ name: 'validity', result, reason });
  if (![...starts, ...ends].every(isTime)) return { check: check('failed', 'a time in it cannot be read'), validUntil: null };
  const start = Math.max(...starts);
  const end = ends.length === 0 ? null : Math.min(...ends);
  const validUntil = end === null ? null : new Date(end).toISOString();
  if (start > at + skewMs) return { check: check('failed', `it is valid from ${new Date(start).toISOString()} on`), validUntil };
  if (end !== null && end <= at) return { check: check('failed', `it ended ${new Date(end).toISOString()}`), validUntil };
  return { check: check('passed', end === null ? 'it names no end' : `until ${new Date(end).toISOString()}`), validUntil };
}

/** Status lists are not read yet: a credential that could have been revoked is not relied on. */
const statusCheck = ({ credentialStatus }: Payload): Check =>
  credentialStatus === undefined
    ? { name: 'status', result: 'passed', reason: 'it names no status list' }
    : { name: 'status', result: 'unknown', reason: 'it names a status list, and status lists are not read yet' };
