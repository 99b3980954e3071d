// The request that Liqo makes for a slice: PKCS #10 (RFC 2986) with O and CN as PrintableStrings, no attributes, signed with the cluster's Ed25519 key. The same input gives the same bytes.
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';

const sequence = 0x30;
const set = 0x31;
const printable = 0x13;
const object = 0x06;
const bits = 0x03;
const ORGANIZATION = Buffer.from('55040a', 'hex');
const COMMON_NAME = Buffer.from('550403', 'hex');
const ED25519 = Buffer.from('2b6570', 'hex');

function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const length = body.length < 128 ? [body.length] : body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}
const part = (type: Uint8Array, value: string): Buffer => der(set, der(sequence, der(object, type), der(printable, Buffer.from(value, 'ascii'))));

/** PEM. */
export function certificateRequest(privateKeyPem: string, commonName: string, organization: string): string {
  const key = createPrivateKey(privateKeyPem);
  const subject = der(sequence, part(ORGANIZATION, organization), part(COMMON_NAME, commonName));
  const info = der(sequence, Buffer.from([2, 1, 0]), subject, createPublicKey(key).export({ type: 'spki', format: 'der' }), Buffer.from([0xa0, 0]));
  const signed = der(sequence, info, der(sequence, der(object, ED25519)), der(bits, Buffer.from([0]), sign(null, info, key)));
  const lines = signed.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`;
}
