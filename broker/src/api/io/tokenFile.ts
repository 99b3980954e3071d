// The token of the API: made at the first start, readable by the account of the broker only.
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HanseError } from '../../errors.ts';

export const tokenFileOf = (configDir: string): string => join(configDir, 'token');

/** Of two brokers that start at once both get the first one's. SETUP_FAILED if it cannot be written, or others may read it. */
export const ensureToken = (configDir: string): string => {
  const file = tokenFileOf(configDir);
  const part = `${file}.${process.pid}`;
  try {
    mkdirSync(configDir, { recursive: true, mode: 0o700 });
    const there = read(file);
    if (there !== undefined) return there;
    writeFileSync(part, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
    try {
      linkSync(part, file);
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
    }
    const made = read(file);
    if (made === undefined) throw new Error('it vanished');
    return made;
  } catch (error) {
    if (error instanceof HanseError) throw error;
    throw new HanseError('SETUP_FAILED', `The token file ${file} cannot be made: ${error instanceof Error ? error.message : 'unknown reason'}.`, {
      fix: 'Give this account the right to write there, or choose another HANSE_CONFIG_DIR.',
      cause: error,
    });
  } finally {
    rmSync(part, { force: true });
  }
};

const read = (file: string): string | undefined => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  if ((statSync(file).mode & 0o077) !== 0)
    throw new HanseError('SETUP_FAILED', `The token file ${file} can be read by others than its owner.`, { fix: `chmod 600 ${file}` });
  if (!/^[\x21-\x7e]{16,512}$/.test(text))
    throw new HanseError('SETUP_FAILED', `The token file ${file} does not hold a token of 16 to 512 printable characters.`, {
      fix: `Remove it; a new one is made at the next start.`,
    });
  return text;
};

const isCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;
