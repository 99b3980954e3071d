// The key that seals secrets: a file outside the data directory, so that a copy of the data directory or the database tells nothing.
import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { HanseError } from '../../errors.ts';
import { keyBytes } from '../pure-crypto.ts';

const heading = 'hanse-sealing-key-1';

/** undefined if there is no such file; SETUP_FAILED if it is not a key or others may read it. */
export const readKeyFile = (file: string): Buffer | undefined => {
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new HanseError('SETUP_FAILED', `The key file ${file} can be read by others than its owner.`, { fix: `chmod 600 ${file}` });
  }
  const [first, second = ''] = text.trim().split('\n');
  const key = Buffer.from(second, 'base64');
  if (first !== heading || key.length !== keyBytes) {
    throw new HanseError('SETUP_FAILED', `The file ${file} is not a sealing key.`, {
      fix: 'Put the right file back; without it the secrets in the database cannot be read.',
    });
  }
  return key;
};

/** Whole or not at all, and never over another: of two that start at once, both get the first one's key. */
export const makeKeyFile = (file: string): Buffer => {
  const part = `${file}.${randomUUID()}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(part, `${heading}\n${randomBytes(keyBytes).toString('base64')}\n`, { mode: 0o600 });
    chmodSync(part, 0o600);
    try {
      linkSync(part, file);
    } catch (error) {
      if (readIfThere(file) === undefined) throw error;
    }
    rmSync(part, { force: true });
  } catch (error) {
    throw new HanseError('SETUP_FAILED', `The key file cannot be written: ${error instanceof Error ? error.message : String(error)}`, {
      fix: 'Give this account the right to write there, or choose another HANSE_CONFIG_DIR.',
      cause: error,
    });
  }
  const key = readKeyFile(file);
  if (key === undefined) throw new HanseError('SETUP_FAILED', `The key file ${file} vanished while it was made.`);
  return key;
};

const readIfThere = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new HanseError('SETUP_FAILED', `The key file cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
};
