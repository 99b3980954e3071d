// What was done outside, as the simulated systems themselves wrote it down: objects that came into being, and orders at exchanges.
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { keptOf } from '../../simulator/exchanges/state.ts';

/** As simulator/objectLog.ts writes them: one a line. */
const entry = z.object({ key: z.string(), object: z.object({ metadata: z.object({ uid: z.string() }) }).nullable() });
/** As simulator/exchanges keeps them; `number` goes up with everything that is taken, also with what is taken back later. */
const exchange = z.object({
  number: z.number(),
  items: z.array(z.object({ id: z.string(), kind: z.string(), body: z.record(z.string(), z.unknown()), cancelled: z.unknown().nullable() })),
});

const circuits = new Set(['service', 'config']);

export type Effects = {
  /** Reads on. Before the simulator is killed, too: at its next start it forgets what is gone by then. */
  read(): void;
  /** From now on. */
  begin(): void;
  /** Since the beginning: member and key → how many objects were made there, one after the other. */
  made(): ReadonlyMap<string, number>;
  /** Since the beginning: exchange → how many orders, rules and MAC addresses it took. */
  taken(): ReadonlyMap<string, number>;
  /** Since the beginning: the same order more than once. */
  orderedTwice(): string[];
  /** Circuits that nobody has cancelled, with their ids as the last word. */
  standing(): string[];
};

/** Of an exchange that has taken nothing yet, and may have no file. */
const firstNumber = keptOf(undefined).number;

export function watchEffects(folder: string, members: readonly string[]): Effects {
  const tails = members.map((member) => ({ member, follow: tailOf(join(folder, `${member}.log`)) }));
  const seen = new Map<string, Set<string>>();
  let before = new Set<string>();
  let ordersBefore = new Set<string>();
  let takenBefore = new Map<string, number>();
  const read = (): void => {
    for (const { member, follow } of tails)
      for (const line of follow()) {
        const { key, object } = entry.parse(JSON.parse(line));
        if (object === null) continue;
        const place = `${member} ${key}`;
        const uids = seen.get(place) ?? new Set();
        seen.set(place, uids.add(object.metadata.uid));
      }
  };
  const exchanges = () =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) => {
        const { data } = exchange.safeParse(JSON.parse(readFileSync(join(folder, name), 'utf8')));
        return data ? [{ name: name.replace(/\.json$/, ''), ...data }] : [];
      });
  const orders = () => exchanges().flatMap(({ name, items }) => items.map((item) => ({ name, ...item })));
  const numbers = () => new Map(exchanges().map(({ name, number }) => [name, number]));
  return {
    read,
    begin() {
      read();
      before = new Set([...seen].flatMap(([place, uids]) => [...uids].map((uid) => `${place} ${uid}`)));
      ordersBefore = new Set(orders().map(({ name, id }) => `${name} ${id}`));
      takenBefore = numbers();
    },
    made() {
      read();
      const counts = [...seen].map(([place, uids]) => [place, [...uids].filter((uid) => !before.has(`${place} ${uid}`)).length] as const);
      return new Map(counts.filter(([, count]) => count > 0));
    },
    taken() {
      const counts = [...numbers()].map(([name, number]) => [name, number - (takenBefore.get(name) ?? firstNumber)] as const);
      return new Map(counts.filter(([, count]) => count > 0));
    },
    standing: () =>
      // what is not a circuit ends with the one that it belongs to
      orders().flatMap(({ name, id, kind, cancelled }) => (cancelled === null && circuits.has(kind) ? [`${name} ${kind} ${id}`] : [])),
    orderedTwice() {
      const times = new Map<string, number>();
      for (const { name, id, kind, body } of orders()) {
        if (ordersBefore.has(`${name} ${id}`)) continue;
        const order = `${name} ${kind} ${typeof body['external_ref'] === 'string' ? body['external_ref'] : JSON.stringify(body)}`;
        times.set(order, (times.get(order) ?? 0) + 1);
      }
      return [...times].filter(([, count]) => count > 1).map(([order, count]) => `${order}: ${count} times`);
    },
  };
}

/** Whole lines that came since the last call; from the first again when the file was written anew. */
function tailOf(file: string): () => string[] {
  let inode = 0;
  let at = 0;
  return () => {
    if (!existsSync(file)) return [];
    const handle = openSync(file, 'r');
    try {
      const { ino, size } = fstatSync(handle);
      if (ino !== inode) [inode, at] = [ino, 0];
      const bytes = Buffer.alloc(Math.max(0, size - at));
      readSync(handle, bytes, 0, bytes.length, at);
      const whole = bytes.subarray(0, bytes.lastIndexOf(10) + 1);
      at += whole.length;
      return whole.toString('utf8').split('\n').slice(0, -1);
    } finally {
      closeSync(handle);
    }
  };
}
