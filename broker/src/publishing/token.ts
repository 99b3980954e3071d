// Credentials and presentations as VC-JWT and VP-JWT (W3C VC-JOSE-COSE, Gaia-X ICAM 25.11 §5): what is to be signed, and what has been.
import { keyMismatch, profileFlaws, readReceived, verifySignature } from '../catalogue/index.ts';
import type { Algorithm, Credential, Jwk, Presentation } from '../catalogue/index.ts';
import { base64Url, thumbprint } from './pure-crypto.ts';

/** The public half of who signs. */
export type OwnKey = { readonly kid: string; readonly algorithm: Algorithm; readonly jwk: Jwk };

/** RFC 7638: the same key has the same name wherever it is used. */
export const ownKey = (did: string, jwk: Jwk, algorithm: Algorithm): OwnKey => ({
  kid: `${did}#${thumbprint(jwk)}`,
  algorithm,
  jwk: { ...jwk, alg: algorithm },
});

export type Document = Readonly<Record<string, unknown>>;

/** From now on, for so many days; times that the document has itself stay. */
export function dated(document: Document, nowMs: number, days: number): Document {
  const at = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  // a minute back: clocks of readers run behind
  return { ...document, validFrom: document['validFrom'] ?? at(nowMs - 60_000), validUntil: document['validUntil'] ?? at(nowMs + days * 86_400_000) };
}

const typed = { credential: { typ: 'vc+jwt', cty: 'vc' }, presentation: { typ: 'vp+jwt', cty: 'vp' } } as const;

/** Header and payload with the dot between them: the bytes that are signed. */
export const signingInput = (kind: keyof typeof typed, { kid, algorithm }: OwnKey, did: string, document: Document): string =>
  `${base64Url(JSON.stringify({ alg: algorithm, ...typed[kind], kid, iss: did }))}.${base64Url(JSON.stringify(document))}`;

export const presentationOf = (did: string, id: string, tokens: readonly string[]): Document => ({
  '@context': [contextV2],
  id,
  type: ['VerifiablePresentation'],
  holder: did,
  verifiableCredential: tokens.map((token) => ({ '@context': contextV2, id: `data:application/vc+jwt,${token}`, type: 'EnvelopedVerifiableCredential' })),
});

const contextV2 = 'https://www.w3.org/ns/credentials/v2';

export type Finished = { readonly token: string; readonly read: Credential | Presentation } | { readonly flaw: string };

/** Nothing leaves that our own judge would not take: structure, profile, and the signature against the public key. */
export function finish(input: string, signature: string, { algorithm, jwk }: OwnKey): Finished {
  const token = `${input}.${signature}`;
  const read = readReceived(token);
  if ('part' in read) return { flaw: `${read.part}: ${read.reason}` };
  const [flaw] = profileFlaws(read);
  if (flaw !== undefined) return { flaw: `profile: ${flaw}` };
  const mismatch = keyMismatch(jwk, algorithm);
  if (mismatch !== null) return { flaw: mismatch };
  return verifySignature(jwk, algorithm, read) ? { token, read } : { flaw: 'the signature is not by the private half of this public key' };
}
