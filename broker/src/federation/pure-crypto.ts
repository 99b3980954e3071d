// The one door to deterministic cryptography of this capability: the same key and bytes give the same answer.
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';

export type SigningKey = { readonly kind: 'ed25519' | 'rsa'; readonly spki: Uint8Array; sign(bytes: Uint8Array): Uint8Array };

/** Reads a PKCS#8 private key in PEM; null: not one, or of a kind that Liqo does not use. RSA signs with PKCS #1 v1.5 and SHA-256, which is deterministic too. */
export const signingKey = (pem: string): SigningKey | null => {
  try {
    const key = createPrivateKey(pem);
    const kind = key.asymmetricKeyType;
    if (kind !== 'ed25519' && kind !== 'rsa') return null;
    const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
    return { kind, spki, sign: (bytes) => sign(kind === 'rsa' ? 'sha256' : null, bytes, key) };
  } catch {
    return null;
  }
};

export const sha256Hex = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

export const encodeBase64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64');
export const decodeBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
export const decodeBytes = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, 'base64'));
