// Revocation and suspension: BitstringStatusList 1.0 (W3C Recommendation, May 2025) and StatusList2021. The list is a credential of the same issuer.
import { look } from './check.ts';
import type { Look } from './check.ts';
import type { Credential } from './credential.ts';
import { readCredential } from './credential.ts';
import type { Evidence } from './evidence.ts';
import { isDocument, listOf, quoted } from './json.ts';
import type { Document } from './json.ts';
import { isBase64Url, sha256Hex } from './pure-crypto.ts';
import { gunzip } from './pure-gzip.ts';

const kinds: Readonly<Record<string, { readonly list: string; readonly listCredential: string }>> = {
  BitstringStatusListEntry: { list: 'BitstringStatusList', listCredential: 'BitstringStatusListCredential' },
  StatusList2021Entry: { list: 'StatusList2021', listCredential: 'StatusList2021Credential' },
};

const entriesMax = 20;
/** 16 KiB: a shorter list would tell too much of whose credentials were looked at (both specifications). */
const listBytesMin = 16 * 1024;
const listBytesMax = 16 * 1024 * 1024;

/** Addresses of the lists that a credential names. */
export const statusAddresses = ({ payload }: Credential): readonly string[] =>
  listOf(payload.credentialStatus)
    .slice(0, entriesMax)
    .flatMap((entry) => (isDocument(entry) && typeof entry['statusListCredential'] === 'string' ? [entry['statusListCredential']] : []));

/** How a list is judged: as a credential of its own, without a look at its own status. */
export type ListJudge = (list: Credential) => { readonly flaw: Look | null };

export type StatusAt = { readonly evidence: Evidence; readonly at: number; readonly judgeList: ListJudge };

export function statusLook(credential: Credential, around: StatusAt): Look {
  const entries = listOf(credential.payload.credentialStatus);
  if (entries.length === 0) return look('status', 'passed', 'it names no status list');
  if (entries.length > entriesMax) return look('status', 'failed', `it names more than ${entriesMax} status entries`);
  const looks = entries.map((entry) => (isDocument(entry) ? entryLook(entry, credential, around) : look('status', 'failed', 'a status entry is no object')));
  return (
    (['failed', 'unknown', 'passed'] as const).flatMap((result) => looks.filter((each) => each.result === result))[0] ?? look('status', 'failed', 'no entry')
  );
}

function entryLook(entry: Document, credential: Credential, { evidence, at, judgeList }: StatusAt): Look {
  const type = listOf(entry['type']).find((each): each is string => typeof each === 'string' && Object.hasOwn(kinds, each));
  const kind = kinds[type ?? ''];
  if (kind === undefined) return look('status', 'unknown', `a status of type ${quoted(listOf(entry['type']).join(', '))} is not read here`);
  const { statusListCredential: address, statusPurpose: purpose } = entry;
  const index = indexOf(entry['statusListIndex']);
  const size = sizeOf(entry, kind);
  if (typeof address !== 'string' || typeof purpose !== 'string' || index === null)
    return look('status', 'failed', 'its status entry needs statusPurpose, statusListIndex and statusListCredential');
  if (size === null)
    return look('status', 'failed', 'its status entry has a statusSize that is no number from 1 to 8, or not a statusMessage for each of its values');
  const found = evidence.get(address);
  if (found === undefined || 'failure' in found)
    return look('status', 'unknown', `the status list ${address} could not be fetched: ${found?.failure ?? 'it was not tried'}`);
  const list = readCredential(found.text.trim());
  if ('part' in list) return look('status', 'failed', `the status list ${address} cannot be read: ${list.part}: ${list.reason}`);
  const flaw = listFlaw(list, { credential, kind, purpose });
  if (flaw !== null) return look('status', 'failed', `the status list ${address} ${flaw}`);
  const judged = judgeList(list).flaw;
  if (judged !== null)
    return look('status', judged.finding === 'expired' ? 'unknown' : judged.result, `the status list ${address}: ${judged.name}: ${judged.reason}`);
  const subject = listSubject(list);
  const ttl = subject['ttl'];
  if (typeof ttl === 'number' && at > Date.parse(found.fetchedAt) + Math.max(ttl, 0) + ttlGraceMs)
    return look('status', 'unknown', `the status list ${address} was fetched ${found.fetchedAt}, longer ago than it says that it may be kept`);
  return bitLook(found.text, subject, { index, size, purpose, address });
}

/** A list that says it may not be kept at all is still counted while it is being fetched again. */
const ttlGraceMs = 600_000;

/** For how long a list says that it may be kept, in milliseconds; null: it does not say. */
export function listTtlMs(list: Credential): number | null {
  const ttl = listSubject(list)['ttl'];
  return typeof ttl === 'number' ? Math.max(ttl, ttlMsMin) : null;
}

/** Nobody is asked more often because of it. */
const ttlMsMin = 30_000;

const listSubject = ({ payload }: Credential): Document => payload.credentialSubject[0] ?? {};

type ListOf = { readonly credential: Credential; readonly kind: { readonly list: string; readonly listCredential: string }; readonly purpose: string };

function listFlaw(list: Credential, { credential, kind, purpose }: ListOf): string | null {
  if (list.payload.issuer !== credential.payload.issuer) return `is of ${quoted(list.payload.issuer)}, not of ${quoted(credential.payload.issuer)}`;
  if (!list.payload.type.includes(kind.listCredential)) return `is no ${kind.listCredential}`;
  const subject = listSubject(list);
  if (!listOf(subject['type']).includes(kind.list)) return `has a subject that is no ${kind.list}`;
  return listOf(subject['statusPurpose']).includes(purpose) ? null : `is not about ${quoted(purpose)}`;
}

/** Bits of one entry: the entry says so itself (§2.2), the older specification knows one only. null: it is not said as it has to be. */
function sizeOf({ statusSize = 1, statusMessage }: Document, { list }: { readonly list: string }): number | null {
  if (list === 'StatusList2021') return 1;
  if (typeof statusSize !== 'number' || !Number.isInteger(statusSize) || statusSize < 1 || statusSize > 8) return null;
  const isTold = statusMessage === undefined ? statusSize === 1 : Array.isArray(statusMessage) && statusMessage.length === 2 ** statusSize;
  return isTold ? statusSize : null;
}

type Where = { readonly index: number; readonly size: number; readonly purpose: string; readonly address: string };

function bitLook(text: string, { encodedList, statusSize }: Document, { index, size, purpose, address }: Where): Look {
  // read by one of the two, the bits of others would be taken for this one's
  if (statusSize !== undefined && statusSize !== size)
    return look('status', 'failed', `the status list ${address} has entries of ${quoted(statusSize, 20)} bits, its own status entry says ${size}`);
  const bits = unpacked(text, encodedList);
  if (bits === null) return look('status', 'failed', `the status list ${address} is not base64url of gzip, or larger than ${listBytesMax} bytes`);
  if ((bits.length * 8) / size < listBytesMin * 8) return look('status', 'failed', `the status list ${address} has fewer than ${listBytesMin * 8} entries`);
  if (index >= (bits.length * 8) / size) return look('status', 'failed', `the status list ${address} has no entry ${index}`);
  const value = valueAt(bits, index * size, size);
  const where = `entry ${index} of ${address}`;
  if (value === 0) return look('status', 'passed', `not set: ${quoted(purpose)}, ${where}`);
  // neither takes anything back: they tell of a newer one, or something else
  if (purpose === 'refresh' || purpose === 'message') return look('status', 'passed', `${value} for ${purpose}, which takes nothing back: ${where}`);
  const finding = findings.get(purpose);
  if (finding === undefined) return look('status', 'unknown', `its issuer has set ${quoted(purpose)}, which is not known here: ${where}`);
  return look('status', 'failed', `its issuer has ${finding} it: ${where}`, finding);
}

const findings = new Map<string, 'revoked' | 'suspended'>([
  ['revocation', 'revoked'],
  ['suspension', 'suspended'],
]);

/** The first bit is the leftmost one of the first octet. */
function valueAt(bits: Uint8Array, from: number, size: number): number {
  let value = 0;
  for (let at = from; at < from + size; at += 1) value = value * 2 + (((bits[Math.floor(at / 8)] ?? 0) >> (7 - (at % 8))) & 1);
  return value;
}

/** The specification writes the index as a text; numbers are met. */
const indexOf = (given: unknown): number | null => {
  const number = typeof given === 'string' && /^\d{1,9}$/.test(given) ? Number(given) : given;
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number < 1e9 ? number : null;
};

/** Thousands of credentials name one list. By the digest of its text, so that it is the same whoever asks; a few, as each may take 16 MiB. */
const known = new Map<string, Uint8Array | null>();
const knownMax = 8;

function unpacked(text: string, encoded: unknown): Uint8Array | null {
  const key = sha256Hex(text);
  const there = known.get(key);
  if (there !== undefined) return there;
  const bits = decode(encoded);
  const [oldest] = known.keys();
  if (known.size >= knownMax && oldest !== undefined) known.delete(oldest);
  known.set(key, bits);
  return bits;
}

/** Multibase `u`, as BitstringStatusList has it; without it as StatusList2021 and ICAM's example have it. Padding is met. */
function decode(encoded: unknown): Uint8Array | null {
  if (typeof encoded !== 'string') return null;
  const bare = encoded.replace(/={1,2}$/, '');
  const forms = bare.startsWith('u') ? [bare.slice(1), bare] : [bare.replaceAll('+', '-').replaceAll('/', '_')];
  for (const form of forms) {
    const packed = isBase64Url(form) ? Buffer.from(form, 'base64url') : null;
    const bits = packed === null ? null : gunzip(packed, listBytesMax);
    if (bits !== null) return bits;
  }
  return null;
}
