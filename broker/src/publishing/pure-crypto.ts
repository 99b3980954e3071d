// The deterministic cryptography of who signs: public keys out of files, their names, and signatures in the form that JWS has.
import { createHash, createPublicKey } from 'node:crypto';
import type { Algorithm, Jwk } from '../catalogue/index.ts';

export const base64Url = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');

/** RFC 7638: SHA-256 over the members that make the key, in the order of their names. */
export function thumbprint({ kty, crv, x, y, n, e }: Jwk): string {
  const members = kty === 'RSA' ? { e, kty, n } : kty === 'OKP' ? { crv, kty, x } : { crv, kty, x, y };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

/** What a key of this kind signs with; null: nothing that is taken. */
export function algorithmFor({ kty, crv }: Jwk): Algorithm | null {
  if (kty === 'RSA') return 'PS256';
  return ({ 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512', Ed25519: 'EdDSA' } as const)[crv ?? ''] ?? null;
}

/** Public key (PEM), certificate (PEM) or public JWK. A private key is refused: it has no business where a public one is asked for. null: it is none. */
export function publicKeyIn(text: string): Jwk | 'private' | null {
  if (/PRIVATE KEY-----/.test(text) || /"d"\s*:/.test(text)) return 'private';
  try {
    const given = text.trimStart().startsWith('{') ? { key: JSON.parse(text), format: 'jwk' as const } : text;
    return publicMembers(createPublicKey(given).export({ format: 'jwk' }));
  } catch {
    return null;
  }
}

/** Never a private member. */
export const publicMembers = ({ kty = '', crv, x, y, n, e }: Partial<Jwk>): Jwk => ({
  kty,
  ...(crv !== undefined && { crv }),
  ...(x !== undefined && { x }),
  ...(y !== undefined && { y }),
  ...(n !== undefined && { n }),
  ...(e !== undefined && { e }),
});

const coordinateBytes: Readonly<Partial<Record<Algorithm, number>>> = { ES256: 32, ES384: 48, ES512: 66 };

/** What a signer gave, as base64url of what JWS has: ECDSA is r and s side by side there, and DER from most tools. null: neither. */
export function signatureOf(given: Uint8Array, algorithm: Algorithm): string | null {
  const bytes = coordinateBytes[algorithm];
  if (bytes === undefined || given.length === 2 * bytes) return Buffer.from(given).toString('base64url');
  const numbers = derIntegers(given);
  if (numbers === null || numbers.some((number) => number.length > bytes)) return null;
  const padded = numbers.map((number) => [...Array.from({ length: bytes - number.length }, () => 0), ...number]);
  return Buffer.from(padded.flat()).toString('base64url');
}

/** The two integers of SEQUENCE { r, s }, without leading zeros. */
function derIntegers(der: Uint8Array): readonly (readonly number[])[] | null {
  const bytes = [...der];
  const isLong = bytes[1] === 0x81;
  const body = bytes.slice(isLong ? 3 : 2);
  if (bytes[0] !== 0x30 || bytes[isLong ? 2 : 1] !== body.length) return null;
  const numbers: number[][] = [];
  for (let at = 0; at < body.length;) {
    const length = body[at + 1] ?? 0;
    const number = body.slice(at + 2, at + 2 + length);
    if (body[at] !== 0x02 || length === 0 || number.length !== length) return null;
    while (number.length > 1 && number[0] === 0) number.shift();
    numbers.push(number);
    at += 2 + length;
  }
  return numbers.length === 2 ? numbers : null;
}
