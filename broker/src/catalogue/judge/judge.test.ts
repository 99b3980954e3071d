import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aHeader, anIssuer, aPayload, signJwt } from '../../../../test/fixtures/issueCredentials.ts';
import type { Issuer } from '../../../../test/fixtures/issueCredentials.ts';
import { isReliable, judge, policyOf } from '../index.ts';
import type { Evidence, Found, Policy } from '../index.ts';

const now = '2026-11-22T08:00:00Z';
const validity = { from: '2026-11-01T00:00:00Z', until: '2027-02-01T00:00:00Z' };
const issuer = anIssuer('did:web:csp.example');
const other = anIssuer('did:web:csp.example');

const documentOf = ({ id, kid, jwk }: Issuer, more: object = {}): Found => ({
  text: JSON.stringify({ id, verificationMethod: [{ id: kid, type: 'JsonWebKey2020', controller: id, publicKeyJwk: jwk }], assertionMethod: [kid], ...more }),
  fetchedAt: now,
});
const evidenceOf = (document: Found | null): Evidence => new Map(document === null ? [] : [['https://csp.example/.well-known/did.json', document]]);
const trusting = policyOf({});
const good = evidenceOf(documentOf(issuer));
const payload = (more: object = {}): Record<string, unknown> =>
  aPayload(issuer, validity, 'https://csp.example/vc', [{ id: 'https://csp.example/vc#cs', type: 'hanse:FederableCluster' }], { ...more });
const signed = (headerMore: object = {}, payloadMore: object = {}, by: Issuer = issuer): string =>
  signJwt(by, aHeader(issuer, { ...headerMore }), payload(payloadMore));
const flaws = (received: string, evidence: Evidence = good, policy: Policy = trusting): string[] =>
  judge(received, evidence, policy, now)
    .checks.filter(({ blocks }) => blocks)
    .map(({ name, result }) => `${name} ${result}`);

test('relies on a credential whose every check passes, by did:web or by a configured key', () => {
  expect(flaws(signed())).toEqual([]);
  expect(isReliable(judge(signed(), good, trusting, now))).toBe(true);
  expect(flaws(signed(), evidenceOf(null), policyOf({ issuers: [{ id: issuer.id, roles: [], keys: [issuer.jwk] }] }))).toEqual([]);
  expect(judge(signed(), good, trusting, now).validUntil).toBe('2027-02-01T00:00:00.000Z');
});

test('never relies on a credential with any changed character', () => {
  const received = signed();
  fc.assert(
    fc.property(fc.nat(received.length - 1), fc.constantFrom(...'ABCxyz019-_.= '.split('')), (at, character) => {
      const changed = received.slice(0, at) + character + received.slice(at + 1);
      if (changed !== received) expect(isReliable(judge(changed, good, trusting, now))).toBe(false);
    }),
    { numRuns: 1500, seed: 3 },
  );
});

test('judges any garbage without a crash', () => {
  const partOf = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const garbage = fc.oneof(
    fc.string(),
    fc.tuple(fc.json(), fc.json()).map(([head, body]) => `${partOf(JSON.parse(head))}.${partOf(JSON.parse(body))}.AAAA`),
    fc.json().map((more) => signed({}, { credentialSubject: JSON.parse(more) })),
  );
  fc.assert(
    fc.property(garbage, (received) => {
      expect(judge(received, good, trusting, now).digest).toMatch(/^[0-9a-f]{64}$/);
    }),
    { numRuns: 1000, seed: 3 },
  );
});

const entry = { type: 'BitstringStatusListEntry', statusPurpose: 'revocation', statusListCredential: 'https://csp.example/status' };

describe('does not rely on', () => {
  test.each([
    ['a signature by another key', signed({}, {}, other), 'signature failed'],
    ['an unsigned token', `${signed({ alg: 'none' }).split('.').slice(0, 2).join('.')}.`, 'jws failed'],
    ['an algorithm of shared secrets', signed({ alg: 'HS256' }), 'header failed'],
    ['a foreign media type', signed({ typ: 'JWT' }), 'header failed'],
    ['an extension that has to be understood', signed({ crit: ['exp'] }), 'header failed'],
    ['a vc claim', signed({}, { vc: {} }), 'structure failed'],
    ['a payload without validFrom', signed({}, { validFrom: undefined }), 'profile failed'],
    ['another issuer in the header', signed({ iss: 'did:web:evil.example' }), 'issuer failed'],
    ['an issuer that is neither did:web nor configured', signed({ iss: undefined }, { issuer: 'https://csp.example' }), 'issuer failed'],
    ['the key of another DID', signed({ kid: 'did:web:evil.example#key-1' }), 'key failed'],
    ['what ended', signed({}, { validUntil: '2026-11-22T07:59:59Z' }), 'validity failed'],
    ['what is not valid yet', signed({}, { validFrom: '2026-11-23T00:00:00Z' }), 'validity failed'],
    ['an unreadable time', signed({}, { validUntil: 'tomorrow' }), 'structure failed'],
    ['a signature that ended, in seconds', signed({}, { exp: 1_790_000_000 }), 'validity failed'],
    ['a signature that ended, in milliseconds in the header', signed({ exp: 1_790_000_000_000 }), 'validity failed'],
    [
      'a prefix with a meaning of its own',
      signed({}, { '@context': ['https://www.w3.org/ns/credentials/v2', { hanse: 'https://evil.example/#' }] }),
      'context failed',
    ],
  ])('%s', (_, received, flaw) => {
    expect(flaws(received)).toContain(flaw);
    expect(isReliable(judge(received, good, trusting, now))).toBe(false);
  });

  test.each([
    ['a key that does not assert', documentOf(issuer, { assertionMethod: [] })],
    ['the document of another DID', documentOf(issuer, { id: 'did:web:evil.example' })],
    ['a document that is not JSON', { text: '<html>', fetchedAt: now }],
    ['a key of another curve', documentOf({ ...issuer, jwk: { ...issuer.jwk, crv: 'P-384' } })],
  ] as const)('%s', (_, document) => expect(flaws(signed(), evidenceOf(document))).toEqual(['key failed', 'signature unknown']));

  test('a document that could not be fetched, but says that this is unknown', () => {
    expect(flaws(signed(), evidenceOf({ failure: 'it timed out' }))).toEqual(['key unknown', 'signature unknown']);
  });
  test.each([
    ['a status of a kind that it does not know', { type: 'RevocationList2020Status', id: 'https://csp.example/s' }, 'status unknown'],
    ['a status list that was not fetched', { ...entry, statusListIndex: '7' }, 'status unknown'],
    ['a status without an index', entry, 'status failed'],
  ] as const)('%s', (_, credentialStatus, flaw) => expect(flaws(signed({}, { credentialStatus }))).toEqual([flaw]));
});

test('tolerates the spellings that live notaries use, and times in milliseconds', () => {
  expect(flaws(signed({ typ: 'vc+ld+jwt', cty: 'vc+ld', iat: 1_793_000_000_000, exp: 1_800_000_000_000 }))).toEqual([]);
  expect(flaws(signed({ typ: 'vc+ld+json+jwt', cty: 'vc+ld+json' }))).toEqual([]);
});

test('a subject gives no term a meaning of its own either, and may name the contexts that are known', () => {
  const subject = (context: unknown): string => signed({}, { credentialSubject: [{ id: 'urn:a', '@context': context, 'gx:x': { '@context': context } }] });
  expect(flaws(subject('https://w3id.org/gaia-x/development#'))).toEqual([]);
  expect(flaws(subject({ gx: 'https://evil.example/#' }))).toEqual(['context failed']);
  expect(flaws(subject(['https://evil.example/context']))).toEqual(['context unknown']);
  expect(flaws(subject({ '@vocab': 'https://evil.example/#' }))).toEqual(['context failed']);
});

test('only a label issuer of the configuration issues labels, whatever else it is trusted for', () => {
  const label = signed({}, { type: ['VerifiableCredential', 'gx:LabelCredential'] });
  const as = (...held: readonly ('notary' | 'labelIssuer')[]): Policy => policyOf({ issuers: [{ id: issuer.id, roles: held, keys: [] }] });
  expect(flaws(label)).toEqual(['right failed']);
  expect(flaws(label, good, as('notary'))).toEqual(['right failed']);
  expect(flaws(label, good, as('labelIssuer'))).toEqual([]);
});

test('what blocks is policy, what was found is not', () => {
  const open = signed({}, { credentialStatus: { ...entry, statusListIndex: '7' } });
  const lenient = policyOf({ requires: { status: 'notFailed' } });
  expect(flaws(open, good, lenient)).toEqual([]);
  const told = (policy: Policy) => judge(open, good, policy, now).checks.map(({ name, result, reason }) => ({ name, result, reason }));
  expect(told(lenient)).toEqual(told(trusting));
  // a failure is let through by no less than a demand of nothing
  expect(flaws(signed({}, {}, other), good, policyOf({ requires: { signature: 'notFailed' } }))).toEqual(['signature failed']);
});

test('each type of a credential is an address, or a term of a context', () => {
  const typed = (...types: string[]): string =>
    signed({}, { '@context': ['https://www.w3.org/ns/credentials/v2'], type: ['VerifiableCredential', ...types], credentialSubject: [{ id: 'urn:a' }] });
  expect(flaws(typed())).toEqual([]);
  expect(flaws(typed('https://x.example/Type', 'BitstringStatusListCredential'))).toEqual([]);
  expect(flaws(typed('Stray'))).toEqual(['jsonld failed']);
});

test('what has no canonical form, or a context that rests on itself by the thousand, is no crash', () => {
  const raw = (text: string): string => {
    const [header] = signed().split('.');
    return `${header}.${Buffer.from(text).toString('base64url')}.${'A'.repeat(86)}`;
  };
  const text = JSON.stringify(payload());
  for (const value of ['1e999', '"\\ud83d"']) expect(flaws(raw(text.replace('{', `{"credentialSubject2":${value},`)))).toContain('structure failed');
  const terms = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`t${index}`, `t${index + 1}:x`]));
  const ladder = signed({}, { '@context': ['https://www.w3.org/ns/credentials/v2', { ...terms, t1000: 'https://x.example/' }] });
  expect(judge(ladder, good, trusting, now).checks.find(({ name }) => name === 'jsonld')).toMatchObject({
    result: 'unknown',
    reason: expect.stringContaining('rests on more than'),
  });
});
