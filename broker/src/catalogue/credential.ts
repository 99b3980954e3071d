// A credential as received, taken apart without believing it. VC-JWT: W3C VC-JOSE-COSE and Gaia-X ICAM 25.11 §5.
import { z } from 'zod';
import { algorithms, isBase64Url, textFromBase64Url } from './pure-crypto.ts';
import type { Jwk } from './pure-crypto.ts';

/** 256 KiB: the largest published Gaia-X credentials are below a tenth of it. */
export const credentialBytesMax = 256 * 1024;

/** Canonical first; the others were met on tokens of Gaia-X notaries (2025) and in ICAM 24.07. */
const types = ['vc+jwt', 'vc+ld+json+jwt', 'vc+ld+jwt'] as const;
const contents = ['vc', 'vc+ld+json', 'vc+ld'] as const;

const text = z.string().min(1).max(2048);
/** Seconds; live notaries write milliseconds, and the W3C's examples write RFC 3339. */
const moment = z.union([z.number().nonnegative(), z.string().max(64)]);

const header = z.looseObject({
  alg: z.enum(algorithms),
  typ: z.enum(types),
  cty: z.enum(contents),
  kid: text,
  iss: text.optional(),
  iat: moment.optional(),
  exp: moment.optional(),
  crit: z.never('names extensions that have to be understood; none is').optional(),
  b64: z.never('changes what is signed').optional(),
});

const subject = z.looseObject({ id: text.optional(), '@id': text.optional() });
const one = <Item extends z.ZodType>(item: Item) => z.union([item.transform((each) => [each]), z.array(item).min(1).max(200)]);

const payload = z.looseObject({
  '@context': z
    .array(z.union([text, z.record(z.string(), z.json())]))
    .min(1)
    .max(20),
  id: text,
  type: one(text),
  issuer: z.union([text, z.looseObject({ id: text }).transform(({ id }) => id)]),
  validFrom: z.string().max(64),
  validUntil: z.string().max(64).optional(),
  iss: text.optional(),
  iat: moment.optional(),
  nbf: moment.optional(),
  exp: moment.optional(),
  credentialSubject: one(subject),
  credentialStatus: z.json().optional(),
  vc: z.never('must not be there: the payload is the credential itself').optional(),
  vp: z.never('must not be there: the payload is the credential itself').optional(),
});

export type Header = z.infer<typeof header>;
export type Payload = z.infer<typeof payload>;

export type Credential = {
  readonly header: Header;
  readonly payload: Payload;
  /** The payload as JSON, before anything was read from it: what other credentials name by digest. */
  readonly document: unknown;
  readonly signed: string;
  readonly signature: string;
};

/** The part that could not be read, and why. */
export type Unreadable = { readonly part: 'jws' | 'header' | 'claims'; readonly reason: string };

export function readCredential(received: string): Credential | Unreadable {
  if (received.length > credentialBytesMax) return { part: 'jws', reason: `it is larger than ${credentialBytesMax} bytes` };
  const [head = '', body = '', signature = '', ...rest] = received.split('.');
  if (rest.length > 0 || signature === '' || !isBase64Url(signature)) return { part: 'jws', reason: 'it is not three parts of base64url' };
  const headerText = textFromBase64Url(head);
  const payloadText = textFromBase64Url(body);
  if (headerText === null || payloadText === null) return { part: 'jws', reason: 'it is not three parts of base64url' };
  const readHeader = parsed(headerText, header);
  if (readHeader.value === undefined) return { part: 'header', reason: readHeader.reason };
  const readPayload = parsed(payloadText, payload);
  if (readPayload.value === undefined) return { part: 'claims', reason: readPayload.reason };
  return { header: readHeader.value, payload: readPayload.value, document: readPayload.document, signed: `${head}.${body}`, signature };
}

type Parsed<Value> = { readonly value: Value; readonly document: unknown } | { readonly value: undefined; readonly reason: string };

const depthMax = 40;

function parsed<Value>(json: string, schema: z.ZodType<Value>): Parsed<Value> {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch {
    return { value: undefined, reason: 'it is not JSON' };
  }
  if (depthOf(document) > depthMax) return { value: undefined, reason: `it is nested deeper than ${depthMax}` };
  const result = schema.safeParse(document);
  if (result.success) return { value: result.data, document };
  const issue = result.error.issues[0];
  return { value: undefined, reason: `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'malformed'}` };
}

const depthOf = (value: unknown): number => {
  let depth = 0;
  let level: unknown[] = [value];
  while (level.length > 0 && depth <= depthMax) {
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
    depth += 1;
  }
  return depth;
};

const jwk = z.object({
  kty: z.enum(['EC', 'OKP', 'RSA']),
  crv: z.string().max(20).optional(),
  x: z.string().max(200).optional(),
  y: z.string().max(200).optional(),
  n: z.string().max(2000).optional(),
  e: z.string().max(20).optional(),
  kid: z.string().max(300).optional(),
  alg: z.string().max(20).optional(),
}) satisfies z.ZodType<Jwk>;
/** Public parts only: a private key that was put there by mistake goes no further. */
export const publicJwk = jwk;

const didDocument = z.looseObject({
  id: text,
  verificationMethod: z
    .array(z.looseObject({ id: text, controller: text.optional(), publicKeyJwk: jwk.optional() }))
    .max(100)
    .default([]),
  assertionMethod: z
    .array(z.union([text, z.looseObject({ id: text, publicKeyJwk: jwk.optional() })]))
    .max(100)
    .default([]),
});

export type DidDocument = z.infer<typeof didDocument>;

export const readDidDocument = (received: string): Parsed<DidDocument> => parsed(received, didDocument);
