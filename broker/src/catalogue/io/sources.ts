// Gives what the sources of the configuration stand for: folders and https addresses are read here, the others bit by bit (harvest/). One source that fails
// does not silence the others.
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { presentationBytesMax } from '../judge/credential.ts';
import { fetchText } from './fetchText.ts';
import type { FetchRules } from './fetchText.ts';
import type { Harvester } from './harvest/harvester.ts';
import type { Source } from '../source.ts';
import { tokensIn } from './tokens.ts';

/** `source`: the file or address it came from, and what it is called there. */
export type Received = { readonly source: string; readonly text: string };
export type Gathered = { readonly received: readonly Received[]; readonly failures: readonly { readonly source: string; readonly reason: string }[] };

const filesMax = 10_000;
const answerBytesMax = 8 * 1024 * 1024;
const endings = /\.(jwt|vc|vp|txt|json|jsonld)$/;

/** What is read bit by bit is given as it was kept, without waiting for its source. */
export async function gather(
  owner: string,
  source: Source,
  rules: Omit<FetchRules, 'bytesMax'>,
  harvester: Pick<Harvester, 'held' | 'note'>,
): Promise<Gathered> {
  if (typeof source !== 'string') return harvester.held(owner, source);
  const gathered = await (source.includes('://') ? fromAddress(source, rules) : fromFolder(source));
  harvester.note(owner, source, gathered);
  return gathered;
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

const apart = (source: string, text: string): Received[] => tokensIn(text).map((each) => ({ source, text: each.slice(0, presentationBytesMax + 1) }));
