// How many offers state which value of a fact, among those that satisfy the criteria about everything else.
import { factTable } from '../../catalogue/index.ts';
import type { Fact, FactType } from '../../catalogue/index.ts';
import { orderOf } from '../criteria/compare.ts';
import type { Criterion } from '../placement.ts';
import { listInto } from './bits.ts';
import type { Codes } from './column.ts';
import type { Reading } from './offerIndex.ts';
import { matchingBut } from './tally.ts';
import type { Tally } from './tally.ts';

export type Facet = {
  readonly fact: string;
  readonly type: FactType;
  readonly unit?: string;
  /** Most frequent first. */
  readonly values: readonly { readonly value: Fact['value']; readonly count: number }[];
  /** How many more values there are. */
  readonly more: number;
  /** Offers that state nothing of the kind. */
  readonly unknown: number;
  /** Of numbers, the lowest and the highest. */
  readonly range: { readonly lowest: number; readonly highest: number } | null;
};

const valuesMax = 50;

type Counted = { readonly tally: Tally; readonly criteria: readonly Criterion[] };

export function facetOf(reading: Reading, fact: string, counted: Counted): Facet {
  const { type, unit } = factTable[fact] ?? { type: 'text' };
  const column = reading.column(fact);
  const { counts, of } = countsOf(reading, fact, counted);
  let stated = 0;
  const byValue = new Map<Fact['value'], number>();
  for (let code = 1; code < (column?.cells.length ?? 0); code += 1) {
    const found = counts[code] ?? 0;
    if (found === 0) continue;
    stated += found;
    for (const value of column?.valuesOf(code) ?? []) byValue.set(value, (byValue.get(value) ?? 0) + found);
  }
  const values = [...byValue]
    .map(([value, count]) => ({ value, count }))
    .toSorted((left, right) => right.count - left.count || (left.value < right.value ? -1 : 1));
  return {
    fact,
    type,
    ...(unit !== undefined && { unit }),
    values: values.slice(0, valuesMax),
    more: Math.max(0, values.length - valuesMax),
    unknown: of - stated,
    range: rangeOf(type, values),
  };
}

/** By code, of how many offers. */
function countsOf(reading: Reading, fact: string, { tally, criteria }: Counted): { readonly counts: Uint32Array; readonly of: number } {
  const { matched, others, near, found } = tally;
  const column = reading.column(fact);
  const own = criteria.flatMap((criterion, index) => (criterion.fact === fact ? [index] : []));
  const [only] = own;
  const counts = new Uint32Array(column?.cells.length ?? 1);
  const codes = column?.codes ?? new Uint16Array(reading.slots);
  if (own.length > 1) {
    const without = matchingBut(reading, { found, criteria }, fact);
    const slots = new Uint32Array(reading.slots);
    const of = listInto(slots, 0, without);
    count(counts, codes, slots.subarray(0, of));
    return { counts, of };
  }
  const alone = only === undefined ? undefined : near[only];
  if (column === undefined || others === null) count(counts, codes, matched);
  else {
    count(counts, codes, others);
    for (let code = 1; code < counts.length; code += 1) counts[code] = (column.living[code] ?? 0) - (counts[code] ?? 0);
  }
  if (alone !== undefined) count(counts, codes, alone);
  return { counts, of: matched.length + (alone?.length ?? 0) };
}

/** A plain loop over typed arrays: this runs for every offer that matches, for every fact. Two counters, since to count the same one twice in a row is to wait. */
export function count(counts: Uint32Array, codes: Codes, slots: Uint32Array): void {
  const others = new Uint32Array(counts.length);
  const even = slots.length & ~1;
  for (let at = 0; at < even; at += 2) {
    const [code, other] = [codes[slots[at] ?? 0] ?? 0, codes[slots[at + 1] ?? 0] ?? 0];
    counts[code] = (counts[code] ?? 0) + 1;
    others[other] = (others[other] ?? 0) + 1;
  }
  for (let at = even; at < slots.length; at += 1) {
    const code = codes[slots[at] ?? 0] ?? 0;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  for (let code = 0; code < counts.length; code += 1) counts[code] = (counts[code] ?? 0) + (others[code] ?? 0);
}

function rangeOf(type: FactType, values: Facet['values']): Facet['range'] {
  if (type !== 'number') return null;
  const orders = values.flatMap(({ value }) => orderOf(value, type) ?? []);
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const order of orders) [lowest, highest] = [Math.min(lowest, order), Math.max(highest, order)];
  return orders.length === 0 ? null : { lowest, highest };
}
