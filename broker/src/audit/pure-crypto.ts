// The deterministic cryptography of this capability: SHA-256, and Ed25519 (RFC 8032: the same key and bytes give the same signature).
import { createHash, createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export type { KeyObject };

export const sha256Hex = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Of text as it stands, as SD-JWT has it. */
export const sha256Base64Url = (text: string): string => createHash('sha256').update(text).digest('base64url');

export const signEd25519 = (key: KeyObject, bytes: Uint8Array): Uint8Array => sign(null, bytes, key);

export const verifyEd25519 = (key: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean => verify(null, bytes, key, signature);

/** A public key from its PEM (SubjectPublicKeyInfo). */
export const publicKeyFromPem = (pem: string): KeyObject => createPublicKey(pem);

/** Names a public key by its content, so that nobody has to agree on names: `ed25519-` and 16 hex digits of the SHA-256 of its DER form. */
export const keyIdOf = (publicKey: KeyObject): string => `ed25519-${sha256Hex(publicKey.export({ type: 'spki', format: 'der' })).slice(0, 16)}`;

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
export const toBase64Url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
export const fromBase64Url = (text: string): Uint8Array => Buffer.from(text, 'base64url');
