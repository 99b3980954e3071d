// Another Hanse: its catalogue's changes, behind the last one that was read.
import { parseCursor, readChanges } from '../../harvest/changes.ts';
import { sha256Hex } from '../../judge/pure-crypto.ts';
import { pageBytesMax } from './limits.ts';
import { nothing, type Item, type Read, type Refusal } from './step.ts';

const pageSize = 500;

export const readHanse: Read = async ({ source, cursor, ask }) => {
  const asked = parseCursor(cursor);
  const fetched = await ask(`${source.at}/v1/catalogue/changes?after=${asked?.after ?? 0}&limit=${pageSize}`, pageBytesMax);
  if ('failure' in fetched) return fetched;
  const read = readChanges(fetched.text, asked);
  if ('restarted' in read) return { ...nothing, cursor: null, more: true };
  if ('reason' in read) return { lie: read.reason };
  const items: Item[] = [];
  const refused: Refusal[] = [];
  const gone: string[] = [];
  let after = asked?.after ?? 0;
  for (const { seq, digest, credential } of read.items) {
    const found = credential === undefined ? null : sha256Hex(credential);
    if (credential === undefined) gone.push(digest);
    else if (found !== digest) refused.push({ id: digest, reason: `its bytes have the SHA-256 ${found}, not the one that is announced`, isLie: true });
    // behind the first that is not what it says nothing is taken: it is announced once, and would be missing here for good
    else if (refused.length === 0) items.push({ id: digest, text: credential });
    if (refused.length === 0) after = seq;
  }
  if (refused.length > 0) return { ...nothing, items, refused, gone, cursor: `${read.catalogue}:${after}` };
  // after the first full reading of a catalogue nothing else of it is there
  return { items, refused, listed: [], gone, cursor: `${read.catalogue}:${read.next}`, more: read.more, isWhole: !read.more };
};
