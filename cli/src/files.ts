// Files that a command names, read with a bound; `-` is standard input.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { failWith } from './failure.ts';
import type { Terminal } from './terminal.ts';

export type NamedText = { readonly file: string; readonly text: string };

const bytesMax = 4 * 1024 * 1024; // of everything together; the API takes 8 MiB of JSON
const filesMax = 500;

export const readText = async (terminal: Terminal, file: string): Promise<string> => {
  if (file === '-') return terminal.readStdin(bytesMax);
  const found = await stat(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  if (found.isDirectory()) throw failWith('usage', `${file} is a directory.`, 'Name a file.');
  if (found.size > bytesMax) throw failWith('usage', `${file} is larger than ${bytesMax / 2 ** 20} MiB.`, 'Split it.');
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error);
  });
};

/** A file, standard input, or every YAML and JSON file of a directory, by name; subdirectories are not entered, as with kubectl apply -f. */
export const readManifests = async (terminal: Terminal, names: readonly string[]): Promise<NamedText[]> => {
  const files = (await Promise.all(names.map(expand))).flat();
  if (files.length > filesMax) throw failWith('usage', `There are ${files.length} files; at most ${filesMax} are taken.`, 'Deploy in parts.');
  const texts: NamedText[] = [];
  let bytes = 0;
  for (const file of files) {
    const text = await readText(terminal, file);
    bytes += Buffer.byteLength(text);
    if (bytes > bytesMax) throw failWith('usage', `The manifests are larger than ${bytesMax / 2 ** 20} MiB together.`, 'Deploy in parts.');
    texts.push({ file: file === '-' ? 'standard input' : file, text });
  }
  return texts;
};

const expand = async (name: string): Promise<string[]> => {
  if (name === '-') return [name];
  const found = await stat(name).catch((error: unknown) => {
    throw unreadable(name, error);
  });
  if (!found.isDirectory()) return [name];
  const entries = await readdir(name, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name)).map((entry) => join(name, entry.name));
  if (files.length === 0) throw failWith('usage', `${name} has no .yaml, .yml or .json file.`, 'Name the directory that has the manifests.');
  return files.toSorted();
};

const unreadable = (file: string, error: unknown): Error => {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown reason';
  if (code === 'ENOENT') return failWith('usage', `There is no file ${file}.`, 'Check the path.');
  if (code === 'EACCES') return failWith('usage', `This account may not read ${file}.`, 'Give it the right, or name another file.');
  return failWith('usage', `${file} cannot be read (${code}).`);
};
