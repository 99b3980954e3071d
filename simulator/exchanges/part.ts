// The exchanges of the demo federation as one part: an IX-API server for each that has one, with the members' connections and the ends of the splices.
import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Disk } from '../disk.ts';
import { exchanges, members, splices } from '../federation.ts';
import { isPlain } from '../fields.ts';
import type { Action, Part } from '../part.ts';
import type { Connection, ExchangeData } from './sold.ts';
import { type RunningExchange, startExchange } from './startExchange.ts';
import { noFaults, type Pace } from './state.ts';
import { connectionOf, slow, spliceConnectionOf, type Trouble, wayBetween } from './ways.ts';

const account = 'acc:hanse';
const lifelike: Pace = { allocatedMs: 1_500, testingMs: 3_000, productionMs: 6_000 };
const atOnce: Pace = { allocatedMs: 0, testingMs: 0, productionMs: 0 };
const noticeDays = 30;

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
const said: Readonly<Record<Trouble, string>> = {
  slow: `round trips are ${slow.roundTripMs} ms longer than they were, and ${slow.lossPercent} % of packets are lost`,
  cut: 'no light since a moment ago',
};

/** What goes wrong on the way, kept: by member (its attachment), splice or exchange (everything there). */
const openTroubles = (disk: Disk, all: readonly Open[]) => {
  const part = 'circuits';
  const found = disk.read(part);
  const troubles: Record<string, Trouble> = {};
  if (isPlain(found)) for (const [name, word] of Object.entries(found)) if (word === 'slow' || word === 'cut') troubles[name] = word;
  /** The exchanges say so of what they have an order for. */
  const tell = async (): Promise<void> => {
    for (const { name, running } of all) {
      const wrong = troubles[name];
      running.faults.degraded = wrong === undefined ? null : said[wrong];
      running.faults.connections = Object.fromEntries(
        Object.entries(troubles).flatMap(([what, word]) => [connectionOf(what), spliceConnectionOf(what)].map((id) => [id, said[word]])),
      );
      await running.keep();
    }
  };
  return {
    all: troubles,
    async set(name: string, word: Trouble | undefined): Promise<void> {
      if (word === undefined) delete troubles[name];
      else troubles[name] = word;
      await disk.write(part, troubles);
      await tell();
    },
    async clear(): Promise<void> {
      for (const name of Object.keys(troubles)) delete troubles[name];
      await disk.write(part, troubles);
    },
  };
};

const titles: readonly (readonly [name: string, title: string])[] = [
  ...members.map(({ name }) => [name, `the attachment of ${name}`] as const),
  ...splices.map(({ name }) => [name, `splice ${name}`] as const),
  ...exchanges.map(({ name, title }) => [name, `everything at ${title}`] as const),
];

const circuitAction = (set: (name: string, word: Trouble | undefined) => Promise<void>): Action => ({
  usage: `circuit MEMBER|SPLICE|EXCHANGE ${words.join('|')}`,
  about: `its traffic is late, or none passes (${titles.map(([name]) => name).join(', ')})`,
  async run([what, word]) {
    const [name, title] = titles.find(([each]) => each === what) ?? [];
    const known = words.find((each) => each === word);
    if (name === undefined || title === undefined || known === undefined)
      throw new Error(`circuit wants one of ${titles.map(([each]) => each).join(', ')}, and ${words.join(', ')}`);
    await set(name, known === 'well' ? undefined : known);
    return known === 'well' ? `All is well again with ${title}.` : `Of ${title}: ${said[known]}.`;
  },
});

export const exchangesPart: Part = {
  name: 'exchanges',
  async start({ disk, clock, pace, lan }) {
    const all = await open(disk, clock, pace.podReadyMs < 100 ? atOnce : lifelike);
    const troubles = openTroubles(disk, all);
    lan.openWith((from, to) => {
      const configs = Object.fromEntries(all.map(({ name, running }) => [name, running.configs()]));
      return wayBetween({ exchanges, splices, members, configs, troubles: troubles.all }, from, to);
    });
    return {
      ...(all[0] && { url: all[0].running.url }),
      actions: { circuit: circuitAction(troubles.set) },
      told: {
        addresses: all.map(({ running }) => new URL(running.url).host),
        exchanges: all.map(({ name, title, profile, keys, running: { url } }) => ({ name, title, url, profile, account, ...keys })),
      },
      async reset() {
        await troubles.clear();
        for (const { running } of all) {
          Object.assign(running.faults, noFaults());
          await running.keep();
        }
      },
      close: async () => void (await Promise.all(all.map(({ running }) => running.close()))),
    };
  },
};
