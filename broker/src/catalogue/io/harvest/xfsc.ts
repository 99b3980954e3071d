// XFSC Federated Catalogue: its list of active assets is walked page by page, and what is not here yet is fetched by its hash. Read as its OpenAPI has it (2026 and before).
import { readAssetPage } from '../../harvest/xfsc.ts';
import { sha256Hex } from '../../judge/pure-crypto.ts';
import { itemBytesMax, itemsPerStepMax, pageBytesMax } from './limits.ts';
import { nothing, type Asking, type Item, type Read, type Refusal } from './step.ts';

const pageSize = 100;
/** Contents in one request: about 100 KiB, and an address that every server takes. */
const batchSize = 20;
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
    if (page.assets.length > itemsPerStepMax) return { lie: `it lists ${page.assets.length} assets at once, and was asked for ${pageSize}` };
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
      listed: [...held.keys()],
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
  for (let at = 0; at < hashes.length; at += batchSize) {
    const batch = hashes.slice(at, at + batchSize);
    const together = await contentsOf(asking, collection, batch);
    for (const hash of batch) {
      // one that is too large, or breaks the answer, is told from the others
      const got = together instanceof Map ? together : await contentsOf(asking, collection, [hash]);
      const content = got instanceof Map ? got.get(hash) : undefined;
      if (content === undefined) {
        refused.push({ id: hash, ...(got instanceof Map ? { reason: 'it is listed, and its content is not given', isLie: true } : { reason: got.reason }) });
        continue;
      }
      const found = sha256Hex(content);
      if (found === hash) items.push({ id: hash, text: content });
      else refused.push({ id: hash, reason: `its bytes have the SHA-256 ${found}, not the one that is announced`, isLie: true });
    }
  }
  return { items, refused };
}

async function contentsOf(
  { source, ask }: Asking,
  collection: Collection,
  hashes: readonly string[],
): Promise<Map<string, string> | { readonly reason: string }> {
  const query = `hashes=${hashes.join(',')}&statuses=active&withMeta=true&withContent=true&limit=${hashes.length}`;
  const fetched = await ask(`${source.at}/${collection}?${query}`, hashes.length === 1 ? 2 * itemBytesMax : pageBytesMax);
  if ('failure' in fetched) return { reason: fetched.failure };
  const page = readAssetPage(fetched.text);
  return 'reason' in page ? page : new Map(page.assets.flatMap(({ hash, content }) => (content === null ? [] : [[hash, content] as const])));
}
