import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aHeader, anIssuer, aPayload, demoProviders, issueDemoCredentials, signJwt } from '../../../../test/fixtures/issueCredentials.ts';
import type { Issuer } from '../../../../test/fixtures/issueCredentials.ts';
import { isReliable, judge, offeringsOf, policyOf, stateOf } from '../index.ts';
import type { Judgement } from '../index.ts';

const at = Date.parse('2026-11-22T08:00:00Z');
const now = new Date(at).toISOString();
const demo = issueDemoCredentials(at, demoProviders.slice(0, 1));
const holder = anIssuer('did:web:holder.example');
const policy = policyOf({ issuers: [...demo.issuers, { id: holder.id, roles: [], keys: [holder.jwk] }] });
const verdict = (received: string): Judgement => judge(received, new Map(), policy, now);
const failing = (received: string): string[] =>
  verdict(received)
    .checks.filter(({ blocks }) => blocks)
    .map(({ name, result }) => `${name} ${result}`);

const envelope = (jwt: string, separator = ',', media = 'vc+jwt') => ({
  '@context': 'https://www.w3.org/ns/credentials/v2',
  type: 'EnvelopedVerifiableCredential',
  id: `data:application/${media}${separator}${jwt}`,
});
const present = (credentials: readonly object[], more: object = {}, headerMore: object = {}, by: Issuer = holder): string =>
  signJwt(by, aHeader(holder, { typ: 'vp+jwt', cty: 'vp', ...headerMore }), {
    '@context': ['https://www.w3.org/ns/credentials/v2'],
    type: ['VerifiablePresentation'],
    id: 'https://holder.example/vp',
    holder: holder.id,
    verifiableCredential: credentials,
    ...more,
  });
const all = Object.values(demo.files);

test('a presentation of good credentials is relied on, and offers what they offer', () => {
  const received = present(all.map((jwt) => envelope(jwt)));
  expect(failing(received)).toEqual([]);
  expect(verdict(received)).toMatchObject({ kind: 'presentation', contents: all.map(() => ({ kind: 'credential' })) });
  const { offerings, rejected } = offeringsOf([verdict(received)], policy);
  expect(offerings.map(({ cluster }) => cluster)).toEqual(['pa']);
  expect(rejected).toEqual([]);
});

test('takes the spellings of ICAM and of XFSC for what stands in it', () => {
  expect(
    failing(present([envelope(all[0] ?? '', ';'), envelope(all[1] ?? '', ',', 'vc+ld+json+jwt')], {}, { typ: 'vp+ld+json+jwt', cty: 'vp+ld+json' })),
  ).toEqual([]);
});

test('counts nothing of a presentation that its holder did not sign, and the good credentials of one that holds a bad one', () => {
  const stolen = present(
    all.map((jwt) => envelope(jwt)),
    {},
    {},
    anIssuer(holder.id),
  );
  expect(failing(stolen)).toEqual(['signature failed']);
  expect(offeringsOf([verdict(stolen)], policy).offerings).toEqual([]);
  const mixed = present([...all, `${all[0]?.slice(0, -4)}AAAA`].map((jwt) => envelope(jwt)));
  expect(failing(mixed)).toEqual(['contents failed']);
  expect(isReliable(verdict(mixed))).toBe(false);
  expect(offeringsOf([verdict(mixed)], policy).offerings).toHaveLength(1);
});

describe('does not rely on a presentation', () => {
  test.each([
    ['with the media type of a credential', present([], {}, { typ: 'vc+jwt', cty: 'vc' }), 'header failed'],
    ['with a vp claim', present([], { vp: {} }), 'structure failed'],
    ['of credentials in a string', present([], { verifiableCredential: all }), 'structure failed'],
    ['of credentials that are not signed', present([], { verifiableCredential: [{ type: ['VerifiableCredential'], issuer: holder.id }] }), 'profile failed'],
    ['of something that is no credential', present([envelope('not.a.token!')]), 'contents failed'],
    ['inside a presentation', present([envelope(present([]))]), 'contents failed'],
    ['of more credentials than are opened', present(Array.from({ length: 101 }, () => envelope(all[0] ?? ''))), 'contents failed'],
    ['of another holder than iss says', present([], { holder: 'did:web:evil.example' }), 'issuer failed'],
  ])('%s', (_, received, flaw) => expect(failing(received)).toContain(flaw));

  test('of a credential that is secured in a way that is not read, but says that this is unknown', () => {
    expect(failing(present([envelope('eyJ', ',', 'vc+sd-jwt')]))).toEqual(['contents unknown']);
  });
});

describe('Tagus is recognised and refused with that word', () => {
  const tagus = {
    '@context': ['https://www.w3.org/2018/credentials/v1', 'https://w3id.org/security/suites/jws-2020/v1'],
    type: ['VerifiableCredential'],
    id: 'https://csp.example/vc',
    issuer: 'did:web:csp.example',
    issuanceDate: '2023-05-01T00:00:00Z',
    credentialSubject: { id: 'https://csp.example/vc#cs', type: 'gx:LegalParticipant' },
    proof: { type: 'JsonWebSignature2020', jws: 'eyJ..x' },
  };
  test.each([
    ['a credential', JSON.stringify(tagus)],
    ['a list of them', JSON.stringify([tagus])],
    ['a presentation', JSON.stringify({ '@context': 'https://www.w3.org/2018/credentials/v1', type: 'VerifiablePresentation', verifiableCredential: [tagus] })],
    ['one in a token', signJwt(holder, aHeader(holder), tagus)],
  ])('%s', (_, received) => {
    expect(verdict(received).checks.at(-1)).toMatchObject({ result: 'failed', reason: expect.stringContaining('Tagus') });
    expect(stateOf(verdict(received))).toBe('refused');
  });

  test('and other JSON for what it is', () => {
    const { proof: _, ...unsigned } = { ...tagus, '@context': ['https://www.w3.org/ns/credentials/v2'] };
    expect(verdict(JSON.stringify(unsigned)).checks[0]?.reason).toContain('nobody signed');
    const proven = { ...unsigned, proof: { type: 'DataIntegrityProof' } };
    expect(verdict(JSON.stringify(proven)).checks[0]?.reason).toContain('Data Integrity');
  });
});

test('any JSON for a presentation is judged without a crash', () => {
  const hostile = fc.oneof(
    fc.json().map((text): unknown => JSON.parse(text)),
    fc.array(fc.constant({ type: 'EnvelopedVerifiableCredential', id: 'data:application/vc+jwt,a.b.c' }), { maxLength: 500 }),
  );
  fc.assert(
    fc.property(hostile, fc.constantFrom('verifiableCredential', 'holder', '@context', 'type', 'id', 'proof', 'iat'), (value, key) => {
      const received = present([], { [key]: value });
      expect(verdict(received).checks.length).toBeGreaterThan(0);
      expect(verdict(JSON.stringify({ [key]: value })).checks[0]).toMatchObject({ result: 'failed' });
    }),
    { numRuns: 300, seed: 5 },
  );
});

test.each([41, 1_000, 90_000, 900_000])('JSON of %i levels is refused before anybody walks through it', (depth) => {
  const bomb = `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  const header = Buffer.from(JSON.stringify(aHeader(holder))).toString('base64url');
  const deep = /nested deeper|larger than/;
  expect(verdict(`${header}.${Buffer.from(bomb).toString('base64url')}.AAAA`).checks.at(-1)).toMatchObject({
    result: 'failed',
    reason: expect.stringMatching(deep),
  });
  expect(verdict(`${Buffer.from(bomb).toString('base64url')}.e30.AAAA`).checks.at(-1)).toMatchObject({ result: 'failed', reason: expect.stringMatching(deep) });
  expect(verdict(bomb).checks.at(-1)).toMatchObject({ result: 'failed', reason: expect.stringMatching(deep) });
});

test('a hundred megabytes are refused by their length', () => {
  expect(verdict('e'.repeat(100 * 1024 * 1024)).checks).toMatchObject([{ name: 'jws', result: 'failed', reason: expect.stringContaining('larger than') }]);
});

test('a credential that was issued anew stays deprecated when the newer one was taken back', () => {
  const own = anIssuer('did:web:own.example');
  const rules = policyOf({ issuers: [{ id: own.id, roles: [], keys: [own.jwk] }] });
  const issue = (from: string, until: string): string =>
    signJwt(own, aHeader(own), aPayload(own, { from, until }, 'https://own.example/vc', [{ id: 'https://own.example/c', type: 'hanse:FederableCluster' }]));
  const states = (received: readonly string[]): string[] =>
    offeringsOf(
      received.map((each) => judge(each, new Map(), rules, now)),
      rules,
    )
      .judgements.map((each) => stateOf(each))
      .toSorted();
  const old = issue('2026-11-01T00:00:00Z', '2027-01-01T00:00:00Z');
  expect(states([old, issue('2026-11-10T00:00:00Z', '2027-01-01T00:00:00Z')])).toEqual(['active', 'deprecated']);
  expect(states([old, issue('2026-11-10T00:00:00Z', '2026-11-11T00:00:00Z')])).toEqual(['deprecated', 'expired']);
  // what does not count yet takes nothing's place
  expect(states([old, issue('2026-12-10T00:00:00Z', '2027-01-11T00:00:00Z')])).toEqual(['active', 'refused']);
});
