// Has the sources of the configuration read, so far as they are not read bit by bit, and says what they stand for now and whether a folder has changed.
import { marksOf } from './folders.ts';
import type { Harvester } from './harvest/harvester.ts';
import { feedKeptMs } from './harvest/limits.ts';
import { kindOf, nameOf, type Source } from '../source.ts';
import type { Standing } from './received.ts';
import type { Failure, ReadPlain } from './sources.ts';

export type GatheringOptions = {
  readonly sources: readonly Source[];
  readonly readPlain: ReadPlain;
  readonly harvester: Pick<Harvester, 'failures'>;
  now(): number;
};

export type Gathering = {
  /** Reads what is due; answers what failed, and what the tables have to be held against. */
  all(owner: string): Promise<{ readonly standing: Standing; readonly failures: readonly Failure[] }>;
  /** Names, sizes and times of what lies in the folders: another text when something there changed. */
  folderMarks(): Promise<string>;
};

/** A folder with more files than this is looked into only when everything is gathered anew. */
const marksMax = 500;

export function createGathering({ sources, readPlain, harvester, now }: GatheringOptions): Gathering {
  const plain = sources.filter((source) => typeof source === 'string');
  const folders = plain.filter((source) => !source.includes('://'));
  const standing = { sources: sources.map(nameOf), boards: sources.filter((source) => kindOf(source) === 'ces').map(nameOf) };
  return {
    async all(owner) {
      const read = await Promise.all(plain.map((source) => readPlain(owner, source)));
      const failures = [...read.flat(), ...(await harvester.failures(owner))];
      // a notice board forgets after a year: what stands on none any more is nobody's word
      return { standing: { ...standing, since: now() - feedKeptMs }, failures };
    },
    folderMarks: async () => (await Promise.all(folders.map((folder) => marksOf(folder, marksMax)))).join('\n'),
  };
}
