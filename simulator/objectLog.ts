// The objects of one member on disk: a line for each change, many of one moment in one fsync. Read back and made short at each start.
import { existsSync, readFileSync } from 'node:fs';
import { open, rename, type FileHandle } from 'node:fs/promises';
import type { Stored } from './object.ts';

/** `object` null: it is gone. `owners`: manager → field → value. */
export type Entry = {
  readonly version: number;
  readonly key: string;
  readonly object: Stored | null;
  readonly owners: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

export type ObjectLog = {
  /** What was there at opening, each object once, in the order of its last change; the highest version last. */
  readonly found: readonly Entry[];
  add(entry: Entry): void;
  /** Resolves when everything added so far is on disk. */
  flushed(): Promise<void>;
  close(): Promise<void>;
};

/** As long as this the file may become before it is written anew with what still is. */
const linesMax = 20_000;

export async function openObjectLog(file: string): Promise<ObjectLog> {
  const found = readBack(file);
  const alive = new Map(found.map((entry) => [entry.key, entry]));
  let handle = await shorten(file, [...alive.values()]);
  let lines = alive.size;
  let pending: Entry[] = [];
  let last = Promise.resolve();
  let isQueued = false;
  const put = async (): Promise<void> => {
    isQueued = false;
    const batch = pending;
    pending = [];
    // a deletion keeps its line until the next shortening, so that versions never go back
    for (const entry of batch) {
      alive.delete(entry.key);
      alive.set(entry.key, entry);
    }
    lines += batch.length;
    if (lines > linesMax) {
      const before = handle;
      const all = [...alive];
      for (const [key, { object }] of all.slice(0, -1)) if (object === null) alive.delete(key);
      handle = await shorten(file, [...alive.values()]);
      await before.close();
      lines = alive.size;
      return;
    }
    await handle.appendFile(batch.map(line).join(''));
    await handle.datasync();
  };
  return {
    found: [...alive.values()],
    add(entry) {
      pending.push(entry);
      if (isQueued) return;
      isQueued = true;
      last = last.then(put);
    },
    flushed: () => last,
    async close() {
      await last;
      await handle.close();
    },
  };
}

const line = (entry: Entry): string => `${JSON.stringify(entry)}\n`;

/** Answers the handle to add to. */
async function shorten(file: string, entries: readonly Entry[]): Promise<FileHandle> {
  const made = await open(`${file}.new`, 'w', 0o600);
  await made.writeFile(entries.map(line).join(''));
  await made.sync();
  await rename(`${file}.new`, file);
  return made;
}

/** The last line may be torn: nobody was told of it. */
function readBack(file: string): Entry[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  lines.pop(); // what follows the last newline: nothing, or a torn line
  const last = new Map<string, Entry>();
  for (const text of lines) {
    const entry = JSON.parse(text) as Entry; // this file alone writes them
    last.delete(entry.key);
    last.set(entry.key, entry);
  }
  return [...last.values()].filter((entry, at, all) => entry.object !== null || at === all.length - 1);
}
