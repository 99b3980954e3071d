// A head: "the log was so long and ended in this hash", signed with a key that is not in the database.
import canonicalize from 'canonicalize';
import type { Link } from './chain.ts';
import { fromBase64Url, utf8, verifyEd25519 } from './pure-crypto.ts';
import type { KeyObject } from './pure-crypto.ts';

export type Head = Link & {
  readonly keyId: string;
  /** RFC 3339. */
  readonly at: string;
  /** Ed25519 (RFC 8032) over `headBytes`, base64url. */
  readonly signature: string;
};

/** What is signed: canonical JSON (RFC 8785) with a type of its own, so that the signature of something else is never a head. */
export const headBytes = ({ seq, hash, keyId, at }: Omit<Head, 'signature'>): Uint8Array =>
  utf8(canonicalize({ type: 'hanse.dev/audit-head/v1', seq, hash, keyId, at }) ?? '');

export const isSigned = (head: Head, key: KeyObject): boolean => verifyEd25519(key, headBytes(head), fromBase64Url(head.signature));

/** A head as people pass it on: `12:9f86…`. */
export const formatLink = ({ seq, hash }: Link): string => `${seq}:${hash}`;

/** null: not a head. */
export function parseLink(text: string): Link | null {
  const match = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text.trim());
  return match ? { seq: Number(match[1]), hash: match[2] ?? '' } : null;
}
