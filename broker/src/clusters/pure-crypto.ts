// The deterministic cryptography of this capability: reading certificates, keys and the expiry of tokens. Nothing is verified against the world here.
import { createHash, createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';

/** null: not strict base64, or not text. */
export const textOfBase64 = (base64: string): string | null => {
  const clean = base64.replaceAll(/\s/g, '');
  if (clean === '' || clean.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(clean)) return null;
  return Buffer.from(clean, 'base64').toString('utf8');
};

export type CertificateFacts = { readonly subject: string; readonly notBefore: string; readonly notAfter: string };

const pemBlock = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** Each certificate of a PEM bundle, in its order; null: it is not one, or one of its certificates cannot be read. */
export const readCertificates = (pem: string): readonly CertificateFacts[] | null => {
  const blocks = pem.match(pemBlock) ?? [];
  if (blocks.length === 0 || blocks.length > 64) return null;
  try {
    return blocks.map((block) => {
      const { subject, validFrom, validTo } = new X509Certificate(block);
      return { subject, notBefore: new Date(validFrom).toISOString(), notAfter: new Date(validTo).toISOString() };
    });
  } catch {
    return null;
  }
};

/** Whether the private key belongs to the (first) certificate; null: one of the two cannot be read. */
export const keyBelongsTo = (certificatePem: string, keyPem: string): boolean | null => {
  try {
    return new X509Certificate(certificatePem).publicKey.equals(createPublicKey(createPrivateKey(keyPem)));
  } catch {
    return null;
  }
};

/** Expiry (RFC 3339) that a JSON Web Token claims; null: it is not one, or it claims none. Read, not verified. */
export const expiryOfToken = (token: string): string | null => {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return null;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const seconds = typeof claims === 'object' && claims !== null && 'exp' in claims ? claims.exp : null;
    return typeof seconds === 'number' && seconds > 0 && seconds < 253_402_300_800 ? new Date(seconds * 1000).toISOString() : null;
  } catch {
    return null;
  }
};

/** The name under which OpenShift keeps a token: `sha256~` and the digest of what follows it; null: not a token of its OAuth server. */
export const oauthTokenName = (token: string): string | null => {
  const [, body] = /^sha256~(.+)$/.exec(token) ?? [];
  return body === undefined ? null : `sha256~${createHash('sha256').update(body).digest('base64url')}`;
};
