// How Gaia-X names a credential by its contents: `sha256-` and hex over the canonical JSON (RFC 8785) of its payload. The W3C's SRI is base64.
import canonicalize from 'canonicalize';
import type { Credential } from './credential.ts';
import { isDocument } from './json.ts';
import { sha256Hex } from './pure-crypto.ts';

/** By the document that was read: it is asked for with every credential that might name it. */
const known = new WeakMap<object, string>();

export function sriOf({ document }: Pick<Credential, 'document'>): string {
  const there = isDocument(document) ? known.get(document) : undefined;
  if (there !== undefined) return there;
  const made = `sha256-${sha256Hex(canonicalize(document) ?? '')}`;
  if (isDocument(document)) known.set(document, made);
  return made;
}
