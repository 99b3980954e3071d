// The key that signs audit heads and receipts: Ed25519, in a file of the configuration directory, never in the database or its directory.
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HanseError } from '../../errors.ts';
import { keyIdOf, signEd25519 } from '../pure-crypto.ts';
import type { KeyObject } from '../pure-crypto.ts';

export type SigningKey = {
  /** `ed25519-…`: derived from the public key. */
  readonly keyId: string;
  readonly publicKey: KeyObject;
  /** SubjectPublicKeyInfo, to hand to whoever verifies. */
  readonly publicKeyPem: string;
  sign(bytes: Uint8Array): Uint8Array;
};

const privateName = 'signing.key';
const publicName = 'signing.pub';

/** Reads the key of `directory`, or makes one (mode 0600). SETUP_FAILED when others can read it or it is not an Ed25519 key. */
export async function loadSigningKey(directory: string): Promise<SigningKey> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, privateName);
  await createOnce(path);
  await refuseIfShared(path);
  const key = keyFrom(await readFile(path, 'utf8'), path);
  await writeFile(join(directory, publicName), key.publicKeyPem, { mode: 0o644 });
  return key;
}

function keyFrom(pem: string, path: string): SigningKey {
  const privateKey = parsed(pem, path);
  const publicKey = createPublicKey(privateKey);
  return {
    keyId: keyIdOf(publicKey),
    publicKey,
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (bytes) => signEd25519(privateKey, bytes),
  };
}

function parsed(pem: string, path: string): KeyObject {
  const fix = `Restore ${path} from a backup. Removing it makes a new key: earlier signatures then need the old public key.`;
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // The reason could quote the key.
  }
  throw new HanseError('SETUP_FAILED', `${path} does not hold an Ed25519 private key.`, { fix });
}

/** Whole or not at all, and never over another: of two brokers that start at once on one directory, both get the first one's key. */
async function createOnce(path: string): Promise<void> {
  if (await exists(path)) return;
  const part = `${path}.${process.pid}`;
  try {
    await writeFile(part, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    await link(part, path).catch(async (error: unknown) => {
      if (!(await exists(path))) throw error;
    });
  } catch (error) {
    throw new HanseError('SETUP_FAILED', `The signing key ${path} cannot be written.`, {
      fix: 'Make the configuration directory writable for the broker.',
      cause: error,
    });
  } finally {
    await rm(part, { force: true });
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function refuseIfShared(path: string): Promise<void> {
  const mode = (await stat(path)).mode & 0o077;
  if (mode !== 0) throw new HanseError('SETUP_FAILED', `${path} can be read by others.`, { fix: `chmod 600 ${path}` });
}
