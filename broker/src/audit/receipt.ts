// A receipt: everything a decision was made from and what it answered, signed. Whoever has the public key can decide again, without a broker or a network.
// Of each cluster the signature covers a salted digest only; what is told of it stands behind the signature, so that it can be taken out for a reader who may
// not see it while the rest still verifies (the form of SD-JWT, RFC 9901).
import { z } from 'zod';
import { HanseError } from '../errors.ts';
import { decisionVersion, place } from '../placement/index.ts';
import type { Candidate, SnapshotCluster } from '../placement/index.ts';
import { fromBase64Url, keyIdOf, publicKeyFromPem, sha256Base64Url, toBase64Url, utf8, verifyEd25519 } from './pure-crypto.ts';
import type { KeyObject } from './pure-crypto.ts';
import { receiptBody, shownCluster } from './receiptBody.ts';
import type { ReceiptBody } from './receiptBody.ts';

export type ReceiptVerdict =
  | { readonly verdict: 'valid'; readonly keyId: string; readonly receipt: ReceiptBody }
  /** Signed, and what is shown of it is as it has to be; of so many clusters it is not shown, so scores and the choice among all were not decided again. */
  | { readonly verdict: 'partly checked'; readonly keyId: string; readonly receipt: ReceiptBody; readonly redacted: number }
  /** Where it differs first, or what is wrong with it. */
  | { readonly verdict: 'invalid'; readonly reason: string }
  | { readonly verdict: 'unknown key'; readonly keyId: string }
  /** Signed by a known key, but decided by rules that this version does not have. */
  | { readonly verdict: 'other decision version'; readonly keyId: string; readonly version: number };

const type = 'hanse-receipt+jws';
/** 32 MiB: a decision over 5000 clusters with every reason. */
const charactersMax = 32 * 1024 * 1024;

type Signer = { readonly keyId: string; sign(bytes: Uint8Array): Uint8Array };

/** JWS compact serialisation (RFC 7515) with EdDSA (RFC 8037), then `~` and what is told of each cluster. `newSalt`: 128 random bits or more, each time others. */
export function signReceipt(body: ReceiptBody, key: Signer, newSalt: () => string): string {
  const candidates = new Map(body.placement.candidates.map((candidate) => [candidate.cluster, candidate]));
  const shown = body.snapshot.clusters.map((cluster) => encoded([newSalt(), cluster, candidates.get(cluster.name) ?? null]));
  const signed = {
    ...body,
    snapshot: { ...body.snapshot, clusters: [] },
    placement: { ...body.placement, candidates: [] },
    // sorted: their order tells nothing
    clusterDigests: shown.map(sha256Base64Url).toSorted(),
  };
  const content = `${encoded({ alg: 'EdDSA', typ: type, kid: key.keyId })}.${encoded(signed)}`;
  return [`${content}.${toBase64Url(key.sign(utf8(content)))}`, ...shown, ''].join('~');
}

const encoded = (value: unknown): string => toBase64Url(utf8(JSON.stringify(value)));

/** Takes out what is told of these clusters. INVALID_REQUEST when it is no receipt, tells of no such cluster, or was signed in a form that has to be whole. */
export function redact(receipt: string, clusters: readonly string[]): string {
  const parts = partsOf(receipt.trim());
  const fail = (why: string, fix: string): HanseError => new HanseError('INVALID_REQUEST', `Nothing can be taken out: ${why}.`, { fix });
  if (typeof parts === 'string') throw fail(parts, 'Give a receipt as hanse get receipts ID -o json writes it.');
  const shown = parts.shown.map(({ text, cluster }) => ({ text, name: cluster.name }));
  if (shown.length === 0) throw fail('it was signed as a whole, or everything is taken out already', 'Show it as it is.');
  const missing = clusters.find((cluster) => !shown.some(({ name }) => name === cluster));
  if (missing !== undefined)
    throw fail(`the receipt tells of no cluster ${missing}`, `Clusters that it tells of: ${shown.map(({ name }) => name).join(', ')}.`);
  return [parts.jws, ...shown.filter(({ name }) => !clusters.includes(name)).map(({ text }) => text), ''].join('~');
}

const header = z.strictObject({ alg: z.literal('EdDSA'), typ: z.literal(type), kid: z.string().max(100) });
/** Without digests it is of the first form, which held everything under its signature. */
const signedBody = receiptBody.extend({ clusterDigests: z.array(z.string().max(64)).default([]) });

/** `publicKeys`: PEM (SubjectPublicKeyInfo), any of which may have signed it; INVALID_REQUEST when one cannot be read. Never reaches outside. */
export function verifyReceipt(receipt: string, publicKeys: readonly string[]): ReceiptVerdict {
  const keys = new Map(publicKeys.map(readKey).map((key) => [keyIdOf(key), key]));
  const parts = partsOf(receipt.trim());
  if (typeof parts === 'string') return { verdict: 'invalid', reason: parts };
  const { keyId, signed, signature, payload } = parts;
  const key = keys.get(keyId);
  if (key === undefined) return { verdict: 'unknown key', keyId };
  if (!verifyEd25519(key, utf8(signed), signature))
    return { verdict: 'invalid', reason: `the signature is not of ${keyId} over this content: it was changed after it was signed` };
  const parsed = signedBody.safeParse(payload);
  if (!parsed.success) return { verdict: 'invalid', reason: `the content cannot be read at ${parsed.error.issues[0]?.path.join('.') ?? ''}` };
  const { clusterDigests, ...told } = parsed.data;
  if (told.decisionVersion !== decisionVersion) return { verdict: 'other decision version', keyId, version: told.decisionVersion };
  const redacted = new Set(clusterDigests);
  for (const { text, cluster } of parts.shown)
    if (!redacted.delete(sha256Base64Url(text))) return { verdict: 'invalid', reason: `what it tells of ${cluster.name} is not what was signed` };
  return judged(joined(told, parts.shown), keyId, redacted.size);
}

function judged(receipt: ReceiptBody, keyId: string, redacted: number): ReceiptVerdict {
  const difference = redacted === 0 ? firstDifference(place(receipt.request, receipt.snapshot), receipt.placement, 'placement') : shownDifference(receipt);
  if (difference !== null) return { verdict: 'invalid', reason: `decided again, it differs: ${difference}` };
  return redacted === 0 ? { verdict: 'valid', keyId, receipt } : { verdict: 'partly checked', keyId, receipt, redacted };
}

/** Candidates come best first, as they were decided. */
function joined(told: ReceiptBody, shown: readonly Shown[]): ReceiptBody {
  const { snapshot, placement } = told;
  const candidates = shown
    .flatMap(({ candidate }) => candidate ?? [])
    .toSorted((left, right) => (right.total ?? -1) - (left.total ?? -1) || (left.cluster < right.cluster ? -1 : 1));
  return {
    ...told,
    snapshot: { ...snapshot, clusters: [...snapshot.clusters, ...shown.map(({ cluster }) => cluster)] },
    placement: { ...placement, candidates: [...placement.candidates, ...candidates] },
  };
}

/** A score lies between the worst and the best of all clusters: of some of them it cannot be worked out. Everything else of an opinion can, and whether one that was chosen may be. */
function shownDifference({ request, snapshot, placement }: ReceiptBody): string | null {
  const byName = (candidates: readonly Candidate[]) =>
    Object.fromEntries(
      candidates.toSorted((left, right) => (left.cluster < right.cluster ? -1 : 1)).map((candidate) => [candidate.cluster, withoutScores(candidate)]),
    );
  const difference = firstDifference(byName(place(request, snapshot).candidates), byName(placement.candidates), 'placement.candidates');
  const wrong = placement.chosen?.find(({ cluster }) => placement.candidates.some((candidate) => candidate.cluster === cluster && candidate.total === null));
  return difference ?? (wrong === undefined ? null : `placement.chosen names ${wrong.cluster}, which a criterion excludes`);
}

const withoutScores = ({ total, opinions, ...candidate }: Candidate) => ({
  ...candidate,
  isExcluded: total === null,
  opinions: opinions.map(({ score: _, ...opinion }) => opinion),
});

function readKey(pem: string): KeyObject {
  try {
    return publicKeyFromPem(pem);
  } catch {
    throw new HanseError('INVALID_REQUEST', 'The public key cannot be read.', { fix: 'Give the file signing.pub of the broker that signed (PEM).' });
  }
}

/** `text`: as it stands in the receipt, which is what its digest is of. */
type Shown = { readonly text: string; readonly cluster: SnapshotCluster; readonly candidate: Candidate | null };
type Parts = {
  readonly jws: string;
  readonly keyId: string;
  readonly signed: string;
  readonly signature: Uint8Array;
  readonly payload: unknown;
  readonly shown: readonly Shown[];
};

function partsOf(receipt: string): Parts | string {
  if (receipt.length > charactersMax) return `it is longer than ${charactersMax} characters`;
  const [jws = '', ...texts] = receipt.split('~');
  const parts = jws.split('.');
  const [head = '', payload = '', signature = ''] = parts;
  if (parts.length !== 3 || !parts.every(isStrict)) return 'it is not a receipt: three parts of base64url were expected';
  const read = header.safeParse(jsonOf(head));
  if (!read.success) return 'it is not a receipt: its header says otherwise';
  if (texts.pop() ?? '') return 'it is cut off: it does not end with ~';
  const shown: Shown[] = [];
  for (const text of texts) {
    const one = isStrict(text) ? shownCluster.safeParse(jsonOf(text)) : null;
    if (one?.success !== true) return `what it tells of cluster ${shown.length + 1} cannot be read`;
    shown.push({ text, cluster: one.data[1], candidate: one.data[2] });
  }
  return { jws, keyId: read.data.kid, signed: `${head}.${payload}`, signature: fromBase64Url(signature), payload: jsonOf(payload), shown };
}

/** Decoded and encoded again it has to be the same: not one spare bit may differ. */
const isStrict = (part: string): boolean => /^[A-Za-z0-9_-]+$/.test(part) && toBase64Url(fromBase64Url(part)) === part;

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
