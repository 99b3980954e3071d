// Several brokers read one folder of the configuration, each on its own disk: whose contents count, and who finds others.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { HarvestRecord } from './harvest/record.ts';

/** Names, sizes and times of what lies there: another text when something changed. Of more files than `most` only how many there are. */
export async function marksOf(folder: string, most = Number.POSITIVE_INFINITY): Promise<string> {
  const names = (await readdir(folder).catch(() => [])).toSorted((left, right) => (left < right ? -1 : 1));
  if (names.length > most) return `${folder} ${names.length}`;
  const marks = await Promise.all(
    names.map(async (name) => {
      const found = await stat(join(folder, name)).catch(() => null);
      return found === null ? name : `${name} ${found.size} ${found.mtimeMs} ${found.ino}`;
    }),
  );
  return marks.join('\n');
}

/** What a broker that ended gave is left alone for so long: it may be starting again. */
const absentMs = 600_000;
/** A broker that has not looked for so long has been put right, or is gone. */
const differingMs = 3_600_000;
const differingMax = 10;

export type Broker = {
  /** `IDENTITY@HOST` */
  readonly name: string;
  /** Whether the one of this name runs on the same database now. */
  isRunning(name: string): Promise<boolean>;
};
/** By owner and folder: marks of this broker's disk when it read it last. */
export type Reader = Broker & { readonly seen: Map<string, string> };

/** Where there is one broker. */
export const alone: Broker = { name: '', isRunning: async () => false };

/**
 * Whether what this broker finds is only compared: another one has changed the contents since, and nothing has changed on the disk here. Otherwise two brokers
 * with different contents would take back each other's at every turn.
 */
export async function isOnlyCompared(
  { name, seen, isRunning }: Reader,
  place: { readonly key: string; readonly marks: string },
  { reader }: HarvestRecord,
  at: number,
): Promise<boolean> {
  if (reader === null || reader.broker === name || seen.get(place.key) !== place.marks) return false;
  return at - Date.parse(reader.at) < absentMs || isRunning(reader.broker);
}

/** `isCompared`: as above; null: it is no folder. `count`: of differences that were found, and written unless they were only compared. */
export type FoundThere = { readonly count: number; readonly isCompared: boolean | null; readonly isWhole: boolean; readonly at: Date };

export function readBy(record: HarvestRecord, broker: string, { count, isCompared, isWhole, at }: FoundThere): HarvestRecord {
  if (isCompared === null || !isWhole) return record;
  const now = at.toISOString();
  const others = record.differing.filter((each) => each.broker !== broker && Date.parse(each.at) > at.getTime() - differingMs).slice(0, differingMax - 1);
  const isReader = record.reader === null || record.reader.broker === broker || (count > 0 && !isCompared);
  return {
    ...record,
    reader: isReader ? { broker, at: now } : record.reader,
    differing: isCompared && count > 0 ? [{ broker, at: now, count }, ...others] : others,
  };
}

/** In words; none where all find the same. */
export function differencesIn(record: Pick<HarvestRecord, 'reader' | 'differing'> | undefined): readonly string[] {
  const told = record?.differing.map(({ broker, count }) => `${broker} (${count} differ)`).join(', ') ?? '';
  return told === '' ? [] : [`what lies there on the disk of ${record?.reader?.broker ?? 'another'} counts, and other things lie there on the disk of ${told}`];
}
