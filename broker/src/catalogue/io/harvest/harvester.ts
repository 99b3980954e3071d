// Reads the sources that are read bit by bit, each in turns of its own, and gives what they stand for. A source that does not answer holds up no other.
import { readFileSync } from 'node:fs';
import type { Store } from '../../../store/io/store.ts';
import type { Gathered } from '../sources.ts';
import { fetchText, type FetchRules } from '../fetchText.ts';
import { describePlace, readCes } from './ces.ts';
import { readDid } from './did.ts';
import { readHanse } from './hanse.ts';
import { feedKeptMs } from './limits.ts';
import { createHarvestRows } from './rows.ts';
import { kindOf, nameOf, type HarvestKind, type HarvestSource, type Source } from '../../source.ts';
import type { Asking, Read } from './step.ts';
import { takeTurn } from './turn.ts';
import { readXfsc } from './xfsc.ts';

export type SourceState = {
  readonly name: string;
  readonly kind: ReturnType<typeof kindOf>;
  /** How far it was read, as its kind writes it. */
  readonly cursor: string | null;
  /** Credentials that it stands for now. */
  readonly held: number;
  /** Since the first turn. */
  readonly received: number;
  readonly refused: number;
  readonly removed: number;
  /** RFC 3339. */
  readonly triedAt: string | null;
  readonly succeededAt: string | null;
  readonly againAt: string | null;
  /** Why the last turn failed. */
  readonly failure: string | null;
  /** Why it is left alone for a while. */
  readonly limited: { readonly at: string; readonly until: string; readonly reason: string } | null;
  /** What was refused at the door, newest first. */
  readonly reasons: readonly { readonly id: string; readonly reason: string; readonly at: string }[];
};

export type Harvester = {
  /** What this source stands for, from the tables. */
  held(owner: string, source: HarvestSource): Promise<Gathered>;
  /** Those that are due; `isForced`: all but those that are limited. Answers whether anything came or went. */
  harvest(owner: string, isForced?: boolean): Promise<boolean>;
  sources(owner: string): Promise<readonly SourceState[]>;
  /** Begins nothing more, and waits for what is under way. */
  stop(): Promise<void>;
  /** That a folder or address was read. */
  note(owner: string, source: string, gathered: Gathered): void;
};

export type HarvesterOptions = {
  readonly store: Pick<Store, 'db'>;
  readonly sources: readonly Source[];
  readonly rules: Omit<FetchRules, 'bytesMax'>;
  readonly askAgainMs: number;
  now(): number;
};

const reads: Readonly<Record<HarvestKind, Read>> = { ces: readCes, xfsc: readXfsc, did: readDid, hanse: readHanse };

type Noted = { readonly at: string; readonly received: number; readonly failures: Gathered['failures']; readonly succeededAt: string | null };

export function createHarvester({ store, sources, rules, askAgainMs, now }: HarvesterOptions): Harvester {
  const rows = createHarvestRows(store);
  const underWay = new Map<string, Promise<boolean>>();
  const noted = new Map<string, Noted>();
  let isStopped = false;
  const harvested = sources.filter((source) => typeof source !== 'string');

  const turnOf = (owner: string, source: HarvestSource): Promise<boolean> => {
    const key = `${owner} ${nameOf(source)}`;
    const there = underWay.get(key);
    if (there !== undefined) return there;
    const taking = takeTurn({ owner, source, read: reads[source.kind], rows, ask: askFor(source, rules), askAgainMs, now, isStopped: () => isStopped }).finally(
      () => underWay.delete(key),
    );
    underWay.set(key, taking);
    return taking;
  };

  return {
    async held(owner, source) {
      const name = nameOf(source);
      const [texts, { record }] = await Promise.all([rows.texts(owner, name), rows.standing(owner, name)]);
      // a notice board forgets after a year: what stands on none any more is nobody's word
      const oldest = source.kind === 'ces' ? now() - feedKeptMs : 0;
      const received = texts.filter(({ at }) => at.getTime() > oldest).map(({ id, text }) => ({ source: `${name} ${id}`, text }));
      const failures =
        record.limited !== null ? [`limited until ${record.limited.until}: ${record.limited.reason}`] : record.failure !== null ? [record.failure] : [];
      return { received, failures: failures.map((reason) => ({ source: name, reason })) };
    },
    async harvest(owner, isForced = false) {
      if (harvested.length === 0 || isStopped) return false;
      const records = await rows.records(owner);
      const due = harvested.filter((source) => {
        const record = records.get(nameOf(source));
        const until = isForced ? record?.limited?.until : record?.againAt;
        const isUnderWay = !isForced && underWay.has(`${owner} ${nameOf(source)}`);
        return !isUnderWay && (until === undefined || until === null || Date.parse(until) <= now());
      });
      const ends = await Promise.allSettled(due.map((source) => turnOf(owner, source)));
      const defect = ends.find((end) => end.status === 'rejected');
      if (defect !== undefined) throw defect.reason;
      return ends.some((end) => end.status === 'fulfilled' && end.value);
    },
    async sources(owner) {
      const states = await rows.all(owner);
      return sources.map((source) => {
        const name = nameOf(source);
        const kind = kindOf(source);
        if (typeof source === 'string') return plainState(name, kind, noted.get(`${owner} ${name}`));
        const { cursor = null, items = 0, record } = states.get(name) ?? {};
        const {
          received = 0,
          refused = 0,
          removed = 0,
          triedAt = null,
          succeededAt = null,
          againAt = null,
          failure = null,
          limited = null,
          reasons = [],
        } = record ?? {};
        return {
          name,
          kind,
          cursor: kind === 'ces' ? describePlace(cursor) : cursor,
          held: items,
          received,
          refused,
          removed,
          triedAt,
          succeededAt,
          againAt,
          failure,
          limited,
          reasons,
        };
      });
    },
    async stop() {
      isStopped = true;
      await Promise.allSettled(underWay.values());
    },
    note(owner, source, { received, failures }) {
      const at = new Date(now()).toISOString();
      const before = noted.get(`${owner} ${source}`);
      noted.set(`${owner} ${source}`, { at, received: received.length, failures, succeededAt: failures.length === 0 ? at : (before?.succeededAt ?? null) });
    },
  };
}

/** Folders and addresses are read anew each time: what is told is of this broker, since it runs. */
function plainState(name: string, kind: SourceState['kind'], noted: Noted | undefined): SourceState {
  const failures = noted?.failures ?? [];
  return {
    name,
    kind,
    cursor: null,
    held: noted?.received ?? 0,
    received: noted?.received ?? 0,
    refused: failures.length,
    removed: 0,
    triedAt: noted?.at ?? null,
    succeededAt: noted?.succeededAt ?? null,
    againAt: null,
    failure: failures[0]?.reason ?? null,
    limited: null,
    reasons: failures.slice(0, 10).map(({ source, reason }) => ({ id: source, reason, at: noted?.at ?? '' })),
  };
}

/** The token goes to the source's own origin and to nobody that it names. */
function askFor({ at, tokenFile }: HarvestSource, rules: Omit<FetchRules, 'bytesMax'>): Asking['ask'] {
  return async (address, bytesMax) => {
    if (tokenFile === undefined || !URL.canParse(at) || !URL.canParse(address) || new URL(address).origin !== new URL(at).origin)
      return fetchText(address, { ...rules, bytesMax });
    try {
      return await fetchText(address, { ...rules, bytesMax }, { token: readFileSync(tokenFile, 'utf8').trim() });
    } catch {
      return { failure: `its token cannot be read from ${tokenFile}` };
    }
  };
}
