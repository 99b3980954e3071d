// Everything that the sources of the configuration give an owner now, and whether a folder has changed since it was read.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FetchRules } from './fetchText.ts';
import type { Harvester } from './harvest/harvester.ts';
import { nameOf, type Source } from '../source.ts';
import type { ReceivedRows } from './received.ts';
import { gather } from './sources.ts';
import type { Gathered } from './sources.ts';

export type GatheringOptions = {
  readonly sources: readonly Source[];
  readonly rules: Omit<FetchRules, 'bytesMax'>;
  readonly harvester: Pick<Harvester, 'held' | 'note'>;
  readonly rows: Pick<ReceivedRows, 'lastFrom'>;
  readonly askAgainMs: number;
  now(): number;
};

export type Gathering = {
  all(owner: string): Promise<Gathered>;
  /** Names, sizes and times of what lies in the folders: another text when something there changed. */
  folderMarks(): Promise<string>;
};

/** A folder with more files than this is looked into only when everything is gathered anew. */
const marksMax = 500;

export function createGathering({ sources, rules, harvester, rows, askAgainMs, now }: GatheringOptions): Gathering {
  const kept = new Map<string, { readonly gathered: Gathered; readonly until: number }>();
  const from = async (owner: string, source: Source): Promise<Gathered> => {
    const name = nameOf(source);
    const known = kept.get(name);
    if (known !== undefined && known.until > now()) return known.gathered;
    const fresh = await gather(owner, source, rules, harvester);
    const isAddress = typeof source === 'string' && source.includes('://');
    // an address that does not answer today said something yesterday: its credentials hold until they expire
    const gathered = isAddress && fresh.failures.length > 0 ? { ...fresh, received: await rows.lastFrom(owner, name) } : fresh;
    if (isAddress) kept.set(name, { gathered, until: now() + askAgainMs });
    return gathered;
  };
  const folders = sources.filter((source) => typeof source === 'string').filter((source) => !source.includes('://'));
  return {
    async all(owner) {
      const gathered = await Promise.all(sources.map((source) => from(owner, source)));
      return { received: gathered.flatMap(({ received }) => received), failures: gathered.flatMap(({ failures }) => failures) };
    },
    folderMarks: async () => (await Promise.all(folders.map(marksOf))).join('\n'),
  };
}

async function marksOf(folder: string): Promise<string> {
  const names = (await readdir(folder).catch(() => [])).toSorted((left, right) => (left < right ? -1 : 1));
  if (names.length > marksMax) return `${folder} ${names.length}`;
  const marks = await Promise.all(
    names.map(async (name) => {
      const found = await stat(join(folder, name)).catch(() => null);
      return found === null ? name : `${name} ${found.size} ${found.mtimeMs} ${found.ino}`;
    }),
  );
  return marks.join('\n');
}
