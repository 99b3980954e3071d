// Signed credentials out of files and directories; anything else there is left alone, and a private key is never taken for one.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readReceived } from '../../broker/src/catalogue/index.ts';
import type { Signed } from '../../broker/src/publishing/index.ts';
import { failWith } from './failure.ts';
import { readText } from './files.ts';
import type { Terminal } from './terminal.ts';

export type SignedFile = Signed & { readonly file: string };

export const signedIn = async (terminal: Terminal, names: readonly string[]): Promise<readonly SignedFile[]> => {
  const files = (await Promise.all(names.map(expand))).flat();
  const read = await Promise.all(files.map(async (file) => ({ file, token: (await readText(terminal, file)).trim() })));
  const signed = read.flatMap(({ file, token }): SignedFile[] => {
    const credential = readReceived(token);
    if ('part' in credential)
      throw failWith('usage', `${file} is no signed credential: ${credential.part}: ${credential.reason}.`, 'Sign documents first: hanse sign.');
    return credential.kind === 'credential' ? [{ file, token, credential }] : []; // a presentation is made anew
  });
  if (signed.length === 0) throw failWith('usage', 'There is no signed credential (*.jwt).', 'Sign documents first: hanse sign.');
  return signed;
};

const expand = async (name: string): Promise<readonly string[]> => {
  const about = await stat(name).catch(() => null);
  if (about?.isDirectory() !== true) return [name];
  return (await readdir(name))
    .filter((each) => /\.(jwt|vc)$/.test(each))
    .toSorted()
    .slice(0, 500)
    .map((each) => join(name, each));
};
