import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HanseError } from '../../errors.ts';
import { readDidDocument } from './did.ts';
import { parseTrustedIssuers } from './trust.ts';

const words = fc.constantFrom('kty', 'crv', 'x', 'y', 'kid', 'roles', 'keys', 'id', 'verificationMethod', 'assertionMethod', 'publicKeyJwk', 'd', '__proto__');
const { node: given } = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.integer(),
    fc.constantFrom('EC', 'notary', 'P-256'),
    fc.constant(null),
    fc.dictionary(words, tie('node'), { maxKeys: 5 }),
    fc.array(tie('node'), { maxLength: 3 }),
  ),
}));

test('whatever stands in the configuration for an issuer is trust, or refused with its place and the remedy', () => {
  fc.assert(
    fc.property(given, (entry) => {
      try {
        expect(parseTrustedIssuers({ 'did:web:one.example': entry })).toHaveLength(1);
      } catch (error) {
        expect(error).toBeInstanceOf(HanseError);
        expect(error).toMatchObject({
          code: 'SETUP_FAILED',
          place: { path: 'credentials.trustedIssuers.did:web:one.example' },
          fix: expect.stringContaining('public JWK'),
        });
      }
    }),
    { numRuns: 2000, seed: 9 },
  );
});

test('never keeps a private key that was put where a public one belongs', () => {
  const jwk = { kty: 'EC', crv: 'P-256', x: 'a', y: 'b', d: 'canary' };
  expect(JSON.stringify(parseTrustedIssuers({ one: { ...jwk, roles: ['notary'] }, two: { keys: [jwk] } }))).not.toContain('canary');
});

test('any text is a DID document or turned down with a reason', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        given.map((document) => JSON.stringify(document)),
      ),
      (text) => {
        const read = readDidDocument(text);
        if (!('document' in read)) expect(read).toMatchObject({ reason: expect.stringMatching(/\w/) });
      },
    ),
    { numRuns: 2000, seed: 9 },
  );
});
