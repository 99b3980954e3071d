// One certificate authority a member, as a real cluster has one.
import { webcrypto } from 'node:crypto';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

export type Authority = { readonly caPem: string; readonly certPem: string; readonly keyPem: string };

const pem = (label: string, der: ArrayBuffer): string =>
  `-----BEGIN ${label}-----\n${(
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  ).join('\n')}\n-----END ${label}-----\n`;

/** A CA of that name and a serving certificate for the loopback address signed by it. */
export async function newAuthority(name: string): Promise<Authority> {
  // a member makes one once: a start that finds it on disk is quicker without the machinery
  await import('reflect-metadata');
  const { BasicConstraintsExtension, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } =
    await import('@peculiar/x509');
  const crypto = webcrypto;
  const [caKeys, keys] = await Promise.all([0, 1].map(() => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])));
  if (!caKeys || !keys) throw new Error('key generation answered nothing');
  const notBefore = new Date(Date.now() - DAY_MS);
  const notAfter = new Date(Date.now() + 3650 * DAY_MS);
  const ca = await X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${name}-ca`,
      keys: caKeys,
      notBefore,
      notAfter,
      signingAlgorithm: ALGORITHM,
      extensions: [new BasicConstraintsExtension(true, undefined, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true)],
    },
    crypto,
  );
  const certificate = await X509CertificateGenerator.create(
    {
      subject: `CN=${name}`,
      issuer: ca.subject,
      publicKey: keys.publicKey,
      signingKey: caKeys.privateKey,
      notBefore,
      notAfter,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new SubjectAlternativeNameExtension([
          { type: 'ip', value: '127.0.0.1' },
          { type: 'dns', value: 'localhost' },
        ]),
        new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1']),
      ],
    },
    crypto,
  );
  return {
    caPem: `${ca.toString('pem')}\n`,
    certPem: `${certificate.toString('pem')}\n`,
    keyPem: pem('PRIVATE KEY', await crypto.subtle.exportKey('pkcs8', keys.privateKey)),
  };
}
