// What the options of a command that signs, or speaks to strangers, come to.
import { stat } from 'node:fs/promises';
import type { Signer } from '../../broker/src/publishing/io/index.ts';
import { failWith } from './failure.ts';
import { readText } from './files.ts';
import { offline } from './offline.ts';
import type { Terminal } from './terminal.ts';

export type SigningOptions = { readonly key?: string; readonly signer?: string; readonly publicKey?: string; readonly alg?: string };

export const signerOf = async (terminal: Terminal, { key, signer, publicKey, alg }: SigningOptions): Promise<Signer> => {
  const { signerFromCommand, signerFromKey } = await import('../../broker/src/publishing/io/index.ts');
  if (key !== undefined && signer === undefined) {
    await warnOfReaders(terminal, key);
    const text = await readText(terminal, key);
    return offline(() => signerFromKey(text, alg));
  }
  if (signer === undefined || publicKey === undefined || key !== undefined)
    throw failWith('usage', 'It is not said who signs.', 'Give --key FILE, or --signer COMMAND with --public-key FILE.');
  const held = await readText(terminal, publicKey);
  return offline(() => signerFromCommand(signer, held, alg));
};

const warnOfReaders = async (terminal: Terminal, file: string): Promise<void> => {
  const about = file === '-' ? null : await stat(file).catch(() => null);
  if (about !== null && about.isFile() && (about.mode & 0o077) !== 0) terminal.err(`Warning: others can read ${file}: chmod 600 ${file}\n`);
};

export type ReachingOptions = { readonly allow?: readonly string[]; readonly caFile?: string };

export const rulesOf = async (
  terminal: Terminal,
  { allow = [], caFile }: ReachingOptions,
): Promise<{ readonly allowed: readonly string[]; readonly ca?: string }> => ({
  allowed: allow,
  ...(caFile !== undefined && { ca: await readText(terminal, caFile) }),
});
