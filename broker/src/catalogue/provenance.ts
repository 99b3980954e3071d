// Whose word a credential is, as things that can be shown: the issuer, the key that signed, the certificates behind it, and the anchor in which they end.
// Judges nothing: what each is worth stands in the checks.
import { commonName } from './judge/chain.ts';
import { readReceived } from './judge/credential.ts';
import { didWebAddress } from './judge/did.ts';
import type { Evidence } from './judge/evidence.ts';
import { fetchedChain, keyOf, signerOf } from './judge/issuer.ts';
import type { Policy } from './judge/policy.ts';
import { rawCertificate } from './judge/pure-crypto.ts';
import type { Jwk, RawCertificate } from './judge/pure-crypto.ts';

export type ShownCertificate = {
  /** Common names, else the whole name. */
  readonly subject: string;
  readonly issuer: string;
  /** RFC 3339; null: it cannot be read. */
  readonly from: string | null;
  readonly until: string | null;
  /** Whether the configuration trusts it as it stands. */
  readonly isAnchor: boolean;
};

export type Provenance = {
  /** DID or URL of whoever signed. */
  readonly issuer: string;
  /** Where its key was looked up; null: it is configured. */
  readonly document: string | null;
  /** null: there is none that could be found. */
  readonly key: { readonly id: string | null; readonly kind: string; readonly algorithm: string } | null;
  /** Where the chain was fetched; null: it stands in the key, or there is none. */
  readonly chain: string | null;
  /** Leaf first, up to an anchor where one issued the last. Empty: the key names none. */
  readonly certificates: readonly ShownCertificate[];
};

/** null: nobody can be named, because it cannot be read. */
export function provenanceOf(received: string, evidence: Evidence, policy: Policy): Provenance | null {
  const read = readReceived(received);
  const issuer = 'part' in read ? undefined : signerOf(read);
  if ('part' in read || issuer === undefined) return null;
  const { jwk } = keyOf(read, evidence, policy);
  const isConfigured = policy.issuers.some(({ id, keys }) => id === issuer && keys.length > 0);
  return {
    issuer,
    document: isConfigured ? null : didWebAddress(issuer),
    key: jwk === null ? null : { id: read.header.kid ?? jwk.kid ?? null, kind: [jwk.kty, jwk.crv].filter(Boolean).join(' '), algorithm: read.header.alg },
    chain: jwk?.x5c === undefined ? (jwk?.x5u ?? null) : null,
    certificates: jwk === null ? [] : certificatesOf(jwk, evidence, policy),
  };
}

const shownMax = 10;

function certificatesOf(jwk: Jwk, evidence: Evidence, policy: Policy): readonly ShownCertificate[] {
  const texts = jwk.x5c ?? (jwk.x5u === undefined ? [] : fetchedChain(jwk.x5u, evidence));
  if ('name' in texts) return [];
  const anchors = policy.anchors.map(rawCertificate).filter((each) => each !== null);
  const chain = texts.slice(0, shownMax).map(rawCertificate);
  const read = chain.filter((each) => each !== null);
  const top = read.at(-1);
  const isAnchor = (each: RawCertificate): boolean => anchors.some(({ digest }) => digest === each.digest);
  const above = top === undefined || isAnchor(top) ? undefined : anchors.find((anchor) => anchor.issued(top));
  return [...read, ...(above === undefined ? [] : [above])].map((each) => ({
    subject: commonName(each.subject),
    issuer: commonName(each.issuer),
    from: timeOf(each.from),
    until: timeOf(each.until),
    isAnchor: isAnchor(each),
  }));
}

const timeOf = (ms: number): string | null => (Number.isNaN(ms) ? null : new Date(ms).toISOString());
