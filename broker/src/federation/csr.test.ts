import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certificateRequest, keyOfRequest } from './csr.ts';
import { signingKey, type SigningKey } from './pure-crypto.ts';

const pemOf = (type: 'ed25519' | 'rsa'): string =>
  (type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519')).privateKey
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();

const keyOf = (pem: string): SigningKey => {
  const key = signingKey(pem);
  if (key === null) throw new Error('no key');
  return key;
};

/** The next element of DER: its content and what follows. */
const element = (der: Buffer): { whole: Buffer; content: Buffer; rest: Buffer } => {
  const first = der[1] ?? 0;
  const more = first < 0x80 ? 0 : first & 0x7f;
  const length = more === 0 ? first : der.readUIntBE(2, more);
  const start = 2 + more;
  return { whole: der.subarray(0, start + length), content: der.subarray(start, start + length), rest: der.subarray(start + length) };
};

describe('the certificate request', () => {
  it.each(['ed25519', 'rsa'] as const)('is the same bytes each time, signed by the key it names (%s)', (type) => {
    const pem = pemOf(type);
    const request = certificateRequest(keyOf(pem), 'home') ?? '';
    expect(certificateRequest(keyOf(pem), 'home')).toBe(request);
    expect(certificateRequest(keyOf(pem), 'other')).not.toBe(request);
    const der = Buffer.from(request.split('\n').slice(1, -2).join(''), 'base64');
    const information = element(element(der).content);
    const signature = element(element(information.rest).rest).content.subarray(1);
    expect(verify(type === 'rsa' ? 'sha256' : null, information.whole, createPublicKey(pem), signature)).toBe(true);
    expect(information.content.includes(Buffer.from(keyOf(pem).spki))).toBe(true);
    expect(information.content.toString('latin1')).toContain('liqo.io');
  });

  it('refuses a name that would not survive as a PrintableString, and keys of other kinds', () => {
    const key = keyOf(pemOf('ed25519'));
    for (const name of ['', 'a'.repeat(65), 'häfen', 'a\u0000b', 'a@b']) expect(certificateRequest(key, name)).toBeNull();
    expect(signingKey('not a key')).toBeNull();
    expect(signingKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())).toBeNull();
  });

  it.each(['ed25519', 'rsa'] as const)('is known by its key, whatever its name, and by no other (%s)', (type) => {
    const [ours, another] = [keyOf(pemOf(type)), keyOf(pemOf(type))];
    const key = Buffer.from(ours.spki).toString('base64');
    for (const name of ['home', 'pb-5ade-0123456789ab']) expect(keyOfRequest(certificateRequest(ours, name, 'home') ?? '')).toBe(key);
    expect(keyOfRequest(certificateRequest(another, 'home') ?? '')).not.toBe(key);
  });

  it('is read from anything without a failure', () => {
    const pem = (base64: string): string => `-----BEGIN CERTIFICATE REQUEST-----\n${base64}\n-----END CERTIFICATE REQUEST-----\n`;
    fc.assert(fc.property(fc.oneof(fc.string(), fc.base64String().map(pem)), (text) => keyOfRequest(text) === null || keyOfRequest(text) !== ''));
    const whole = certificateRequest(keyOf(pemOf('ed25519')), 'home') ?? '';
    const base64 = whole.split('\n').slice(1, -2).join('');
    for (let length = 0; length < base64.length - 88; length += 4) expect(keyOfRequest(pem(base64.slice(0, length)))).toBeNull();
  });
});
