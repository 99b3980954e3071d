// Credentials Events Service: a notice board, polled behind the last event that was read. The documents that a label names lie at their owners.
import { namedBy, readCesEvents, type Named } from '../../harvest/ces.ts';
import { quoted } from '../../json.ts';
import { readReceived } from '../../credential.ts';
import { sriOf } from '../../sri.ts';
import { itemBytesMax, pageBytesMax } from './limits.ts';
import { nothing, type Asking, type Item, type Read, type Refusal } from './step.ts';

/** As other catalogues poll it. */
const pageSize = 20;
/** A label of the highest level rests on about 40 credentials. */
const namedMax = 100;
const atOnce = 4;

export const readCes: Read = async ({ source, cursor, ask }) => {
  const behind = cursor === null ? '' : `&lastReceivedID=${encodeURIComponent(cursor)}`;
  const fetched = await ask(`${source.at}/credentials-events?page=0&size=${pageSize}${behind}`, pageBytesMax);
  if ('failure' in fetched) return fetched;
  const read = readCesEvents(fetched.text);
  if ('reason' in read) return { failure: read.reason };
  const items: Item[] = [];
  const refused: Refusal[] = [];
  for (const { id, text, reason } of read.events) {
    if (id === null || text === null) {
      refused.push({ id: id ?? 'an event without an id', reason });
      continue;
    }
    items.push({ id, text });
    const named = await gatherNamed(namedBy(text).slice(0, namedMax), ask);
    items.push(...named.items);
    refused.push(...named.refused);
  }
  const last = read.events.findLast(({ id }) => id !== null)?.id ?? null;
  if (read.events.length > 0 && last === null) return { lie: 'none of its events has an id to go on behind' };
  // a full page may have another behind it; the service does not say
  return { ...nothing, items, refused, cursor: last ?? cursor, more: read.events.length >= pageSize };
};

async function gatherNamed(named: readonly Named[], ask: Asking['ask']): Promise<{ items: Item[]; refused: Refusal[] }> {
  const items: Item[] = [];
  const refused: Refusal[] = [];
  const one = async ({ address, digest }: Named): Promise<void> => {
    const fetched = await ask(address, itemBytesMax);
    if ('failure' in fetched) return void refused.push({ id: address, reason: fetched.failure });
    const text = fetched.text.trim();
    const flaw = digestFlaw(text, digest);
    if (flaw === null) items.push({ id: address, text });
    else refused.push({ id: address, reason: flaw });
  };
  for (let at = 0; at < named.length; at += atOnce) await Promise.all(named.slice(at, at + atOnce).map(one));
  return { items, refused };
}

/** Not a lie of the feed: whoever lies, the label or the document's owner, the feed only carries it. */
function digestFlaw(text: string, digest: string | null): string | null {
  const read = readReceived(text);
  if ('part' in read) return read.reason;
  if (digest === null) return null;
  const found = sriOf(read);
  return found === digest ? null : `the label in the feed is for ${quoted(digest, 80)}, and what lies there is ${found}`;
}
