// A PKCS #10 certificate request (RFC 2986) as Liqo expects it of a consumer: the same key and name give the same bytes. That matters twice: Liqo refuses another
// request for a certificate it has signed already, and a request that one of our operations caused is recognised by its bytes.
import { decodeBytes, encodeBase64, type SigningKey } from './pure-crypto.ts';

const sequence = 0x30;
const set = 0x31;
const objectIdentifier = 0x06;
const printableString = 0x13;
const bitString = 0x03;

const oid = {
  organization: [0x55, 0x04, 0x0a],
  commonName: [0x55, 0x04, 0x03],
  ed25519: [0x2b, 0x65, 0x70],
  sha256WithRsa: [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b],
} as const;

const lengthBytes = (length: number): readonly number[] => (length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]);

const tlv = (tag: number, ...contents: readonly (Uint8Array | readonly number[])[]): Uint8Array => {
  const length = contents.reduce((sum, content) => sum + content.length, 0);
  return Uint8Array.from([tag, ...lengthBytes(length), ...contents.flatMap((content) => [...content])]);
};

const ascii = (text: string): readonly number[] => Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));

const name = (type: readonly number[], text: string): Uint8Array => tlv(set, tlv(sequence, tlv(objectIdentifier, type), tlv(printableString, ascii(text))));

const algorithm = (kind: 'ed25519' | 'rsa'): Uint8Array =>
  kind === 'ed25519' ? tlv(sequence, tlv(objectIdentifier, oid.ed25519)) : tlv(sequence, tlv(objectIdentifier, oid.sha256WithRsa), [0x05, 0x00]);

const noAttributes = [0xa0, 0x00];
const version0 = [0x02, 0x01, 0x00];

/** PrintableString (X.680 §41.4) holds every Liqo cluster id (RFC 1123 label). */
const isPrintable = (text: string): boolean => /^[A-Za-z0-9 '()+,\-./:=?]{1,64}$/.test(text);

/** The request in PEM; null: the name cannot be written as a PrintableString. */
export const certificateRequest = (key: SigningKey, commonName: string, organization = 'liqo.io'): string | null => {
  if (!isPrintable(commonName) || !isPrintable(organization)) return null;
  const information = tlv(sequence, version0, tlv(sequence, name(oid.organization, organization), name(oid.commonName, commonName)), key.spki, noAttributes);
  const request = tlv(sequence, information, algorithm(key.kind), tlv(bitString, [0x00], key.sign(information)));
  const lines = encodeBase64(request).match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`;
};

type Item = { readonly tag: number; readonly whole: Uint8Array; readonly content: Uint8Array; readonly rest: Uint8Array };

const itemAt = (bytes: Uint8Array): Item | null => {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) return null;
  const more = first < 0x80 ? 0 : first & 0x7f;
  if (more > 2 || bytes.length < 2 + more) return null;
  const length = more === 0 ? first : bytes.slice(2, 2 + more).reduce((sum, byte) => sum * 256 + byte, 0);
  const end = 2 + more + length;
  return end > bytes.length ? null : { tag, whole: bytes.slice(0, end), content: bytes.slice(2 + more, end), rest: bytes.slice(end) };
};

/** The public key (SubjectPublicKeyInfo, base64) that a request in PEM is for; null: it is not a request. Its signature is not looked at: the cluster that signed the certificate has done so. */
export const keyOfRequest = (pem: string): string | null => {
  const body = /^-----BEGIN CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]{1,16384})-----END CERTIFICATE REQUEST-----\s*$/.exec(pem)?.[1];
  if (body === undefined) return null;
  const information = itemAt(itemAt(decodeBytes(body))?.content ?? new Uint8Array());
  const version = itemAt(information?.content ?? new Uint8Array());
  const subject = itemAt(version?.rest ?? new Uint8Array());
  const key = itemAt(subject?.rest ?? new Uint8Array());
  return key === null || key.tag !== sequence ? null : encodeBase64(key.whole);
};
