// One root, one authority below it, and a certificate for the key of everybody who signs: what a trust service gives to participants.
import { createPublicKey, webcrypto, type JsonWebKey } from 'node:crypto';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;

export type Certified = {
  /** PEM of the root: what trusts it trusts all of them. */
  readonly anchor: string;
  /** PEM by the name of its owner: its certificate, the authority, the root. */
  readonly chains: Readonly<Record<string, string>>;
};

/** For keys that sign at 127.0.0.1; for three years from `now` (milliseconds since 1970). */
export async function certify(keys: Readonly<Record<string, JsonWebKey>>, now: number): Promise<Certified> {
  await import('reflect-metadata'); // only when they are made, which is once
  const { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } =
    await import('@peculiar/x509');
  const { subtle } = webcrypto;
  const pair = (): Promise<webcrypto.CryptoKeyPair> => subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const life = { notBefore: new Date(now - dayMs), notAfter: new Date(now + 1095 * dayMs), signingAlgorithm: algorithm };
  const authority = (below: number) => [
    new BasicConstraintsExtension(true, below, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
  ];
  const [rootKeys, middleKeys] = await Promise.all([pair(), pair()]);
  const root = await X509CertificateGenerator.createSelfSigned({ name: 'CN=Demo Trust Root', keys: rootKeys, ...life, extensions: authority(1) }, webcrypto);
  const middle = await X509CertificateGenerator.create(
    {
      subject: 'CN=Demo Trust Service',
      issuer: root.subject,
      publicKey: middleKeys.publicKey,
      signingKey: rootKeys.privateKey,
      ...life,
      extensions: authority(0),
    },
    webcrypto,
  );
  const chainOf = async (name: string, key: JsonWebKey): Promise<string> => {
    const spki = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'der' });
    const leaf = await X509CertificateGenerator.create(
      {
        subject: `CN=${name}`,
        issuer: middle.subject,
        publicKey: await subtle.importKey('spki', spki, algorithm, true, ['verify']),
        signingKey: middleKeys.privateKey,
        ...life,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }]),
        ],
      },
      webcrypto,
    );
    return [leaf, middle, root].map((each) => `${each.toString('pem')}\n`).join('');
  };
  const chains = await Promise.all(Object.entries(keys).map(async ([name, key]) => [name, await chainOf(name, key)] as const));
  return { anchor: `${root.toString('pem')}\n`, chains: Object.fromEntries(chains) };
}
