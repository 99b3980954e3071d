// One turn of one source: step by step, each kept with its cursor in one transaction, held against the limits. What it does is noted whatever happens.
import { readReceived } from '../../judge/credential.ts';
import { quoted } from '../../judge/json.ts';
import type { Fetched } from '../fetchText.ts';
import * as limits from './limits.ts';
import type { HarvestRecord } from './record.ts';
import type { HarvestRows, Standing } from './rows.ts';
import { nameOf, type HarvestSource } from '../../source.ts';
import type { Asking, Item, Read, Refusal, Step } from './step.ts';

export type Turn = {
  readonly owner: string;
  readonly source: HarvestSource;
  readonly read: Read;
  readonly rows: HarvestRows;
  readonly ask: Asking['ask'];
  readonly askAgainMs: number;
  readonly heldMax: limits.HeldMax;
  now(): number;
  /** The broker ends: what is not kept yet is read again another time. */
  isStopped(): boolean;
};

/** Counted over one turn. */
type Tally = { requests: number; steps: number; lies: number; rubbish: number; readonly seen: Set<string> };

type Ending = { readonly failure?: string; readonly limited?: string; readonly isPaced?: boolean };

/** Answers whether something came or went. */
export async function takeTurn(turn: Turn): Promise<boolean> {
  const { owner, rows, now } = turn;
  const source = nameOf(turn.source);
  const begun = now();
  let standing = await rows.standing(owner, source);
  let hasChanged = false;
  const tally: Tally = { requests: 0, steps: 0, lies: 0, rubbish: 0, seen: new Set() };
  const end = async (ending: Ending): Promise<boolean> => {
    await rows.keep(owner, source, { ...standing, record: ended(standing.record, ending, turn) }, null, new Date(now()));
    return hasChanged;
  };
  for (;;) {
    if (tally.steps >= limits.stepsMax || tally.requests >= limits.requestsMax || now() - begun > limits.turnMsMax) return end({ isPaced: true });
    tally.steps += 1;
    const step = await stepOf(turn, source, standing, { tally, begun });
    if (turn.isStopped()) return hasChanged;
    if ('failure' in step) return end({ failure: quoted(step.failure) });
    if ('lie' in step) return end({ limited: quoted(step.lie) });
    const flaw = flawOf(step, standing, tally);
    if (flaw !== null) return end({ limited: flaw });
    const next = await keepStep(turn, source, standing, { step, tally });
    // another broker reads the same source: it is that one's turn
    if (next === null) return hasChanged;
    ({ standing } = next);
    hasChanged ||= next.hasChanged;
    if (next.limited !== null) return end({ limited: next.limited });
    if (!step.more) return end({});
  }
}

type Begun = { readonly tally: Tally; readonly begun: number };

async function stepOf({ source, owner, rows, read, ask, now, isStopped }: Turn, name: string, { cursor }: Standing, { tally, begun }: Begun): ReturnType<Read> {
  const counted = async (address: string, bytesMax: number): Promise<Fetched> => {
    if (isStopped()) return { failure: 'the broker ends' };
    tally.requests += 1;
    if (tally.requests > limits.requestsMax) return { failure: `it takes more than ${limits.requestsMax} requests in one turn` };
    // what a step names may hang, each for as long as one request may take
    if (now() - begun > limits.turnMsMax) return { failure: 'the time of this turn was over' };
    return ask(address, bytesMax);
  };
  return read({ source, cursor, ask: counted, held: (ids) => rows.known(owner, name, ids) });
}

/** What a source that keeps to its own order never does. */
function flawOf(step: Step, { cursor }: Standing, { seen }: Tally): string | null {
  const ids = [...step.items, ...step.refused].map(({ id }) => id).concat(step.listed, step.gone);
  if (ids.length > limits.itemsPerStepMax) return `it gives more than ${limits.itemsPerStepMax} items at once`;
  if (step.more && step.cursor === cursor) return 'its pages do not go on: behind the last one it gives the same place again';
  if (step.more && ids.length > 0 && ids.every((id) => seen.has(id))) return 'its pages do not end: it gives the same items again and again';
  for (const id of ids) seen.add(id);
  return null;
}

type Sorted = { readonly items: readonly Item[]; readonly refused: readonly Refusal[]; readonly declined: readonly string[]; readonly rubbish: number };

/** What is no credential at all is not kept; whether one is worth anything is the judge's. */
function sortOut({ items, refused }: Step): Sorted {
  const taken: Item[] = [];
  const refusals = [...refused];
  const declined: string[] = [];
  let rubbish = 0;
  for (const { id, text: given } of items) {
    const text = given.trim();
    if (Buffer.byteLength(id) > limits.idBytesMax || /\p{C}/u.test(id)) {
      refusals.push({ id: quoted(id, 100), reason: 'its id is too long, or has control characters' });
      continue;
    }
    const read = text.length > limits.itemBytesMax ? { part: 'jws', reason: `it is larger than ${limits.itemBytesMax} bytes` } : readReceived(text);
    if (!('part' in read)) {
      taken.push({ id, text });
      continue;
    }
    if (read.part === 'jws' && !text.startsWith('{')) rubbish += 1;
    refusals.push({ id, reason: read.reason });
    declined.push(id);
  }
  return { items: taken, refused: refusals, declined, rubbish };
}

type Took = { readonly step: Step; readonly tally: Tally };
type Next = { readonly standing: Standing; readonly hasChanged: boolean; readonly limited: string | null };

async function keepStep({ owner, source, rows, heldMax, now }: Turn, name: string, standing: Standing, { step, tally }: Took): Promise<Next | null> {
  const sorted = sortOut(step);
  tally.rubbish += sorted.rubbish;
  tally.lies += sorted.refused.filter(({ isLie }) => isLie).length;
  const isFull = (await rows.room(owner, name, sorted.items, heldMax)).length < sorted.items.length;
  const at = new Date(now());
  const walk = standing.cursor === null ? standing.record.walk + 1 : standing.record.walk;
  const before = { ...standing.record, walk };
  const record = isFull ? before : noted(before, sorted, at.toISOString());
  const moved = { cursor: isFull ? standing.cursor : step.cursor, version: standing.version, record };
  const kept = {
    items: isFull ? [] : sorted.items,
    // an id that is the digest of its bytes says the same tomorrow
    declined: isFull || source.kind !== 'xfsc' ? [] : sorted.declined,
    listed: step.listed,
    gone: step.gone,
    isSwept: step.isWhole && !isFull,
  };
  const done = await rows.keep(owner, name, moved, kept, at);
  if (done === null) return null;
  const next = { ...moved, version: moved.version + 1, record: { ...record, removed: record.removed + done.removed } };
  return { standing: next, hasChanged: kept.items.length > 0 || done.removed > 0, limited: limitedBy(tally, isFull ? heldMax : null) };
}

function limitedBy({ lies, rubbish }: Tally, full: limits.HeldMax | null): string | null {
  if (full !== null) return `it gives more than ${full.items} credentials or ${full.bytes} bytes, with what it gave before and is still kept`;
  if (lies > limits.liesMax) return `${lies} times what it gave was not what it announced`;
  return rubbish > limits.rubbishMax ? `${rubbish} times what it gave was no signed credential` : null;
}

function noted(record: HarvestRecord, { items, refused }: Sorted, at: string): HarvestRecord {
  const reasons = refused.slice(0, limits.reasonsMax).map(({ id, reason }) => ({ id: quoted(id), reason: quoted(reason, 300), at }));
  return {
    ...record,
    received: record.received + items.length,
    refused: record.refused + refused.length,
    reasons: [...reasons, ...record.reasons].slice(0, limits.reasonsMax),
  };
}

function ended(record: HarvestRecord, { failure, limited, isPaced = false }: Ending, { now, askAgainMs }: Turn): HarvestRecord {
  const at = now();
  const after = (ms: number): string => new Date(at + ms).toISOString();
  const base = { ...record, turns: record.turns + 1, triedAt: after(0) };
  if (limited !== undefined) return { ...base, againAt: after(limits.pauseMs), limited: { at: after(0), until: after(limits.pauseMs), reason: limited } };
  if (failure !== undefined) {
    const waitMs = Math.min(askAgainMs * 2 ** Math.min(record.failures, 20), limits.failureMsMax);
    return { ...base, failure, failures: record.failures + 1, againAt: after(Math.max(waitMs, limits.soonMs)) };
  }
  return { ...base, succeededAt: after(0), failure: null, failures: 0, limited: null, againAt: after(isPaced ? limits.soonMs : askAgainMs) };
}
