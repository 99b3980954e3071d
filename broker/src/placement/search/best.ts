// One page of the order: those that match by their totals, then the others. Nothing is sorted that the page does not show.
import { isIn } from './bits.ts';
import type { Reading } from './offerIndex.ts';
import type { Tally } from './tally.ts';

type Page = { readonly totals: Float64Array | null; readonly offset: number; readonly limit: number };

/** Beyond this, all are sorted: putting each into its place would move too many. */
const placedMax = 1000;

export function best(reading: Reading, { found, matching, matched }: Tally, { totals, offset, limit }: Page): readonly number[] {
  const { ordered } = reading;
  const end = offset + limit;
  const first =
    offset >= matched.length ? [] : totals === null ? inOrder(ordered, (slot) => isIn(matching, slot), end) : top(reading, { matched, totals, most: end });
  const shown = first.slice(offset, end);
  if (shown.length === limit) return shown;
  const behind = Math.max(0, offset - matched.length);
  const others = inOrder(ordered, (slot) => isIn(found, slot) && !isIn(matching, slot), behind + limit - shown.length);
  return [...shown, ...others.slice(behind)];
}

function inOrder(ordered: Uint32Array, isWanted: (slot: number) => boolean, most: number): number[] {
  const slots: number[] = [];
  for (let at = 0; at < ordered.length && slots.length < most; at += 1) {
    const slot = ordered[at] ?? 0;
    if (isWanted(slot)) slots.push(slot);
  }
  return slots;
}

type Ranked = { readonly matched: Uint32Array; readonly totals: Float64Array; readonly most: number };

/** The highest totals; who comes first by name stands before its equals. */
function top({ places }: Reading, { matched, totals, most }: Ranked): number[] {
  const placeOf = (at: number): number => places[matched[at] ?? 0] ?? 0;
  const compare = (left: number, right: number): number => (totals[right] ?? 0) - (totals[left] ?? 0) || placeOf(left) - placeOf(right);
  const slotsOf = (kept: readonly number[]): number[] => kept.map((at) => matched[at] ?? 0);
  if (most > placedMax) return slotsOf([...matched.keys()].toSorted(compare));
  const kept: number[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < matched.length; at += 1) {
    // most are below: they are told by one comparison
    if ((totals[at] ?? 0) < least) continue;
    let [low, high] = [0, kept.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(kept[middle] ?? 0, at) < 0) low = middle + 1;
      else high = middle;
    }
    if (low === most) continue;
    kept.splice(low, 0, at);
    if (kept.length > most) kept.pop();
    if (kept.length === most) least = totals[kept[most - 1] ?? 0] ?? 0;
  }
  return slotsOf(kept);
}
