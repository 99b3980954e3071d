// Reads credentials from where the configuration says: folders and https addresses. One source that fails does not silence the others.
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { presentationBytesMax } from '../credential.ts';
import { fetchText } from './fetchText.ts';
import type { FetchRules } from './fetchText.ts';

/** `source`: the file or address it came from. */
export type Received = { readonly source: string; readonly text: string };
export type Gathered = { readonly received: readonly Received[]; readonly failures: readonly { readonly source: string; readonly reason: string }[] };

const filesMax = 10_000;
const credentialsMax = 10_000;
const answerBytesMax = 8 * 1024 * 1024;
const endings = /\.(jwt|vc|vp|txt|json|jsonld)$/;

export async function gather(source: string, rules: Omit<FetchRules, 'bytesMax'>): Promise<Gathered> {
  return source.includes('://') ? fromAddress(source, rules) : fromFolder(source);
}

/** Files *.jwt, *.vc, *.vp, *.txt, and *.json for what it is, in order of their names; each holds one credential or several, one a line. */
async function fromFolder(folder: string): Promise<Gathered> {
  const names = await readdir(folder).catch(() => null);
  if (names === null) return { received: [], failures: [{ source: folder, reason: 'the folder cannot be read' }] };
  const received: Received[] = [];
  const failures: { source: string; reason: string }[] = [];
  for (const name of names
    .filter((each) => endings.test(each))
    .toSorted()
    .slice(0, filesMax)) {
    const source = join(folder, name);
    const text = await readBounded(source);
    if (text === null) failures.push({ source, reason: `it cannot be read, or is larger than ${answerBytesMax} bytes` });
    else received.push(...apart(source, text));
  }
  return { received, failures };
}

/** A file that grows, or a device that never ends, is read no further than the limit. */
async function readBounded(path: string): Promise<string | null> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    if (size > answerBytesMax) return null;
    const { bytesRead, buffer } = await file.read(Buffer.alloc(size), 0, size, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    return null;
  } finally {
    await file.close();
  }
}

async function fromAddress(source: string, rules: Omit<FetchRules, 'bytesMax'>): Promise<Gathered> {
  const fetched = await fetchText(source, { ...rules, bytesMax: answerBytesMax });
  return 'failure' in fetched ? { received: [], failures: [{ source, reason: fetched.failure }] } : { received: apart(source, fetched.text), failures: [] };
}

/** Tokens, one a line; JSON is one thing, so that it can be said what it is. */
const apart = (source: string, text: string): Received[] =>
  (/^\s*[{[]/.test(text) ? [text] : text.split(/\s+/))
    .filter((each) => each !== '')
    .slice(0, credentialsMax)
    .map((each) => ({ source, text: each.slice(0, presentationBytesMax + 1) }));
