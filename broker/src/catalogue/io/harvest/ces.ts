// Credentials Events Service: a notice board, polled behind the last event that was read. The documents that a label names lie at their owners, and are
// asked for again where they do not answer: the event does not come a second time.
import { z } from 'zod';
import { namedBy, readCesEvents } from '../../harvest/ces.ts';
import { quoted } from '../../judge/json.ts';
import { readReceived } from '../../judge/credential.ts';
import { sriOf } from '../../judge/sri.ts';
import { itemBytesMax, pageBytesMax } from './limits.ts';
import { nothing, type Asking, type Item, type Read, type Refusal } from './step.ts';

/** As other catalogues poll it. */
const pageSize = 20;
/** A label of the highest level rests on about 40 credentials. */
const namedMax = 100;
const atOnce = 4;
/**
 * What could not be had: so many are remembered of all, so many asked for in one turn, each so often (a weekend of turns of five minutes). Where there are more,
 * the hosts that have the most of them lose some: one whose labels name what is nowhere pushes out nobody else's.
 */
const pendingMax = 500;
const againMax = 50;
const triesMax = 1_000;
/** Of one step: it is kept as a whole. */
const bytesMax = 64 * 1024 * 1024;

const waiting = z.object({ address: z.string(), digest: z.string().nullable(), tries: z.int() });
const place = z.object({ last: z.string().nullable(), pending: z.array(waiting) });
type Waiting = z.infer<typeof waiting>;

export const readCes: Read = async ({ source, cursor, ask }) => {
  const { last: before, pending } = parsePlace(cursor);
  const behind = before === null ? '' : `&lastReceivedID=${encodeURIComponent(before)}`;
  const fetched = await ask(`${source.at}/credentials-events?page=0&size=${pageSize}${behind}`, pageBytesMax);
  if ('failure' in fetched) return fetched;
  const read = readCesEvents(fetched.text);
  if ('reason' in read) return { failure: read.reason };
  const last = read.events.findLast(({ id }) => id !== null)?.id ?? before;
  if (read.events.length > 0 && last === null) return { lie: 'none of its events has an id to go on behind' };
  // a full page may have another behind it; the service does not say
  const more = read.events.length >= pageSize;

  const found: Found = { items: [], refused: [], missed: [], bytes: 0 };
  for (const { id, text, reason } of read.events) {
    if (id === null || text === null) {
      found.refused.push({ id: id ?? 'an event without an id', reason });
      continue;
    }
    found.items.push({ id, text });
    const named = namedBy(text).slice(0, namedMax);
    await gatherNamed(
      named.map((each) => ({ ...each, tries: 0 })),
      ask,
      found,
    );
  }
  const asked = new Set(more ? [] : inTurns(pending).slice(0, againMax));
  await gatherNamed([...asked], ask, found);
  // those that were asked for stand at the end now: each has its turn
  const next = inTurns([...pending.filter((each) => !asked.has(each)), ...found.missed]).slice(0, pendingMax);
  return { ...nothing, items: found.items, refused: found.refused, cursor: writePlace(last, next), more };
};

/** One of each host, then the second of each, in the order in which they came: who has many waits for itself. */
export function inTurns<Item extends { readonly address: string }>(waiting: readonly Item[]): readonly Item[] {
  const counts = new Map<string, number>();
  const placed = waiting.map((each) => {
    const host = URL.canParse(each.address) ? new URL(each.address).hostname.split('.').slice(-2).join('.') : '';
    const place = counts.get(host) ?? 0;
    counts.set(host, place + 1);
    return { each, place };
  });
  return placed.toSorted((left, right) => left.place - right.place).map(({ each }) => each);
}

/** An event's id alone where nothing is waited for; what an id looks like is the source's. */
const writePlace = (last: string | null, pending: readonly Waiting[]): string | null =>
  pending.length === 0 && last?.startsWith('{') !== true ? last : JSON.stringify({ last, pending });

function parsePlace(cursor: string | null): z.infer<typeof place> {
  // written above, and only there
  return cursor?.startsWith('{') === true ? place.parse(JSON.parse(cursor)) : { last: cursor, pending: [] };
}

/** As a person wants to read it. */
export function describePlace(cursor: string | null): string | null {
  const { last, pending } = parsePlace(cursor);
  return pending.length === 0 ? last : `${last} (${pending.length} documents waited for)`;
}

type Found = { readonly items: Item[]; readonly refused: Refusal[]; readonly missed: Waiting[]; bytes: number };

async function gatherNamed(named: readonly Waiting[], ask: Asking['ask'], found: Found): Promise<void> {
  const { items, refused, missed } = found;
  const one = async ({ address, digest, tries }: Waiting): Promise<void> => {
    if (found.bytes > bytesMax) return void missed.push({ address, digest, tries: tries + 1 });
    const fetched = await ask(address, itemBytesMax);
    if ('failure' in fetched) {
      if (tries === 0 || tries === triesMax) refused.push({ id: address, reason: fetched.failure });
      if (tries < triesMax) missed.push({ address, digest, tries: tries + 1 });
      return;
    }
    found.bytes += fetched.text.length;
    const text = fetched.text.trim();
    const flaw = digestFlaw(text, digest);
    if (flaw === null) items.push({ id: address, text });
    else refused.push({ id: address, reason: flaw });
  };
  for (let at = 0; at < named.length; at += atOnce) await Promise.all(named.slice(at, at + atOnce).map(one));
}

/** Not a lie of the feed: whoever lies, the label or the document's owner, the feed only carries it. */
function digestFlaw(text: string, digest: string | null): string | null {
  const read = readReceived(text);
  if ('part' in read) return read.reason;
  if (digest === null) return null;
  const found = sriOf(read);
  return found === digest ? null : `the label in the feed is for ${quoted(digest, 80)}, and what lies there is ${found}`;
}
