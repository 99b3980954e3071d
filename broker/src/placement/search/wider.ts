// What would let more offers in: of each criterion the smallest change that does, and how many it lets in.
import { factTable } from '../../catalogue/index.ts';
import { orderOf } from '../criteria/compare.ts';
import { satisfies } from '../criteria/fact.ts';
import type { Statement } from '../criteria/fact.ts';
import { countedOrder } from '../criteria/preference.ts';
import { printCriterion } from '../criterion.ts';
import type { Criterion } from '../placement.ts';
import { nearestCriterion } from '../relax.ts';
import type { Column } from './column.ts';
import type { Reading } from './offerIndex.ts';
import type { Tally } from './tally.ts';

export type Wider = {
  readonly criterion: string;
  /** The smallest change of it that lets more in, and how many more; null: only leaving it away does. */
  readonly instead: { readonly criterion: string; readonly more: number } | null;
  /** How many more there are without it. */
  readonly without: number;
};

/** Of the different statements that fail, as many are tried. */
const triedMax = 50;

export function wider(reading: Reading, criterion: Criterion, { tally, index }: { readonly tally: Tally; readonly index: number }): Wider[] {
  const column = reading.column(criterion.fact);
  const { failing, without } = counted(reading, criterion, { tally, index });
  if (without === 0) return [];
  const { assurance: _, ...bare } = criterion;
  const nearest = new Map(
    failing
      .slice(0, triedMax)
      .flatMap(({ statements }) => [nearestCriterion(criterion, statements), nearestCriterion(bare, statements), bare])
      .flatMap((found) => (found === null ? [] : [[printCriterion(found), found] as const])),
  );
  nearest.delete(printCriterion(criterion));
  const matching = codesOf(tally.matching, column);
  const letIn = [...nearest].flatMap(([text, changed]) => {
    const isSatisfied = satisfies(changed);
    const more = failing.reduce((sum, { statements, count }) => sum + (isSatisfied(statements) ? count : 0), 0);
    // another assurance may let some in and others out: that is no wider
    return more > 0 && matching.every((code) => isSatisfied(column?.cells[code] ?? [])) ? [{ criterion: text, more }] : [];
  });
  // the one that lets the fewest in is the smallest
  const [instead] = letIn.toSorted((left, right) => left.more - right.more || (left.criterion < right.criterion ? -1 : 1));
  return [{ criterion: printCriterion(criterion), instead: instead ?? null, without }];
}

type Failing = { readonly statements: readonly Statement[]; readonly count: number; readonly distance: number };

/** What is stated by those who fail this criterion alone, the nearest first. */
function counted(reading: Reading, criterion: Criterion, { tally, index }: { readonly tally: Tally; readonly index: number }) {
  const { near, failed } = tally;
  const column = reading.column(criterion.fact);
  const counts = new Uint32Array(column?.cells.length ?? 1);
  let without = 0;
  for (let at = 0; at < near.length; at += 1) {
    const slot = near[at] ?? 0;
    if (failed[slot] !== index) continue;
    const code = column?.codes[slot] ?? 0;
    counts[code] = (counts[code] ?? 0) + 1;
    without += 1;
  }
  const failing: Failing[] = [];
  const distanceOf = distanceFrom(criterion);
  for (let code = 1; code < counts.length; code += 1) {
    const statements = column?.cells[code] ?? [];
    if ((counts[code] ?? 0) > 0) failing.push({ statements, count: counts[code] ?? 0, distance: distanceOf(statements) });
  }
  return { failing: failing.toSorted((left, right) => left.distance - right.distance), without };
}

function codesOf(slots: Uint32Array, column: Column | undefined): readonly number[] {
  const seen = new Uint8Array(column?.cells.length ?? 1);
  for (let at = 0; at < slots.length; at += 1) seen[column?.codes[slots[at] ?? 0] ?? 0] = 1;
  return [...seen.keys()].filter((code) => seen[code] === 1);
}

/** How far statements are from what is asked, where there is an order; else 0. */
function distanceFrom({ fact, operator, values }: Criterion): (statements: readonly Statement[]) => number {
  const bound = operator === '=' || operator === '!=' ? null : orderOf(values[0] ?? '', factTable[fact]?.type ?? 'text');
  if (bound === null) return () => 0;
  return (statements) => Math.abs(countedOrder({ fact, direction: 'highest', weight: 1 }, statements) - bound);
}
