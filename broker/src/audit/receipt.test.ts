import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { someClusters, someRequest } from '../../../test/fixtures/randomWorlds.ts';
import { aCluster, aFact, aRequest, aSnapshot } from '../../../test/fixtures/worlds.ts';
import { decisionVersion, parseCriterion, parsePreference, place } from '../placement/index.ts';
import type { PlacementRequest, Snapshot } from '../placement/index.ts';
import { keyIdOf } from './pure-crypto.ts';
import { redact, signReceipt, verifyReceipt } from './receipt.ts';
import type { ReceiptBody } from './receiptBody.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const key = { keyId: keyIdOf(publicKey), sign: (bytes: Uint8Array) => sign(null, bytes, privateKey) };
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const otherPem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();

const newSalt = (): string => randomBytes(16).toString('base64url');
const signed = (body: ReceiptBody): string => signReceipt(body, key, newSalt);

const bodyOf = (request: PlacementRequest, snapshot: Snapshot, more: Partial<ReceiptBody> = {}): ReceiptBody => ({
  id: 'op.shop',
  issuedAt: '2026-11-22T08:00:00Z',
  owner: 'default',
  operation: 'op',
  application: 'shop',
  decisionVersion,
  request,
  snapshot,
  placement: place(request, snapshot),
  carriedOut: null,
  auditHead: { seq: 4, hash: 'a'.repeat(64) },
  ...more,
});
const request = aRequest({ criteria: [parseCriterion('country=DE@declared')], preferences: [parsePreference('price')] });
const snapshot = aSnapshot(aCluster('pa', { facts: [aFact('country', 'NL')] }), aCluster('pb', { facts: [aFact('country', 'DE'), aFact('price', 0.03)] }));
const body = bodyOf(request, snapshot);

test('verifies offline what any decision signed', () => {
  expect(verifyReceipt(signed(body), [otherPem, pem])).toMatchObject({
    verdict: 'valid',
    keyId: key.keyId,
    receipt: { placement: { chosen: [{ cluster: 'pb', replicas: 2 }] } },
  });
  fc.assert(
    fc.property(someRequest, someClusters(), (asked, clusters) => {
      expect(verifyReceipt(signed(bodyOf(asked, aSnapshot(...clusters))), [pem]).verdict).toBe('valid');
    }),
    { numRuns: 300, seed: 3 },
  );
});

test('detects every changed character', () => {
  const jws = signed(body);
  fc.assert(
    fc.property(fc.nat(jws.length - 1), fc.constantFrom(...'ABCxyz019-_.= '.split('')), (at, character) => {
      const changed = jws.slice(0, at) + character + jws.slice(at + 1);
      if (changed.trim() !== jws) expect(verifyReceipt(changed, [pem]).verdict).not.toBe('valid');
    }),
    { numRuns: 1500, seed: 3 },
  );
});

describe('says where a signed receipt differs from its own decision', () => {
  const forged: readonly (readonly [string, Partial<ReceiptBody>, string])[] = [
    ['another choice', { placement: { ...body.placement, chosen: [{ cluster: 'pa', replicas: 2 }] } }, 'placement.chosen.0.cluster is "pa", it has to be "pb"'],
    ['a loser left out', { placement: { ...body.placement, candidates: body.placement.candidates.slice(0, 1) } }, 'placement.candidates.1 is absent'],
    ['a criterion slipped in', { request: { ...request, criteria: [] } }, 'decided again, it differs'],
    [
      'a fact changed',
      { snapshot: aSnapshot(...snapshot.clusters.map((cluster) => ({ ...cluster, facts: [aFact('country', 'DE')] }))) },
      'decided again, it differs',
    ],
  ];
  test.each(forged)('%s', (_, more, reason) => {
    const verdict = verifyReceipt(signed({ ...body, ...more }), [pem]);
    expect(verdict).toMatchObject({ verdict: 'invalid', reason: expect.stringContaining(reason) });
  });
});

test('tells an unknown key and other rules from an invalid receipt', () => {
  expect(verifyReceipt(signed(body), [otherPem])).toEqual({ verdict: 'unknown key', keyId: key.keyId });
  expect(verifyReceipt(signed({ ...body, decisionVersion: 99 }), [pem])).toEqual({
    verdict: 'other decision version',
    keyId: key.keyId,
    version: 99,
  });
  expect(() => verifyReceipt(signed(body), ['garbage'])).toThrow('The public key cannot be read.');
});

test('any garbage is invalid, never a crash', () => {
  const part = (text: string): string => Buffer.from(text).toString('base64url');
  const garbage = fc.oneof(
    fc.string(),
    fc.tuple(fc.json(), fc.json()).map(([head, payload]) => `${part(head)}.${part(payload)}.AAAA`),
  );
  fc.assert(
    fc.property(garbage, (text) => {
      expect(verifyReceipt(text, [pem]).verdict).toBe('invalid');
    }),
  );
});

describe('a receipt of which not everything is shown', () => {
  const names = snapshot.clusters.map(({ name }) => name);

  test('is partly checked, tells nothing of what was taken out, and never passes for a whole one', () => {
    const secret = aSnapshot(...snapshot.clusters, aCluster('rival', { facts: [aFact('country', 'FR'), aFact('city', 'Canaryville')] }));
    const shown = redact(signed(bodyOf(request, secret)), ['rival']);
    const told = shown.split(/[.~]/).map((part) => Buffer.from(part, 'base64url').toString());
    expect(told.join()).not.toMatch(/rival|Canaryville/);
    expect(verifyReceipt(shown, [pem])).toMatchObject({
      verdict: 'partly checked',
      redacted: 1,
      receipt: { placement: { chosen: [{ cluster: 'pb', replicas: 2 }] } },
    });
    expect(verifyReceipt(redact(shown, names), [pem])).toMatchObject({ verdict: 'partly checked', redacted: 3, receipt: { snapshot: { clusters: [] } } });
  });

  test('cannot be guessed back: the same content has another digest each time', () => {
    const digests = (jws: string): unknown => JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()).clusterDigests;
    expect(digests(signed(body))).not.toEqual(digests(signed(body)));
  });

  test('of any decision and any clusters taken out, everything that is shown is decided again', () => {
    fc.assert(
      fc.property(
        someRequest,
        someClusters().filter(({ length }) => length > 0),
        fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
        (asked, clusters, picks) => {
          const world = aSnapshot(...clusters);
          const out = [...new Set(picks.map((pick) => clusters[pick % clusters.length]?.name ?? ''))];
          const whole = signed(bodyOf(asked, world));
          expect(verifyReceipt(redact(whole, out), [pem])).toMatchObject({ verdict: 'partly checked', redacted: out.length });
          expect(verifyReceipt(whole, [pem])).toMatchObject({ verdict: 'valid' });
        },
      ),
      { numRuns: 300, seed: 4 },
    );
  });

  const forged = (change: Partial<ReceiptBody['placement']>): string => redact(signed({ ...body, placement: { ...body.placement, ...change } }), ['pa']);
  const changed = body.placement.candidates.map((candidate) => ({
    ...candidate,
    opinions: candidate.opinions.map((opinion) => ({ ...opinion, found: 'DE (certified)' })),
  }));
  const excluded = body.placement.candidates.map((candidate) => ({ ...candidate, total: null }));
  test.each([
    ['an opinion', forged({ candidates: changed }), 'opinions.0.found is "DE (certified)"'],
    ['a verdict', forged({ candidates: excluded }), 'isExcluded is true'],
    [
      'a choice that a shown criterion excludes',
      redact(signed({ ...body, placement: { ...body.placement, chosen: [{ cluster: 'pa', replicas: 2 }] } }), ['pb']),
      'chosen names pa',
    ],
  ])('is invalid where %s among what is shown is not what the rules say', (_, jws, reason) => {
    expect(verifyReceipt(jws, [pem])).toMatchObject({ verdict: 'invalid', reason: expect.stringContaining(reason) });
  });

  test('is invalid with what another receipt tells, with a cluster twice, and cut off', () => {
    const [jws = '', first = '', ...rest] = signed(body).split('~');
    const foreign = signed(body).split('~')[1] ?? '';
    for (const wrong of [
      [jws, foreign, ...rest],
      [jws, first, first, ...rest],
      [jws, first, ...rest.slice(0, -1)],
    ])
      expect(verifyReceipt(wrong.join('~'), [pem]).verdict).toBe('invalid');
  });

  test('is refused for a cluster that the receipt does not tell of', () => {
    expect(() => redact(signed(body), ['pz'])).toThrow('tells of no cluster pz');
    expect(() => redact('garbage', ['pa'])).toThrow('Nothing can be taken out');
  });
});

test('verifies receipts of the first form, which held everything under their signature', () => {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const content = `${part({ alg: 'EdDSA', typ: 'hanse-receipt+jws', kid: key.keyId })}.${part(body)}`;
  const jws = `${content}.${Buffer.from(key.sign(Buffer.from(content))).toString('base64url')}`;
  expect(verifyReceipt(jws, [pem])).toMatchObject({ verdict: 'valid' });
  expect(() => redact(jws, ['pa'])).toThrow('signed as a whole');
});
