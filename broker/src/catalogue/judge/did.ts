// did:web (W3C CCG draft): where the document lies, and which of its keys may assert.
import { z } from 'zod';
import type { Jwk } from './pure-crypto.ts';
import { parseJson } from './json.ts';

const didMax = 1024;
const part = /^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+$/;

/** Host, with its port where one is named, and path; null: not did:web. Only ASCII: a name that looks like another is written as what it is (xn--…). */
function partsOf(did: string): { readonly host: string; readonly path: readonly string[] } | null {
  if (did.length > didMax || !did.startsWith('did:web:')) return null;
  const [host = '', ...path] = did.slice('did:web:'.length).split(':');
  if (!/^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*(%3[Aa]\d{1,5})?$/.test(host) || host.length > 260) return null;
  const [name = '', port = '443'] = host.split(/%3[Aa]/);
  if (!isName(name) || Number(port) < 1 || Number(port) > 65_535) return null;
  // what is escaped here would be a path, a host or a query to somebody: slashes, backslashes, dots, control characters
  const isFit = path.every((each) => part.test(each) && !/^\.+$/.test(each) && !/%(2F|5C|2E|3F|23|25|[01][0-9A-F]|7F|[89A-F][0-9A-F])/.test(each));
  return isFit ? { host: host.replace(/%3[Aa]/, ':'), path } : null;
}

/** What ends in a number is an IPv4 address to every URL (WHATWG URL, "ends in a number"), so it has to be one, written as usual. */
const isName = (host: string): boolean =>
  !/(^|\.)(\d+|0[xX][0-9A-Fa-f]*)$/.test(host) || (/^((0|[1-9]\d{0,2})(\.|$)){4}$/.test(host) && host.split('.').every((each) => Number(each) < 256));

/** did:web:host%3A8443:a:b → https://host:8443/a/b/did.json; a bare host → /.well-known/did.json. null: not did:web. */
export function didWebAddress(did: string): string | null {
  const parts = partsOf(did);
  if (parts === null) return null;
  return parts.path.length === 0 ? `https://${parts.host}/.well-known/did.json` : `https://${parts.host}/${parts.path.join('/')}/did.json`;
}

/** Without its port. */
export const didWebHost = (did: string): string | null => partsOf(did)?.host.replace(/:\d+$/, '') ?? null;

const text = z.string().min(1).max(2048);

/** Public parts only: a private key that was put there by mistake goes no further. */
export const publicJwk = z.object({
  kty: z.enum(['EC', 'OKP', 'RSA']),
  crv: z.string().max(20).optional(),
  x: z.string().max(200).optional(),
  y: z.string().max(200).optional(),
  n: z.string().max(2000).optional(),
  e: z.string().max(20).optional(),
  kid: z.string().max(300).optional(),
  alg: z.string().max(20).optional(),
  use: z.string().max(20).optional(),
  key_ops: z.array(z.string().max(20)).max(10).optional(),
  x5u: z.string().max(2048).optional(),
  x5c: z.array(z.string().max(16_384)).min(1).max(20).optional(),
}) satisfies z.ZodType<Jwk>;

const method = z.looseObject({ id: text, controller: z.union([text, z.array(text).max(20)]).optional(), publicKeyJwk: publicJwk.optional() });
const didDocument = z.looseObject({
  id: text,
  verificationMethod: z.array(method).max(100).default([]),
  assertionMethod: z
    .array(z.union([text, method]))
    .max(100)
    .default([]),
});

export type DidDocument = z.infer<typeof didDocument>;

export function readDidDocument(received: string): { readonly document: DidDocument } | { readonly reason: string } {
  const parsed = parseJson(received);
  if ('reason' in parsed) return parsed;
  const read = didDocument.safeParse(parsed.value);
  if (read.success) return { document: read.data };
  const issue = read.error.issues[0];
  return { reason: `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'malformed'}` };
}

export type KeyOfDocument = { readonly key: Jwk } | { readonly flaw: string };

/** `kid`: as the header names it, with or without the DID in front. */
export function assertingKey({ id, verificationMethod, assertionMethod }: DidDocument, kid: string): KeyOfDocument {
  const isNamed = (name: string): boolean => name === kid || `${id}${name}` === kid;
  const asserting = assertionMethod.find((each) => isNamed(typeof each === 'string' ? each : each.id));
  if (asserting === undefined) return { flaw: `${kid} is not an assertionMethod of ${id}` };
  const found = typeof asserting === 'string' ? verificationMethod.filter((each) => isNamed(each.id)) : [asserting];
  if (found.length > 1) return { flaw: `the document of ${id} has ${kid} more than once` };
  const [named] = found;
  if (named?.publicKeyJwk === undefined) return { flaw: `the document of ${id} has no publicKeyJwk for ${kid}` };
  const controllers = [named.controller ?? id].flat();
  return controllers.includes(id) ? { key: named.publicKeyJwk } : { flaw: `${kid} is controlled by ${controllers.join(', ')}, not by ${id}` };
}
