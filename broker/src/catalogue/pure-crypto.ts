// The deterministic cryptography of credentials: SHA-256, and JWS signatures (RFC 7515, 7518, 8037) by an allow-list of algorithms.
import { constants, createHash, createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export const sha256Hex = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export type Jwk = {
  readonly kty: string;
  readonly crv?: string | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  readonly n?: string | undefined;
  readonly e?: string | undefined;
  readonly kid?: string | undefined;
  readonly alg?: string | undefined;
};

/** ES256 is what Hanse issues; the others are what Gaia-X notaries and the W3C's examples sign with. Never `none`, never a shared secret. */
export const algorithms = ['ES256', 'ES384', 'EdDSA', 'PS256'] as const;
export type Algorithm = (typeof algorithms)[number];

type Rule = { readonly kty: string; readonly crv?: string; readonly hash: string | null; readonly signatureBytes?: number };

const rules: Readonly<Record<Algorithm, Rule>> = {
  ES256: { kty: 'EC', crv: 'P-256', hash: 'sha256', signatureBytes: 64 },
  ES384: { kty: 'EC', crv: 'P-384', hash: 'sha384', signatureBytes: 96 },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', hash: null, signatureBytes: 64 },
  PS256: { kty: 'RSA', hash: 'sha256' },
};

/** RFC 7518 §3.5 asks for keys of 2048 bits or more. */
const rsaBitsMin = 2048;

/** Why this key cannot be used with this algorithm; null: it can. */
export function keyMismatch(jwk: Jwk, algorithm: Algorithm): string | null {
  const rule = rules[algorithm];
  if (jwk.alg !== undefined && jwk.alg !== algorithm) return `the key is for ${jwk.alg}, the signature is ${algorithm}`;
  if (jwk.kty !== rule.kty || (rule.crv !== undefined && jwk.crv !== rule.crv))
    return `${algorithm} needs a key of type ${[rule.kty, rule.crv].filter(Boolean).join(' ')}`;
  const key = keyFrom(jwk);
  if (key === null) return 'the key cannot be read';
  const bits = key.asymmetricKeyDetails?.modulusLength;
  return bits !== undefined && bits < rsaBitsMin ? `an RSA key of ${bits} bits is too short` : null;
}

/** `signed`: header and payload as received, with the dot between them. Never throws. */
export function verifySignature(jwk: Jwk, algorithm: Algorithm, { signed, signature }: { readonly signed: string; readonly signature: string }): boolean {
  const rule = rules[algorithm];
  const key = keyFrom(jwk);
  const bytes = Buffer.from(signature, 'base64url');
  if (key === null || (rule.signatureBytes !== undefined && bytes.length !== rule.signatureBytes)) return false;
  const padding = rule.kty === 'RSA' ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {};
  try {
    return verify(rule.hash, Buffer.from(signed, 'ascii'), { key, dsaEncoding: 'ieee-p1363', ...padding }, bytes);
  } catch {
    return false;
  }
}

const keyFrom = ({ kty, crv, x, y, n, e }: Jwk): KeyObject | null => {
  try {
    return createPublicKey({ key: JSON.parse(JSON.stringify({ kty, crv, x, y, n, e })), format: 'jwk' });
  } catch {
    return null;
  }
};

const strictBase64Url = /^[A-Za-z0-9_-]+$/;

/** null: not base64url (no padding, no spaces, nothing left over), or not UTF-8. */
export function textFromBase64Url(part: string): string | null {
  if (!isBase64Url(part)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url'));
  } catch {
    return null;
  }
}

/** Decoded and encoded again it has to be the same: the unused bits of the last character count too. */
export const isBase64Url = (part: string): boolean => strictBase64Url.test(part) && Buffer.from(part, 'base64url').toString('base64url') === part;
