// Pages of an XFSC Federated Catalogue: `/assets` of 2026, and `/self-descriptions` of the images before, which names the same things otherwise.
import { z } from 'zod';
import { parseJson, quoted } from '../judge/json.ts';

/** `hash`: SHA-256 (hex) of the content, under which the catalogue keeps it. */
export type Asset = { readonly hash: string; readonly status: string; readonly content: string | null };
export type AssetPage = { readonly total: number; readonly assets: readonly Asset[]; readonly refused: readonly string[] };

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in hexadecimal');
const item = z.object({
  meta: z.union([
    z.object({ assetHash: hash, status: z.string().max(50) }).transform(({ assetHash, status }) => ({ hash: assetHash, status })),
    z.object({ sdHash: hash, status: z.string().max(50) }).transform(({ sdHash, status }) => ({ hash: sdHash, status })),
  ]),
  content: z.string().nullish(),
});
const pageForm = z.object({ totalCount: z.int().min(0), items: z.array(z.unknown()).nullish() });

export function readAssetPage(text: string): AssetPage | { readonly reason: string } {
  const parsed = parseJson(text);
  if ('reason' in parsed) return parsed;
  const page = pageForm.safeParse(parsed.value);
  if (!page.success) return { reason: `${page.error.issues[0]?.path.join('.') || 'it'}: ${quoted(page.error.issues[0]?.message ?? 'malformed')}` };
  const assets: Asset[] = [];
  const refused: string[] = [];
  for (const given of page.data.items ?? []) {
    const read = item.safeParse(given);
    if (read.success) assets.push({ ...read.data.meta, content: read.data.content ?? null });
    else refused.push('its meta has no assetHash (or sdHash) and status as the catalogue’s interface has them');
  }
  return { total: page.data.totalCount, assets, refused };
}
