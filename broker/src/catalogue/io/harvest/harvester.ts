// Reads the sources that are read bit by bit, each in turns of its own, and gives what they stand for. A source that does not answer holds up no other.
import { readFileSync } from 'node:fs';
import type { Store } from '../../../store/io/store.ts';
import type { Failure } from '../sources.ts';
import { fetchText, type FetchRules } from '../fetchText.ts';
import { differencesIn } from '../folders.ts';
import { describePlace, readCes } from './ces.ts';
import { readDid } from './did.ts';
import { readHanse } from './hanse.ts';
import { heldMax as usualHeldMax, type HeldMax } from './limits.ts';
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
  /** Why a source could not be read the last time, or is left alone. */
  failures(owner: string): Promise<readonly Failure[]>;
  /** Those that are due; `isForced`: all but those that are limited. Answers whether anything came or went. */
  harvest(owner: string, isForced?: boolean): Promise<boolean>;
  sources(owner: string): Promise<readonly SourceState[]>;
  /** Begins nothing more, and waits for what is under way. */
  stop(): Promise<void>;
};

export type HarvesterOptions = {
  readonly store: Pick<Store, 'db'>;
  readonly sources: readonly Source[];
  readonly rules: Omit<FetchRules, 'bytesMax'>;
  readonly askAgainMs: number;
  readonly heldMax?: HeldMax;
  now(): number;
};

const reads: Readonly<Record<HarvestKind, Read>> = { ces: readCes, xfsc: readXfsc, did: readDid, hanse: readHanse };

export function createHarvester({ store, sources, rules, askAgainMs, heldMax = usualHeldMax, now }: HarvesterOptions): Harvester {
  const rows = createHarvestRows(store);
  const underWay = new Map<string, Promise<boolean>>();
  let isStopped = false;
  const harvested = sources.filter((source) => typeof source !== 'string');

  const turnOf = (owner: string, source: HarvestSource): Promise<boolean> => {
    const key = `${owner} ${nameOf(source)}`;
    const there = underWay.get(key);
    if (there !== undefined) return there;
    const taking = takeTurn({
      owner,
      source,
      read: reads[source.kind],
      rows,
      ask: askFor(source, rules),
      askAgainMs,
      heldMax,
      now,
      isStopped: () => isStopped,
    }).finally(() => underWay.delete(key));
    underWay.set(key, taking);
    return taking;
  };

  return {
    async failures(owner) {
      const records = await rows.records(owner);
      return harvested.flatMap((source) => {
        const record = records.get(nameOf(source));
        if (record === undefined) return [];
        const { limited, failure } = record;
        const reason = limited !== null ? `limited until ${limited.until}: ${limited.reason}` : failure;
        return reason === null ? [] : [{ source: nameOf(source), reason }];
      });
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
          failure: failure ?? differencesIn(record)[0] ?? null,
          limited,
          reasons,
        };
      });
    },
    async stop() {
      isStopped = true;
      await Promise.allSettled(underWay.values());
    },
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
