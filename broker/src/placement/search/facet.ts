// How many offers state which value of a fact, among those that satisfy the criteria about everything else.
import { factTable } from '../../catalogue/index.ts';
import type { Fact, FactType } from '../../catalogue/index.ts';
import { orderOf } from '../criteria/compare.ts';
import { strongest } from '../criteria/fact.ts';
import type { Criterion } from '../placement.ts';
import type { Reading } from './offerIndex.ts';
import { tallyOf } from './tally.ts';
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

export function facetOf(reading: Reading, fact: string, { tally, criteria }: { readonly tally: Tally; readonly criteria: readonly Criterion[] }): Facet {
  const { type, unit } = factTable[fact] ?? { type: 'text' };
  const column = reading.column(fact);
  const counts = new Uint32Array(column?.cells.length ?? 1);
  const count = counter(counts, column?.codes ?? new Uint32Array(0));
  const own = criteria.flatMap((criterion, index) => (criterion.fact === fact ? [index] : []));
  const [only] = own;
  if (only === undefined) count(tally, null);
  else if (own.length === 1) count(tally, only);
  else count(leavingOut(reading, tally, { criteria, own }), null);
  const byValue = new Map<Fact['value'], number>();
  for (let code = 1; code < counts.length; code += 1) {
    const found = counts[code] ?? 0;
    if (found === 0) continue;
    for (const value of new Set(strongest(column?.cells[code] ?? [], undefined).map((statement) => statement.value)))
      byValue.set(value, (byValue.get(value) ?? 0) + found);
  }
  const values = [...byValue]
    .map(([value, of]) => ({ value, count: of }))
    .toSorted((left, right) => right.count - left.count || (left.value < right.value ? -1 : 1));
  return {
    fact,
    type,
    ...(unit !== undefined && { unit }),
    values: values.slice(0, valuesMax),
    more: Math.max(0, values.length - valuesMax),
    unknown: counts[0] ?? 0,
    range: rangeOf(type, values),
  };
}

/** `but`: what fails this criterion alone is counted too. */
function counter(counts: Uint32Array, codes: Uint32Array): (tally: Tally, but: number | null) => void {
  const add = (slot: number): void => {
    const code = codes[slot] ?? 0;
    counts[code] = (counts[code] ?? 0) + 1;
  };
  return ({ matching, near, failed }, but) => {
    for (let at = 0; at < matching.length; at += 1) add(matching[at] ?? 0);
    if (but === null) return;
    for (let at = 0; at < near.length; at += 1) if (failed[near[at] ?? 0] === but) add(near[at] ?? 0);
  };
}

function leavingOut(reading: Reading, { isIn }: Tally, { criteria, own }: { readonly criteria: readonly Criterion[]; readonly own: readonly number[] }): Tally {
  const without = tallyOf(reading, { criteria, text: '' }, (index) => own.includes(index));
  return { ...without, matching: without.matching.filter((slot) => isIn[slot] === 1) };
}

function rangeOf(type: FactType, values: Facet['values']): Facet['range'] {
  if (type !== 'number') return null;
  const orders = values.flatMap(({ value }) => orderOf(value, type) ?? []);
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const order of orders) [lowest, highest] = [Math.min(lowest, order), Math.max(highest, order)];
  return orders.length === 0 ? null : { lowest, highest };
}
