// No key is taken for what it is not: neither by what a token says of itself, nor by how its parts are spelt.
import { constants, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { aHeader, anIssuer, aPayload, signJwt } from '../../../../test/fixtures/issueCredentials.ts';
import { judge, policyOf } from '../index.ts';
import type { Evidence } from '../index.ts';

const now = '2026-11-22T08:00:00Z';
const own = anIssuer('did:web:csp.example');
const thief = anIssuer('did:web:csp.example');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
/** Any modulus: a flaw of the number itself is found before a signature is looked at. */
const modulusOf = (value: bigint): string => Buffer.from(value.toString(16).padStart(512, '0'), 'hex').toString('base64url');
/** As the chips of CVE-2017-15361 make them: a multiple of the small primes and a power of 65537. */
const rocaModulus = (): string => {
  const primes = Array.from({ length: 166 }, (_, at) => at + 2).filter((n) => Array.from({ length: n - 2 }, (_, at) => at + 2).every((d) => n % d !== 0));
  const product = primes.reduce((all, prime) => all * BigInt(prime), 1n);
  return modulusOf((2n ** 2047n / product + 1n) * product + (65537n ** 9n % product));
};
const payload = aPayload(own, { from: '2026-11-01T00:00:00Z', until: '2027-02-01T00:00:00Z' }, 'https://csp.example/vc', [{ id: 'https://csp.example/vc#cs' }]);

/** As the issuer's document has it. */
const published = (jwk: object): Evidence =>
  new Map([
    [
      'https://csp.example/.well-known/did.json',
      {
        text: JSON.stringify({
          id: own.id,
          verificationMethod: [{ id: own.kid, type: 'JsonWebKey', controller: own.id, publicKeyJwk: jwk }],
          assertionMethod: [own.kid],
        }),
        fetchedAt: now,
      },
    ],
  ]);
const publicOf = (key: KeyObject, more: object = {}): object => ({ ...key.export({ format: 'jwk' }), ...more });
const { alg: _, ...ownKey } = own.jwk;

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = (header: object, by: (signed: Buffer) => Buffer): string => {
  const signed = `${part(header)}.${part(payload)}`;
  return `${signed}.${by(Buffer.from(signed)).toString('base64url')}`;
};
const byRsa =
  (key: KeyObject, isPss = false) =>
  (signed: Buffer): Buffer =>
    sign('sha256', signed, isPss ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : key);
const flaws = (received: string, evidence: Evidence): string[] =>
  judge(received, evidence, policyOf({}), now)
    .checks.filter(({ blocks }) => blocks)
    .map(({ name, result }) => `${name} ${result}`);

test('the same ways with nothing wrong in them are relied on', () => {
  expect(flaws(signJwt(own, aHeader(own), payload), published(ownKey))).toEqual([]);
  expect(flaws(token(aHeader(own, { alg: 'RS256' }), byRsa(rsa.privateKey)), published(publicOf(rsa.publicKey)))).toEqual([]);
  expect(flaws(token(aHeader(own, { alg: 'PS256' }), byRsa(rsa.privateKey, true)), published(publicOf(rsa.publicKey)))).toEqual([]);
});

describe('does not rely on', () => {
  const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' });
  const withSecret = token(aHeader(own, { alg: 'HS256' }), (signed) => createHmac('sha256', pem).update(signed).digest());
  test.each<readonly [string, string, object, string]>([
    ['a public key used as a shared secret', withSecret, publicOf(rsa.publicKey), 'header failed'],
    ['an RSA signature that calls itself ES256', token(aHeader(own), byRsa(rsa.privateKey)), publicOf(rsa.publicKey), 'key failed'],
    ['an ECDSA signature that calls itself RS256', signJwt(own, aHeader(own, { alg: 'RS256' }), payload), ownKey, 'key failed'],
    ['one padding of RSA taken for the other', token(aHeader(own, { alg: 'PS256' }), byRsa(rsa.privateKey)), publicOf(rsa.publicKey), 'signature failed'],
    [
      'a key that is meant for another algorithm',
      token(aHeader(own, { alg: 'RS256' }), byRsa(rsa.privateKey)),
      publicOf(rsa.publicKey, { alg: 'PS256' }),
      'key failed',
    ],
    ['a key that is meant for encryption', signJwt(own, aHeader(own), payload), { ...ownKey, use: 'enc' }, 'key failed'],
    ['a key that is not meant for verifying', signJwt(own, aHeader(own), payload), { ...ownKey, key_ops: ['deriveKey'] }, 'key failed'],
    ['an RSA key of 1024 bits', token(aHeader(own, { alg: 'RS256' }), byRsa(short.privateKey)), publicOf(short.publicKey), 'key failed'],
    [
      'an RSA key with the exponent 1, under which anybody can sign',
      token(aHeader(own, { alg: 'RS256' }), byRsa(rsa.privateKey)),
      publicOf(rsa.publicKey, { e: 'AQ' }),
      'key failed',
    ],
    [
      'an RSA key of a chip whose keys can be broken (ROCA)',
      token(aHeader(own, { alg: 'RS256' }), byRsa(rsa.privateKey)),
      publicOf(rsa.publicKey, { n: rocaModulus() }),
      'key failed',
    ],
    ['a shared secret in a DID document', signJwt(own, aHeader(own), payload), { kty: 'oct', k: 'c2VjcmV0' }, 'key failed'],
    ['a key that the token brings with it', signJwt(thief, aHeader(own, { jwk: thief.jwk }), payload), ownKey, 'signature failed'],
    [
      'a key that the token brings with it as an address',
      signJwt(thief, aHeader(own, { jku: 'https://evil.example/jwks', x5u: 'https://evil.example/chain.pem' }), payload),
      ownKey,
      'signature failed',
    ],
    ['a signature in DER, which has several spellings', token(aHeader(own), (signed) => sign('sha256', signed, own.privateKey)), ownKey, 'signature failed'],
  ])('%s', (_name, received, jwk, flaw) => expect(flaws(received, published(jwk))).toContain(flaw));

  const good = signJwt(own, aHeader(own), payload);
  const [head = '', body = '', signature = ''] = good.split('.');
  test.each([
    ['padding', `${head}.${body}.${signature}==`],
    ['padding in front', `${head}=.${body}.${signature}`],
    ['the other alphabet', good.replaceAll('-', '+').replaceAll('_', '/') + (/[-_]/.test(good) ? '' : '+')],
    ['a line break', `${head}.${body}.\n${signature}`],
    ['a blank behind it', `${good} `],
    ['a fourth part', `${good}.${signature}`],
    ['bits that are left over', `${head}.${body}.${signature.slice(0, -1)}${signature.endsWith('A') ? 'B' : 'A'}`],
  ])('a token spelt with %s', (_name, received) => expect(flaws(received, published(ownKey))).not.toEqual([]));
});
