import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { someClusters, someRequest } from '../../../test/fixtures/randomWorlds.ts';
import { aCluster, aFact, aRequest, aSnapshot } from '../../../test/fixtures/worlds.ts';
import { decisionVersion, parseCriterion, parsePreference, place } from '../placement/index.ts';
import type { PlacementRequest, Snapshot } from '../placement/index.ts';
import { keyIdOf } from './pure-crypto.ts';
import { signReceipt, verifyReceipt } from './receipt.ts';
import type { ReceiptBody } from './receipt.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const key = { keyId: keyIdOf(publicKey), sign: (bytes: Uint8Array) => sign(null, bytes, privateKey) };
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const otherPem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();

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
  expect(verifyReceipt(signReceipt(body, key), [otherPem, pem])).toMatchObject({
    verdict: 'valid',
    keyId: key.keyId,
    receipt: { placement: { chosen: [{ cluster: 'pb', replicas: 2 }] } },
  });
  fc.assert(
    fc.property(someRequest, someClusters(), (asked, clusters) => {
      expect(verifyReceipt(signReceipt(bodyOf(asked, aSnapshot(...clusters)), key), [pem]).verdict).toBe('valid');
    }),
    { numRuns: 300, seed: 3 },
  );
});

test('detects every changed character', () => {
  const jws = signReceipt(body, key);
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
    const verdict = verifyReceipt(signReceipt({ ...body, ...more }, key), [pem]);
    expect(verdict).toMatchObject({ verdict: 'invalid', reason: expect.stringContaining(reason) });
  });
});

test('tells an unknown key and other rules from an invalid receipt', () => {
  expect(verifyReceipt(signReceipt(body, key), [otherPem])).toEqual({ verdict: 'unknown key', keyId: key.keyId });
  expect(verifyReceipt(signReceipt({ ...body, decisionVersion: 99 }, key), [pem])).toEqual({
    verdict: 'other decision version',
    keyId: key.keyId,
    version: 99,
  });
  expect(() => verifyReceipt(signReceipt(body, key), ['garbage'])).toThrow('The public key cannot be read.');
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
