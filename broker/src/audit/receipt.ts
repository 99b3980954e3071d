// A receipt: everything a decision was made from and what it answered, signed. Whoever has the public key can decide again, without a broker or a network.
import { z } from 'zod';
import { HanseError } from '../errors.ts';
import { decisionVersion, place } from '../placement/index.ts';
import type { Placement, PlacementRequest, Snapshot } from '../placement/index.ts';
import { fromBase64Url, keyIdOf, publicKeyFromPem, toBase64Url, utf8, verifyEd25519 } from './pure-crypto.ts';
import type { KeyObject } from './pure-crypto.ts';

export type ReceiptBody = {
  readonly id: string;
  /** RFC 3339. */
  readonly issuedAt: string;
  readonly owner: string;
  readonly operation: string;
  readonly application: string;
  readonly decisionVersion: number;
  readonly request: PlacementRequest;
  readonly snapshot: Snapshot;
  readonly placement: Placement;
  /** What was carried out where that is more than the decision chose: an application that was running grew. */
  readonly carriedOut: Placement['chosen'];
  /** Last link of the audit log when the receipt was signed; null: the log was empty. */
  readonly auditHead: { readonly seq: number; readonly hash: string } | null;
};

export type ReceiptVerdict =
  | { readonly verdict: 'valid'; readonly keyId: string; readonly receipt: ReceiptBody }
  /** Where it differs first, or what is wrong with it. */
  | { readonly verdict: 'invalid'; readonly reason: string }
  | { readonly verdict: 'unknown key'; readonly keyId: string }
  /** Signed by a known key, but decided by rules that this version does not have. */
  | { readonly verdict: 'other decision version'; readonly keyId: string; readonly version: number };

const type = 'hanse-receipt+jws';
/** 32 MiB: a decision over 5000 clusters with every reason. */
const charactersMax = 32 * 1024 * 1024;

/** JWS compact serialisation (RFC 7515) with EdDSA (RFC 8037). */
export function signReceipt(body: ReceiptBody, key: { readonly keyId: string; sign(bytes: Uint8Array): Uint8Array }): string {
  const part = (value: unknown): string => toBase64Url(utf8(JSON.stringify(value)));
  const signed = `${part({ alg: 'EdDSA', typ: type, kid: key.keyId })}.${part(body)}`;
  return `${signed}.${toBase64Url(key.sign(utf8(signed)))}`;
}

const header = z.strictObject({ alg: z.literal('EdDSA'), typ: z.literal(type), kid: z.string().max(100) });
const resources = z.object({ cpuMillis: z.number(), memoryBytes: z.number(), pods: z.number(), gpus: z.number() });
const assurance = z.enum(['asserted', 'declared', 'notarised', 'certified', 'measured']);
const names = z.array(z.string());
const chosen = z.array(z.object({ cluster: z.string(), replicas: z.number() })).nullable();
const opinion = z.object({
  criterion: z.string(),
  verdict: z.enum(['satisfied', 'excluded', 'scored']),
  score: z.number().exactOptional(),
  asked: z.string(),
  found: z.string(),
  source: z.string(),
});
const fact = z.object({
  name: z.string(),
  group: z.enum(['locality', 'technical', 'compliance']),
  value: z.union([z.string(), z.number(), z.boolean()]),
  unit: z.string().exactOptional(),
  assurance,
  credential: z.string(),
  issuer: z.string(),
  validUntil: z.string().nullable(),
});
const body = z.object({
  id: z.string(),
  issuedAt: z.string(),
  owner: z.string(),
  operation: z.string(),
  application: z.string(),
  decisionVersion: z.number(),
  request: z.object({
    subject: z.string(),
    replicas: z.int().min(0),
    each: resources,
    criteria: z.array(z.object({ fact: z.string(), operator: z.enum(['=', '!=', '>=', '<=', '>', '<']), values: names, assurance: assurance.exactOptional() })),
    preferences: z.array(z.object({ fact: z.string(), direction: z.enum(['lowest', 'highest']), weight: z.number() })),
    providersMin: z.number(),
    among: names.exactOptional(),
    exclude: names,
    reach: z.enum(['offered', 'added', 'federated']).exactOptional(),
  }),
  snapshot: z.object({
    version: z.number(),
    takenAt: z.string(),
    clusters: z.array(
      z.object({
        name: z.string(),
        role: z.enum(['home', 'provider']),
        provider: z.string(),
        offering: z.string().nullable(),
        reach: z.enum(['offered', 'added', 'federated']),
        facts: z.array(fact),
        free: resources.nullable(),
        freeSource: z.string(),
      }),
    ),
  }),
  placement: z.object({
    chosen,
    candidates: z.array(z.object({ cluster: z.string(), offering: z.string().nullable(), total: z.number().nullable(), opinions: z.array(opinion) })),
    snapshotVersion: z.number(),
    decisionVersion: z.number(),
  }),
  carriedOut: chosen,
  auditHead: z.object({ seq: z.number(), hash: z.string() }).nullable(),
}) satisfies z.ZodType<ReceiptBody>;

/** `publicKeys`: PEM (SubjectPublicKeyInfo), any of which may have signed it; INVALID_REQUEST when one cannot be read. Never reaches outside. */
export function verifyReceipt(jws: string, publicKeys: readonly string[]): ReceiptVerdict {
  const keys = new Map(publicKeys.map(readKey).map((key) => [keyIdOf(key), key]));
  const parts = partsOf(jws.trim());
  if (typeof parts === 'string') return { verdict: 'invalid', reason: parts };
  const { keyId, signed, signature, payload } = parts;
  const key = keys.get(keyId);
  if (key === undefined) return { verdict: 'unknown key', keyId };
  if (!verifyEd25519(key, utf8(signed), signature))
    return { verdict: 'invalid', reason: `the signature is not of ${keyId} over this content: it was changed after it was signed` };
  const parsed = body.safeParse(payload);
  if (!parsed.success) return { verdict: 'invalid', reason: `the content cannot be read at ${parsed.error.issues[0]?.path.join('.') ?? ''}` };
  const receipt = parsed.data;
  if (receipt.decisionVersion !== decisionVersion) return { verdict: 'other decision version', keyId, version: receipt.decisionVersion };
  const difference = firstDifference(place(receipt.request, receipt.snapshot), receipt.placement, 'placement');
  return difference === null ? { verdict: 'valid', keyId, receipt } : { verdict: 'invalid', reason: `decided again, it differs: ${difference}` };
}

function readKey(pem: string): KeyObject {
  try {
    return publicKeyFromPem(pem);
  } catch {
    throw new HanseError('INVALID_REQUEST', 'The public key cannot be read.', { fix: 'Give the file signing.pub of the broker that signed (PEM).' });
  }
}

type Parts = { readonly keyId: string; readonly signed: string; readonly signature: Uint8Array; readonly payload: unknown };

function partsOf(jws: string): Parts | string {
  if (jws.length > charactersMax) return `it is longer than ${charactersMax} characters`;
  const parts = jws.split('.');
  const [head = '', payload = '', signature = ''] = parts;
  // decoded and encoded again it has to be the same: not one spare bit may differ
  const isStrict = parts.length === 3 && parts.every((part) => /^[A-Za-z0-9_-]+$/.test(part) && toBase64Url(fromBase64Url(part)) === part);
  if (!isStrict) return 'it is not a receipt: three parts of base64url were expected';
  const read = header.safeParse(jsonOf(head));
  if (!read.success) return 'it is not a receipt: its header says otherwise';
  return { keyId: read.data.kid, signed: `${head}.${payload}`, signature: fromBase64Url(signature), payload: jsonOf(payload) };
}

const jsonOf = (part: string): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(fromBase64Url(part)));
  } catch {
    return undefined;
  }
};

/** A sentence; null: they are the same. */
export function firstDifference(expected: unknown, found: unknown, path: string): string | null {
  if (Object.is(expected, found)) return null;
  if (!isTree(expected) || !isTree(found) || Array.isArray(expected) !== Array.isArray(found))
    return `${path} is ${told(found)}, it has to be ${told(expected)}`;
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  for (const key of keys) {
    const difference = firstDifference(expected[key], found[key], `${path}.${key}`);
    if (difference !== null) return difference;
  }
  return null;
}

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

const told = (value: unknown): string => (JSON.stringify(value) ?? 'absent').slice(0, 120);
