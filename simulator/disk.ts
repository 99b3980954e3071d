// Where the simulator keeps what it knows: one JSON file a part, whole at every moment. Who answers a request awaits the write first, so that a killed
// simulator has told nobody what it forgets.
import { mkdirSync, readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';

export type Disk = {
  /** undefined: nothing was written under this name yet. Check what comes back: an older version may have written it. */
  read(name: string): unknown;
  /** Resolves when the value as it stands now is on disk; writes that come while one is under way share the next. */
  write(name: string, value: unknown): Promise<void>;
};

/** Names become file names: letters, digits, `-` and `.`. */
const nameShape = /^[a-z0-9][a-z0-9.-]{0,100}$/;

/** Makes the folder when it is not there. */
export function openDisk(folder: string): Disk {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fileOf = (name: string): string => {
    if (!nameShape.test(name)) throw new Error(`${name} is not the name of a part`);
    return join(folder, `${name}.json`);
  };
  const waiting = new Map<string, { text: string; readonly written: Promise<void> }>();
  const underWay = new Map<string, Promise<void>>();
  return {
    read(name) {
      const text = readIfThere(fileOf(name));
      return text === undefined ? undefined : JSON.parse(text);
    },
    write(name, value) {
      const file = fileOf(name);
      const text = JSON.stringify(value);
      const next = waiting.get(name);
      if (next) {
        next.text = text;
        return next.written;
      }
      const entry = { text, written: Promise.resolve() };
      const before = underWay.get(name) ?? Promise.resolve();
      const put = async (): Promise<void> => {
        await before.catch(() => {});
        waiting.delete(name);
        await replace(file, entry.text);
      };
      entry.written = put();
      waiting.set(name, entry);
      underWay.set(name, entry.written);
      return entry.written;
    },
  };
}

/** For worlds that end with their process. */
export function memoryDisk(): Disk {
  const kept = new Map<string, string>();
  return {
    read(name) {
      const text = kept.get(name);
      return text === undefined ? undefined : JSON.parse(text);
    },
    async write(name, value) {
      kept.set(name, JSON.stringify(value));
    },
  };
}

async function replace(file: string, text: string): Promise<void> {
  const made = `${file}.new`;
  const handle = await open(made, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(made, file);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
