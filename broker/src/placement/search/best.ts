// One page of the order: those that match by their totals, then the others. Nothing is sorted that the page does not show.
import type { Reading } from './offerIndex.ts';
import type { Tally } from './tally.ts';

type Page = { readonly totals: Float64Array | null; readonly offset: number; readonly limit: number };

export function best({ ordered }: Reading, { isIn, failures, matching }: Tally, { totals, offset, limit }: Page): readonly number[] {
  const end = offset + limit;
  const first =
    offset >= matching.length
      ? []
      : totals === null
        ? inOrder(ordered, (slot) => isIn[slot] === 1 && failures[slot] === 0, end)
        : top(ordered, { isIn, failures, totals, most: end });
  const shown = first.slice(offset, end);
  if (shown.length === limit) return shown;
  const behind = Math.max(0, offset - matching.length);
  const others = inOrder(ordered, (slot) => isIn[slot] === 1 && failures[slot] !== 0, behind + limit - shown.length);
  return [...shown, ...others.slice(behind)];
}

function inOrder(ordered: readonly number[], isWanted: (slot: number) => boolean, most: number): number[] {
  const found: number[] = [];
  for (let at = 0; at < ordered.length && found.length < most; at += 1) {
    const slot = ordered[at] ?? 0;
    if (isWanted(slot)) found.push(slot);
  }
  return found;
}

type Ranked = { readonly isIn: Uint8Array; readonly failures: Uint8Array; readonly totals: Float64Array; readonly most: number };

/** The highest totals; who comes first by name stands before its equals. */
function top(ordered: readonly number[], { isIn, failures, totals, most }: Ranked): number[] {
  const kept: number[] = [];
  for (const slot of ordered) {
    if (isIn[slot] !== 1 || failures[slot] !== 0) continue;
    const total = totals[slot] ?? 0;
    if (kept.length === most && total <= (totals[kept[most - 1] ?? 0] ?? 0)) continue;
    let [low, high] = [0, kept.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((totals[kept[middle] ?? 0] ?? 0) >= total) low = middle + 1;
      else high = middle;
    }
    kept.splice(low, 0, slot);
    if (kept.length > most) kept.pop();
  }
  return kept;
}
