import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { aHeader, anIssuer, aPayload, signJwt } from '../../../../test/fixtures/issueCredentials.ts';
import { judge, policyOf, stateOf } from '../index.ts';
import type { Check, Found, Judgement } from '../index.ts';

const now = '2026-11-22T08:00:00Z';
const validity = { from: '2026-11-01T00:00:00Z', until: '2027-02-01T00:00:00Z' };
const issuer = anIssuer('did:web:csp.example');
const stranger = anIssuer('did:web:evil.example');
const policy = policyOf({ issuers: [issuer, stranger].map(({ id, jwk }) => ({ id, roles: [], keys: [jwk] })) });
const address = 'https://csp.example/status/1';

const entry = { type: 'BitstringStatusListEntry', statusPurpose: 'revocation', statusListIndex: '94567', statusListCredential: address };
const credential = (status: unknown): string =>
  signJwt(issuer, aHeader(issuer), aPayload(issuer, validity, 'https://csp.example/vc', [{ id: 'https://csp.example/vc#cs' }], { credentialStatus: status }));

const encode = (bits: Uint8Array): string => gzipSync(bits).toString('base64url');
const bitsWith = (set: readonly number[], bytes = 16_384): Uint8Array => {
  const bits = new Uint8Array(bytes);
  for (const index of set) bits[Math.floor(index / 8)] = (bits[Math.floor(index / 8)] ?? 0) | (0x80 >> (index % 8));
  return bits;
};
type ListMore = { readonly subject?: object; readonly payload?: object; readonly by?: typeof issuer; readonly until?: string };
const list = (set: readonly number[], { subject = {}, payload = {}, by = issuer, until = validity.until }: ListMore = {}): string => {
  const told = { id: `${address}#list`, type: 'BitstringStatusList', statusPurpose: 'revocation', encodedList: `u${encode(bitsWith(set))}`, ...subject };
  return signJwt(
    by,
    aHeader(by),
    aPayload(by, { ...validity, until }, address, [told], { type: ['VerifiableCredential', 'BitstringStatusListCredential'], ...payload }),
  );
};
const judged = (fetched: string | Found, status: unknown = entry): Judgement =>
  judge(credential(status), new Map([[address, typeof fetched === 'string' ? { text: fetched, fetchedAt: now } : fetched]]), policy, now);
const statusOf = (fetched: string | Found, status?: unknown): Check | undefined => judged(fetched, status).checks.find(({ name }) => name === 'status');

test('reads the very bit of a credential, as the specification numbers them', () => {
  expect(statusOf(list([]))).toMatchObject({ result: 'passed' });
  expect(statusOf(list([94_566, 94_568]))).toMatchObject({ result: 'passed' });
  expect(statusOf(list([94_567]))).toMatchObject({ result: 'failed', finding: 'revoked', blocks: true });
  expect(stateOf(judged(list([94_567])))).toBe('revoked');
});

test('reads the list of the example in the specification', () => {
  const encodedList = 'uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA';
  expect(statusOf(list([], { subject: { encodedList } }))).toMatchObject({ result: 'passed' });
});

test('tells suspension from revocation, and reads StatusList2021 and lists without a multibase prefix', () => {
  const suspension = { ...entry, statusPurpose: 'suspension' };
  expect(statusOf(list([94_567], { subject: { statusPurpose: 'suspension' } }), suspension)).toMatchObject({ finding: 'suspended' });
  const older = list([94_567], {
    subject: { type: 'StatusList2021', encodedList: encode(bitsWith([94_567])) },
    payload: { type: ['VerifiableCredential', 'StatusList2021Credential'] },
  });
  expect(statusOf(older, { ...entry, type: 'StatusList2021Entry' })).toMatchObject({ finding: 'revoked' });
});

/** Milliseconds where each character is read once, half a minute where padding is looked for from each of them anew. */
test('a list of nothing but padding is read once, and is no list', () => {
  expect(statusOf(list([], { subject: { encodedList: `${'='.repeat(180_000)}x` } }))).toMatchObject({ result: 'failed' });
}, 10_000);

describe('of entries with more than one bit', () => {
  const wide = { ...entry, statusSize: 2, statusMessage: ['0x0', '0x1', '0x2', '0x3'].map((status) => ({ status, message: status })) };
  const double = { encodedList: `u${encode(bitsWith([2 * 94_567], 2 * 16_384))}` };
  test('reads those of the credential, and not those of another one', () => {
    expect(statusOf(list([], { subject: double }), wide)).toMatchObject({ result: 'failed', finding: 'revoked' });
    expect(statusOf(list([], { subject: double }), { ...wide, statusListIndex: '94566' })).toMatchObject({ result: 'passed' });
  });
  test.each<readonly [string, object, object]>([
    ['where entry and list disagree', wide, { ...double, statusSize: 4 }],
    ['where only the list has them', entry, { ...double, statusSize: 2 }],
    ['without a message for each value', { ...wide, statusMessage: wide.statusMessage.slice(1) }, double],
    ['without messages', { ...entry, statusSize: 2 }, double],
    ['of no bits', { ...wide, statusSize: 0 }, double],
  ])('refuses them %s', (_, status, subject) => expect(statusOf(list([], { subject }), status)).toMatchObject({ result: 'failed' }));
});

test('a bit that is set for a purpose that nobody knows is not taken for a good sign', () => {
  const of = (statusPurpose: string) => statusOf(list([94_567], { subject: { statusPurpose } }), { ...entry, statusPurpose });
  expect(of('seizure')).toMatchObject({ result: 'unknown', blocks: true });
  expect(of('refresh')).toMatchObject({ result: 'passed' });
});

test('the worst of several entries decides', () => {
  const entries = [{ ...entry, statusListIndex: '1' }, entry, { type: 'Unheard', id: 'https://csp.example/s' }];
  expect(statusOf(list([]), entries)).toMatchObject({ result: 'unknown' });
  expect(statusOf(list([94_567]), entries)).toMatchObject({ result: 'failed', finding: 'revoked' });
});

describe('could not find out, which is not failed:', () => {
  test.each<readonly [string, string | Found]>([
    ['a list that could not be fetched', { failure: 'it timed out' }],
    ['a list that has ended', list([], { until: '2026-11-20T00:00:00Z' })],
    ['a list that may not be kept as long as it was', { text: list([], { subject: { ttl: 1000 } }), fetchedAt: '2026-11-22T07:00:00Z' }],
  ])('%s', (_, fetched) => expect(statusOf(fetched)).toMatchObject({ result: 'unknown', blocks: true }));
});

describe('does not believe', () => {
  const bomb = `u${gzipSync(new Uint8Array(64 * 1024 * 1024)).toString('base64url')}`;
  test.each<readonly [string, string, RegExp]>([
    ['a list of another issuer', list([], { by: stranger }), /is of did:web:evil\.example/],
    ['a list that was changed', list([]).replace(/.{4}$/, 'AAAA'), /signature/],
    ['a list about something else', list([], { subject: { statusPurpose: 'refresh' } }), /not about revocation/],
    ['a credential that is no list', list([], { payload: { type: ['VerifiableCredential'] } }), /is no BitstringStatusListCredential/],
    ['a list shorter than the specification allows', list([], { subject: { encodedList: `u${encode(new Uint8Array(100))}` } }), /fewer than 131072/],
    ['a list whose entries have another size', list([], { subject: { encodedList: `u${encode(bitsWith([], 16_384))}`, statusSize: 2 } }), /entries of 2 bits/],
    ['a list that unpacks to more than 16 MiB', list([], { subject: { encodedList: bomb } }), /larger than/],
    ['a list that is not packed', list([], { subject: { encodedList: 'uAAAA' } }), /not base64url of gzip/],
    ['a web page', '<html>', /cannot be read/],
  ])('%s', (_, fetched, reason) => expect(statusOf(fetched)).toMatchObject({ result: 'failed', reason: expect.stringMatching(reason) }));

  test.each([-1, 1.5, '1e3', '', null, 1e12, '99999999999'])('an index %j', (statusListIndex) => {
    expect(statusOf(list([]), { ...entry, statusListIndex })).toMatchObject({ result: 'failed' });
  });
  test('an index beyond the end', () => {
    expect(statusOf(list([]), { ...entry, statusListIndex: '131072' })).toMatchObject({ result: 'failed', reason: expect.stringContaining('no entry 131072') });
  });
});
