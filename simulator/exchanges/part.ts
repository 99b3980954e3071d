// The exchanges of the demo federation as one part: an IX-API server for each that has one, with the members' connections and the ends of the splices.
import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Disk } from '../disk.ts';
import { exchanges, members, splices } from '../federation.ts';
import { isPlain } from '../fields.ts';
import type { Action, Part } from '../part.ts';
import type { Connection, ExchangeData } from './exchange.ts';
import { type RunningExchange, startExchange } from './startExchange.ts';
import { noFaults, type Pace } from './state.ts';

const account = 'acc:hanse';
const lifelike: Pace = { allocatedMs: 1_500, testingMs: 3_000, productionMs: 6_000 };
const atOnce: Pace = { allocatedMs: 0, testingMs: 0, productionMs: 0 };
const noticeDays = 30;

export const connectionOf = (member: string): string => `conn:${member}`;
export const spliceConnectionOf = (splice: string): string => `conn:${splice}`;

const connectionsAt = (exchange: string): readonly Connection[] => [
  ...members.filter((member) => member.exchange === exchange).map(({ name }) => ({ id: connectionOf(name), account, speedMbps: 10_000 })),
  ...splices
    .filter(({ between }) => between.includes(exchange))
    .map(({ name, capacityMbps }) => ({ id: spliceConnectionOf(name), account, speedMbps: capacityMbps })),
];

/** AMS-IX speaks 2.1, DE-CIX 2.7: both spellings are met. */
const dataOf = (name: string, title: string, pace: Pace): ExchangeData => ({
  name,
  title,
  schemaVersion: name.startsWith('de-cix') ? '2.7.1' : '2.1.0',
  metroArea: `met:${name}`,
  metroAreaNetwork: `man:${name}`,
  account,
  connections: connectionsAt(name),
  pace,
  noticeDays,
});

type Keys = { readonly key: string; readonly secret: string };

const keysOf = async (disk: Disk, name: string): Promise<Keys> => {
  const part = `exchange-${name}-keys`;
  const found = disk.read(part);
  if (isPlain(found) && typeof found['key'] === 'string' && typeof found['secret'] === 'string') return { key: found['key'], secret: found['secret'] };
  // lengths of IX-API 2.1: 16 and 86 characters
  const made = { key: randomBytes(8).toString('hex'), secret: randomBytes(43).toString('hex') };
  await disk.write(part, made);
  return made;
};

type Open = { readonly name: string; readonly title: string; readonly keys: Keys; readonly running: RunningExchange; readonly profile: '2.1' | '2.7' };

const open = async (disk: Disk, clock: Clock, pace: Pace): Promise<Open[]> => {
  const all: Open[] = [];
  for (const { name, title } of exchanges.filter(({ api }) => api === 'ixApi')) {
    const keys = await keysOf(disk, name);
    const data = dataOf(name, title, pace);
    all.push({
      name,
      title,
      keys,
      profile: data.schemaVersion === '2.1.0' ? '2.1' : '2.7',
      running: await startExchange({ disk, now: clock.now, data, ...keys }),
    });
  }
  return all;
};

const words = ['well', 'slow', 'cut'] as const;
const said: Readonly<Record<(typeof words)[number], string | null>> = {
  well: null,
  slow: 'round trips are 80 ms longer than they were, and 2 % of packets are lost',
  cut: 'no light on the ring since this morning',
};

const circuitAction = (all: readonly Open[]): Action => ({
  usage: `circuit ${all.map(({ name }) => name).join('|')} ${words.join('|')}`,
  about: 'What an exchange says of everything in production there',
  async run([exchange, word]) {
    const one = all.find(({ name }) => name === exchange);
    const known = words.find((each) => each === word);
    if (!one || !known) throw new Error(`circuit wants an exchange and ${words.join(', ')}`);
    one.running.faults.degraded = said[known];
    await one.running.keep();
    return known === 'well' ? `${one.title} says that everything is well.` : `${one.title} says of everything there: ${said[known]}.`;
  },
});

export const exchangesPart: Part = {
  name: 'exchanges',
  async start({ disk, clock, pace }) {
    const all = await open(disk, clock, pace.podReadyMs < 100 ? atOnce : lifelike);
    return {
      ...(all[0] && { url: all[0].running.url }),
      actions: { circuit: circuitAction(all) },
      told: {
        addresses: all.map(({ running }) => new URL(running.url).host),
        exchanges: all.map(({ name, title, profile, keys, running: { url } }) => ({ name, title, url, profile, account, ...keys })),
      },
      async reset() {
        for (const { running } of all) {
          Object.assign(running.faults, noFaults());
          await running.forget();
        }
      },
      close: async () => void (await Promise.all(all.map(({ running }) => running.close()))),
    };
  },
};
