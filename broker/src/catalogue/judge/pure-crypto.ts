// The deterministic cryptography of credentials: SHA-256, JWS signatures (RFC 7515, 7518, 8037) by an allow-list of algorithms, and certificates.
import { constants, createHash, createPublicKey, verify, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { rsaFlaw } from './rsa.ts';

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
  readonly use?: string | undefined;
  readonly key_ops?: readonly string[] | undefined;
  /** Address of its certificate chain (PEM), leaf first. */
  readonly x5u?: string | undefined;
  /** The chain itself: base64 of DER, leaf first. */
  readonly x5c?: readonly string[] | undefined;
};

/** ES256 is what Hanse issues; the others are what Gaia-X notaries and the W3C's examples sign with. Never `none`, never a shared secret. */
export const algorithms = ['ES256', 'ES384', 'ES512', 'EdDSA', 'PS256', 'PS384', 'PS512', 'RS256'] as const;
export type Algorithm = (typeof algorithms)[number];

type Rule = { readonly kty: string; readonly crv?: string; readonly hash: string | null; readonly signatureBytes?: number; readonly isPss?: true };

const rules: Readonly<Record<Algorithm, Rule>> = {
  ES256: { kty: 'EC', crv: 'P-256', hash: 'sha256', signatureBytes: 64 },
  ES384: { kty: 'EC', crv: 'P-384', hash: 'sha384', signatureBytes: 96 },
  ES512: { kty: 'EC', crv: 'P-521', hash: 'sha512', signatureBytes: 132 },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', hash: null, signatureBytes: 64 },
  PS256: { kty: 'RSA', hash: 'sha256', isPss: true },
  PS384: { kty: 'RSA', hash: 'sha384', isPss: true },
  PS512: { kty: 'RSA', hash: 'sha512', isPss: true },
  RS256: { kty: 'RSA', hash: 'sha256' },
};

/** Why this key cannot be used with this algorithm; null: it can. */
export function keyMismatch(jwk: Jwk, algorithm: Algorithm): string | null {
  const rule = rules[algorithm];
  if (jwk.alg !== undefined && jwk.alg !== algorithm) return `the key is for ${jwk.alg}, the signature is ${algorithm}`;
  if (jwk.kty !== rule.kty || (rule.crv !== undefined && jwk.crv !== rule.crv))
    return `${algorithm} needs a key of type ${[rule.kty, rule.crv].filter(Boolean).join(' ')}`;
  if (jwk.use !== undefined && jwk.use !== 'sig') return `the key is for use ${jwk.use}, not for signatures`;
  if (jwk.key_ops !== undefined && !jwk.key_ops.includes('verify')) return 'the key_ops of the key leave out verify';
  const key = keyFrom(jwk);
  if (key === null) return 'the key cannot be read';
  const flaw = keyFlaw(key);
  return flaw === null ? null : `the key ${flaw}`;
}

/** Its kind and curve are asked for elsewhere. Kept: a key is held against this with every credential. */
const flaws = new WeakMap<KeyObject, string | null>();

function keyFlaw(key: KeyObject): string | null {
  const there = flaws.get(key);
  if (there !== undefined) return there;
  const { modulusLength: bits, publicExponent: exponent } = key.asymmetricKeyDetails ?? {};
  if (bits === undefined || exponent === undefined) return null;
  // a key for PSS alone cannot be exported as JWK
  const n = key.asymmetricKeyType === 'rsa' ? key.export({ format: 'jwk' }).n : undefined;
  const modulus = n === undefined ? 0n : BigInt(`0x${Buffer.from(n, 'base64url').toString('hex')}`);
  const flaw = rsaFlaw({ bits, exponent, modulus });
  flaws.set(key, flaw);
  return flaw;
}

/** `signed`: header and payload as received, with the dot between them. Never throws. */
export function verifySignature(jwk: Jwk, algorithm: Algorithm, { signed, signature }: { readonly signed: string; readonly signature: string }): boolean {
  const rule = rules[algorithm];
  const key = keyFrom(jwk);
  const bytes = Buffer.from(signature, 'base64url');
  if (key === null || (rule.signatureBytes !== undefined && bytes.length !== rule.signatureBytes)) return false;
  const padding = rule.isPss === true ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {};
  try {
    return verify(rule.hash, Buffer.from(signed, 'ascii'), { key, dsaEncoding: 'ieee-p1363', ...padding }, bytes);
  } catch {
    return false;
  }
}

/** Making one takes as long as using it; the keys of a document that was read are the same objects each time. */
const keys = new WeakMap<Jwk, KeyObject | null>();

function keyFrom(jwk: Jwk): KeyObject | null {
  const there = keys.get(jwk);
  if (there !== undefined) return there;
  const made = newKey(jwk);
  keys.set(jwk, made);
  return made;
}

const newKey = ({ kty, crv, x, y, n, e }: Jwk): KeyObject | null => {
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

/** Of certificates: NIST's curves and Brainpool's, of 256 bits and more. */
const curves = new Set(['prime256v1', 'secp384r1', 'secp521r1', 'brainpoolP256r1', 'brainpoolP384r1', 'brainpoolP512r1']);

function curveFlaw({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | null {
  if (asymmetricKeyType !== 'ec') return null;
  const curve = asymmetricKeyDetails?.namedCurve ?? 'without a name';
  return curves.has(curve) ? null : `is on the curve ${curve}, which is not taken`;
}

/** What is read of a certificate by its library; the extensions are read from `der`. */
export type RawCertificate = {
  readonly der: Uint8Array;
  /** SHA-256 (hex) of `der`. */
  readonly digest: string;
  readonly subject: string;
  readonly issuer: string;
  /** Milliseconds since 1970; NaN: it cannot be read. */
  readonly from: number;
  readonly until: number;
  /** Object identifiers; undefined: it names no purpose. */
  readonly purposes: readonly string[] | undefined;
  /** Why its key is worth nothing, in words to be read after "the key …"; null: nothing is known against it. */
  keyFlaw(): string | null;
  /** Whether its name and key are what `child` names as its issuer and is signed with. */
  issued(child: RawCertificate): boolean;
  isFor(jwk: Jwk): boolean;
  /** By its subject alternative names alone. */
  names(host: string): boolean;
};

/** By `der`: a copy of a certificate is the same certificate. */
const x509Of = new WeakMap<Uint8Array, X509Certificate>();

/** PEM of one certificate or base64 of its DER. null: it is none. */
export function rawCertificate(text: string): RawCertificate | null {
  try {
    const x509 = new X509Certificate(text.startsWith('-----') ? text : Buffer.from(text, 'base64'));
    const { publicKey } = x509;
    const made: RawCertificate = {
      der: x509.raw,
      digest: sha256Hex(x509.raw),
      // an empty name is none at all to Node, whatever its types say
      subject: String(x509.subject ?? ''),
      issuer: String(x509.issuer ?? ''),
      from: Date.parse(x509.validFrom),
      until: Date.parse(x509.validTo),
      purposes: x509.keyUsage,
      // only of those on the path: a configuration may have hundreds of anchors
      keyFlaw: () => keyFlaw(publicKey) ?? curveFlaw(publicKey),
      issued(child) {
        const other = x509Of.get(child.der);
        // not checkIssued, which also looks at what the issuer may do: that has reasons of its own (chain.ts)
        return other !== undefined && made.subject !== '' && other.issuer === x509.subject && other.verify(publicKey);
      },
      isFor(jwk) {
        return keyFrom(jwk)?.equals(publicKey) ?? false;
      },
      names(host) {
        const isAddress = /^[\d.]+$/.test(host);
        return (isAddress ? x509.checkIP(host) : x509.checkHost(host, { subject: 'never', partialWildcards: false })) !== undefined;
      },
    };
    x509Of.set(made.der, x509);
    return made;
  } catch {
    return null;
  }
}
