// Every offer held against every criterion, as numbers. The meaning of a criterion is that of `place`: each different statement is asked about once.
import { satisfies } from '../criteria/fact.ts';
import { printCriterion } from '../criterion.ts';
import type { Criterion } from '../placement.ts';
import type { Reading } from './offerIndex.ts';

/** By slot: how many criteria it fails, and the sum of their places: of who fails one alone, its place. Slots that are dead or that the text does not find are not counted. */
export type Tally = {
  readonly isIn: Uint8Array;
  readonly failures: Uint8Array;
  readonly failed: Uint16Array;
  readonly total: number;
  /** Slots that fail nothing, and those that fail one criterion alone. */
  readonly matching: Uint32Array;
  readonly near: Uint32Array;
};

type Asked = { readonly criteria: readonly Criterion[]; readonly text: string };

export function tallyOf(reading: Reading, { criteria, text }: Asked, leftOut: (index: number) => boolean = () => false): Tally {
  const { slots } = reading;
  const isIn = foundBy(reading, text);
  const failures = new Uint8Array(slots);
  const failed = new Uint16Array(slots);
  for (const [index, criterion] of criteria.entries()) if (!leftOut(index)) countFailures(reading, criterion, { index, failures, failed });
  const [matching, near] = [new Uint32Array(slots), new Uint32Array(slots)];
  let [total, matched, missed] = [0, 0, 0];
  for (let slot = 0; slot < slots; slot += 1) {
    const counts = isIn[slot] ?? 0;
    const failing = failures[slot] ?? 0;
    total += counts;
    matching[matched] = slot;
    matched += counts & Number(failing === 0);
    near[missed] = slot;
    missed += counts & Number(failing === 1);
  }
  return { isIn, failures, failed, total, matching: matching.subarray(0, matched), near: near.subarray(0, missed) };
}

function foundBy({ slots, alive, tokens }: Reading, text: string): Uint8Array {
  if (text.trim() === '') return alive.slice(0, slots);
  const hits = tokens.hits(text, slots);
  for (let slot = 0; slot < slots; slot += 1) hits[slot] = (hits[slot] ?? 0) & (alive[slot] ?? 0);
  return hits;
}

type Counting = { readonly index: number; readonly failures: Uint8Array; readonly failed: Uint16Array };

/** Plain loops over typed arrays: this runs for every criterion of every offer (bench search). */
function countFailures(reading: Reading, criterion: Criterion, { index, failures, failed }: Counting): void {
  const { slots } = reading;
  const column = reading.column(criterion.fact);
  const codes = column?.codes ?? new Uint32Array(0);
  const verdicts = column?.verdicts(printCriterion(criterion), satisfies(criterion)) ?? new Uint8Array(1);
  const stated = Math.min(slots, codes.length);
  // no branch: whether an offer fails cannot be foretold
  for (let slot = 0; slot < stated; slot += 1) {
    const fails = 1 - (verdicts[codes[slot] ?? 0] ?? 0);
    failures[slot] = (failures[slot] ?? 0) + fails;
    failed[slot] = (failed[slot] ?? 0) + fails * index;
  }
  // of whom nothing is known in that column, nothing is satisfied
  for (let slot = stated; slot < slots; slot += 1) {
    failures[slot] = (failures[slot] ?? 0) + 1;
    failed[slot] = (failed[slot] ?? 0) + index;
  }
}
