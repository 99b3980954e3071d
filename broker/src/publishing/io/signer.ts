// Who signs: a key out of a file, or a command that somebody names for a key that cannot leave where it is. The private half is never printed, logged or put into
// an error: neither are the words of the library that reads it, nor what the command says.
import { spawn } from 'node:child_process';
import { constants, createPrivateKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { HanseError } from '../../errors.ts';
import type { Algorithm, Jwk } from '../../catalogue/index.ts';
import { algorithms, keyMismatch } from '../../catalogue/index.ts';
import { algorithmFor, publicKeyIn, publicMembers, signatureOf } from '../pure-crypto.ts';
import { finish, ownKey, signingInput } from '../token.ts';
import type { Document, OwnKey } from '../token.ts';
import type { Credential, Presentation } from '../../catalogue/index.ts';

export type Signer = {
  readonly jwk: Jwk;
  readonly algorithm: Algorithm;
  /** base64url, as JWS has it. */
  sign(input: string): Promise<string>;
};

const refuse = (message: string, fix: string): HanseError => new HanseError('INVALID_REQUEST', message, { fix });

/** `text`: PEM (PKCS #8, PKCS #1, SEC 1) or JWK. INVALID_REQUEST without a word of it. */
export function signerFromKey(text: string, wanted: string | undefined): Signer {
  const key = privateKeyIn(text);
  if (key === null)
    throw refuse(
      'The key file holds no private key that can be read.',
      'Give a private key as PEM without a passphrase, or as JWK; for any other, name a command: --signer.',
    );
  const jwk = publicMembers(publicJwkOf(key));
  const algorithm = algorithmOf(jwk, wanted);
  return { jwk, algorithm, sign: async (input) => signatureBy(key, algorithm, input) };
}

function privateKeyIn(text: string): KeyObject | null {
  try {
    return createPrivateKey(text.trimStart().startsWith('{') ? { key: JSON.parse(text), format: 'jwk' } : text);
  } catch {
    return null;
  }
}

const publicJwkOf = (key: KeyObject): Partial<Jwk> => {
  const { kty = '', crv, x, y, n, e } = key.export({ format: 'jwk' });
  return { kty, crv, x, y, n, e };
};

function algorithmOf(jwk: Jwk, wanted: string | undefined): Algorithm {
  const usual = algorithmFor(jwk);
  const chosen = wanted === undefined ? usual : (algorithms.find((each) => each === wanted) ?? null);
  if (chosen === null)
    throw refuse(
      `No algorithm that is taken goes with this key${wanted === undefined ? '' : ` (${wanted.slice(0, 20)})`}.`,
      `These are taken: ${algorithms.join(', ')}.`,
    );
  const mismatch = keyMismatch(jwk, chosen);
  if (mismatch !== null) throw refuse(`The key cannot sign with ${chosen}: ${mismatch}.`, `These are taken: ${algorithms.join(', ')}.`);
  return chosen;
}

const hashes: Readonly<Record<Algorithm, string | null>> = {
  ES256: 'sha256',
  ES384: 'sha384',
  ES512: 'sha512',
  EdDSA: null,
  PS256: 'sha256',
  PS384: 'sha384',
  PS512: 'sha512',
  RS256: 'sha256',
};

function signatureBy(key: KeyObject, algorithm: Algorithm, input: string): string {
  const padding = algorithm.startsWith('PS') ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {};
  return sign(hashes[algorithm], Buffer.from(input, 'ascii'), { key, dsaEncoding: 'ieee-p1363', ...padding }).toString('base64url');
}

/** Longer than a person needs for a PIN. */
const commandLimitMs = 120_000;
/** RSA of 16384 bits. */
const signatureBytesMax = 2048;

/**
 * `command` goes through the shell of who named it. It gets the bytes to be signed on standard input and writes the raw signature to standard output (ECDSA: r and s, or
 * DER); what it says on standard error is not read. `publicKey`: PEM, certificate or JWK, which its signatures are held against.
 */
export function signerFromCommand(command: string, publicKey: string, wanted: string | undefined): Signer {
  const jwk = publicKeyIn(publicKey);
  if (jwk === 'private') throw refuse('The file of the public key holds a private key.', 'Give the public half alone: openssl pkey -in KEY -pubout');
  if (jwk === null) throw refuse('The file of the public key holds none that can be read.', 'Give a public key or a certificate as PEM, or a public JWK.');
  const algorithm = algorithmOf(jwk, wanted);
  return {
    jwk,
    algorithm,
    async sign(input) {
      const signature = signatureOf(await run(command, input), algorithm);
      if (signature === null) throw refuse('The signer gave no signature of the right length.', `${algorithm} needs r and s side by side, or DER.`);
      return signature;
    },
  };
}

const run = (command: string, input: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: ['pipe', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    let bytes = 0;
    // what the shell started may go on holding the pipe: nothing waits for that
    const giveUp = (why: HanseError): void => {
      clearTimeout(limit);
      child.stdout.destroy();
      child.kill('SIGKILL');
      reject(why);
    };
    const limit = setTimeout(() => giveUp(refuse(`The signer gave nothing within ${commandLimitMs / 1000} s.`, 'Check the command.')), commandLimitMs);
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > signatureBytesMax) giveUp(refuse(`The signer gave more than ${signatureBytesMax} bytes.`, 'It has to give the signature alone.'));
      else chunks.push(chunk);
    });
    child.stdin.on('error', () => {}); // it may not want to read
    child.once('error', () => giveUp(refuse('The signer could not be started.', 'Check the command.')));
    child.once('close', (code) => {
      clearTimeout(limit);
      if (code === 0) resolve(Buffer.concat(chunks));
      else reject(refuse(`The signer ended with ${code === null ? 'a signal' : `code ${code}`}.`, 'What it says itself stands above.'));
    });
    child.stdin.end(input);
  });

export type Issued = { readonly token: string; readonly read: Credential | Presentation; readonly key: OwnKey };

/** INVALID_REQUEST where our own judge would not take it. */
export async function issue(signer: Signer, kind: 'credential' | 'presentation', did: string, document: Document): Promise<Issued> {
  const key = ownKey(did, signer.jwk, signer.algorithm);
  const input = signingInput(kind, key, did, document);
  const finished = finish(input, await signer.sign(input), key);
  if ('flaw' in finished) throw refuse(`It was not issued: ${finished.flaw}.`, 'Mend what it names and sign again.');
  return { ...finished, key };
}
