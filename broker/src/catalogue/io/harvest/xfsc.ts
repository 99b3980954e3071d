// XFSC Federated Catalogue: its list of active assets is walked page by page, and what is not here yet is fetched by its hash.
import { readAssetPage, type Asset } from '../../harvest/xfsc.ts';
import { quoted } from '../../json.ts';
import { sha256Hex } from '../../pure-crypto.ts';
import { itemBytesMax, pageBytesMax } from './limits.ts';
import { nothing, type Asking, type Item, type Read, type Refusal } from './step.ts';

const pageSize = 100;
const atOnce = 4;
/** The images before 2026 are still deployed: of these two the one that the source answers. */
const collections = ['assets', 'self-descriptions'] as const;
type Collection = (typeof collections)[number];

/** Which collection, how far, and how many the list had: when that changes under way, the pages may not have been those of one list. */
type Walk = { readonly collection: Collection; readonly offset: number; readonly total: number };

export const readXfsc: Read = async (asking) => {
  const walk = readWalk(asking.cursor);
  const asked = walk === null ? collections : [walk.collection];
  let failure = '';
  for (const collection of asked) {
    const offset = walk?.offset ?? 0;
    const fetched = await asking.ask(
      `${asking.source.at}/${collection}?statuses=active&withMeta=true&withContent=false&offset=${offset}&limit=${pageSize}`,
      pageBytesMax,
    );
    if ('failure' in fetched) {
      failure = fetched.failure;
      if (!failure.endsWith('answered 404')) break;
      continue;
    }
    const page = readAssetPage(fetched.text);
    if ('reason' in page) return { failure: page.reason };
    const active = page.assets.filter(({ status }) => status === 'active');
    const hashes = [...new Set(active.map(({ hash }) => hash))];
    const held = await asking.held(hashes);
    const { items, refused } = await fetchAll(
      asking,
      collection,
      hashes.filter((hash) => !held.has(hash)),
    );
    const end = offset + page.assets.length + page.refused.length;
    const isEnd = page.assets.length + page.refused.length === 0 || end >= page.total;
    const next: Walk = { collection, offset: end, total: walk?.total ?? page.total };
    return {
      ...nothing,
      items,
      refused: [...page.refused.map((reason) => ({ id: `an entry from ${offset} on`, reason })), ...refused],
      listed: [...held],
      cursor: isEnd ? null : JSON.stringify(next),
      more: !isEnd,
      // what could not be fetched now is not gone
      isWhole: isEnd && page.total === next.total && end >= page.total,
    };
  }
  return { failure };
};

function readWalk(cursor: string | null): Walk | null {
  // written below, and only there
  return cursor === null ? null : (JSON.parse(cursor) as Walk);
}

async function fetchAll(asking: Asking, collection: Collection, hashes: readonly string[]): Promise<{ items: Item[]; refused: Refusal[] }> {
  const items: Item[] = [];
  const refused: Refusal[] = [];
  const one = async (hash: string): Promise<void> => {
    const got = await fetchOne(asking, collection, hash);
    if ('reason' in got) return void refused.push({ id: hash, ...got });
    const found = sha256Hex(got.content);
    if (found === hash) items.push({ id: hash, text: got.content });
    else refused.push({ id: hash, reason: `its bytes have the SHA-256 ${found}, not the one that is announced`, isLie: true });
  };
  for (let at = 0; at < hashes.length; at += atOnce) await Promise.all(hashes.slice(at, at + atOnce).map(one));
  return { items, refused };
}

async function fetchOne({ source, ask }: Asking, collection: Collection, hash: string): Promise<{ content: string } | { reason: string }> {
  // only the older interface has a path of each content
  const path = collection === 'assets' ? `assets?hashes=${hash}&withMeta=true&withContent=true&limit=1` : `self-descriptions/${hash}`;
  const fetched = await ask(`${source.at}/${path}`, itemBytesMax);
  if ('failure' in fetched) return { reason: fetched.failure };
  if (collection === 'self-descriptions') return { content: fetched.text };
  const page = readAssetPage(fetched.text);
  if ('reason' in page) return { reason: page.reason };
  const content = page.assets.find((each: Asset) => each.hash === hash)?.content;
  return typeof content === 'string' ? { content } : { reason: `${quoted(collection)} lists it and does not give its content` };
}
