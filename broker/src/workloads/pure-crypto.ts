// The only file of this capability that computes with node:crypto: digests, which the same bytes always give alike.
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** SHA-256 in hex of UTF-8 text. */
export const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** SHA-256 in hex of a value as canonical JSON (RFC 8785). */
export const digestOf = (value: unknown): string => sha256(canonicalize(value) ?? 'undefined');
