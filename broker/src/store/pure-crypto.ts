// The deterministic half of sealing: the same key, nonce and words give the same bytes. Nonces and keys come from io/.
import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';

/** AES-256-GCM (NIST SP 800-38D): 96-bit nonce, 128-bit tag. */
export const keyBytes = 32;
export const nonceBytes = 12;
const tagBytes = 16;
const keyIdBytes = 8;
const form = 1;

/** Names a key without telling anything about it. 16 hexadecimal digits. */
export const keyIdOf = (key: Uint8Array): string =>
  createHash('sha256')
    .update('hanse sealing key\n')
    .update(key)
    .digest('hex')
    .slice(0, keyIdBytes * 2);

/** What the sealed bytes belong to: they open nowhere else. */
export type Binding = { readonly owner: string; readonly purpose: string; readonly id: string };

const bound = ({ owner, purpose, id }: Binding): Buffer => Buffer.from(JSON.stringify([owner, purpose, id]));

/** form (1 byte) · key id (8) · nonce (12) · ciphertext · tag (16). */
export const seal = (key: Uint8Array, nonce: Uint8Array, binding: Binding, plain: string): Buffer => {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound(binding));
  const ciphertext = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.from([form]), Buffer.from(keyIdOf(key), 'hex'), nonce, ciphertext, cipher.getAuthTag()]);
};

export type Opened = { readonly plain: string } | { readonly fault: 'otherKey'; readonly keyId: string } | { readonly fault: 'damaged' };

export const open = (key: Uint8Array, binding: Binding, sealed: Uint8Array): Opened => {
  const bytes = Buffer.from(sealed);
  const start = 1 + keyIdBytes + nonceBytes;
  if (bytes[0] !== form || bytes.length < start + tagBytes) return { fault: 'damaged' };
  const keyId = bytes.subarray(1, 1 + keyIdBytes).toString('hex');
  if (keyId !== keyIdOf(key)) return { fault: 'otherKey', keyId };
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1 + keyIdBytes, start), { authTagLength: tagBytes }).setAAD(bound(binding));
  try {
    decipher.setAuthTag(bytes.subarray(-tagBytes));
    return { plain: Buffer.concat([decipher.update(bytes.subarray(start, -tagBytes)), decipher.final()]).toString('utf8') };
  } catch {
    return { fault: 'damaged' };
  }
};

/** RFC 2104, with a key of its own made from the sealing key. */
export const fingerprint = (key: Uint8Array, text: string): string => {
  const own = createHmac('sha256', key).update('hanse fingerprint').digest();
  return createHmac('sha256', own).update(text).digest('hex');
};
