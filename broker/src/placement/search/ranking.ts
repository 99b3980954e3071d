// Totals and scores of offers by what is preferred.
import { satisfies } from '../criteria/fact.ts';
import { scoreBetween } from '../criteria/preference.ts';
import type { Ordering, Preference, Wish } from '../placement.ts';
import { listInto } from './bits.ts';
import type { Codes, Column } from './column.ts';
import type { Reading } from './offerIndex.ts';
import type { Tally } from './tally.ts';

export type Ranking = {
  /** In the order of those that match; null: nothing is preferred. Valid until the next reading. */
  readonly totals: Float64Array | null;
  totalOf(slot: number): number;
  /** By preference; null: nothing of the kind is stated. */
  scoresOf(slot: number): readonly (number | null)[];
};

/** By code; of what is not stated the score is NaN, and the points that it gives are 0. */
type Scorer = { readonly codes: Codes; readonly scores: Float64Array; readonly points: Float64Array };

export function rankingOf(reading: Reading, preferences: readonly Preference[], tally: Tally): Ranking {
  if (preferences.length === 0) return { totals: null, totalOf: () => 1, scoresOf: () => [] };
  const totals = reading.totals.subarray(0, tally.matched.length).fill(0);
  const weights = preferences.reduce((sum, { weight }) => sum + weight, 0);
  const compared = comparedOf(tally);
  const scorers = preferences.map((preference) => scorerOf(reading, preference, { compared, share: preference.weight / weights }));
  for (const scorer of scorers) if (scorer !== null) addPoints(totals, scorer, tally.matched);
  return {
    totals,
    totalOf: (slot) => scorers.reduce((sum, scorer) => sum + (scorer?.points[scorer.codes[slot] ?? 0] ?? 0), 0),
    scoresOf: (slot) => scorers.map((scorer) => scoreOf(scorer, slot)),
  };
}

/** The offers that match are the range, or all where none does. */
function comparedOf({ found, total, matched }: Tally): Uint32Array {
  if (matched.length > 0) return matched;
  const all = new Uint32Array(total);
  listInto(all, 0, found);
  return all;
}

type Range = { readonly lowest: number; readonly highest: number };

type Scored = { readonly compared: Uint32Array; readonly share: number };

/** Each different statement is scored once. */
function scorerOf(reading: Reading, preference: Preference, { compared, share }: Scored): Scorer | null {
  const column = reading.column(preference.fact);
  if (column === undefined) return null;
  const scores = 'wish' in preference ? wishedFor(column, preference) : between(column, preference, compared);
  const points = new Float64Array(scores.length);
  for (let code = 0; code < points.length; code += 1) points[code] = share * (scores[code] ?? 0) || 0; // NaN gives none
  return { codes: column.codes, scores, points };
}

function wishedFor({ cells }: Column, { wish }: Wish): Float64Array {
  const isMet = satisfies(wish);
  return Float64Array.from(cells, (statements) => (statements.length === 0 ? Number.NaN : Number(isMet(statements))));
}

function between(column: Column, preference: Ordering, compared: Uint32Array): Float64Array {
  const orders = column.orders(preference);
  const range = rangeOf(column, orders, compared);
  const scores = new Float64Array(column.cells.length);
  for (let code = 0; code < scores.length; code += 1) {
    const order = orders[code] ?? Number.NaN;
    scores[code] = Number.isNaN(order) ? order : scoreBetween(preference, range, order);
  }
  return scores;
}

function rangeOf({ codes, living }: Column, orders: Float64Array, compared: Uint32Array): Range {
  let [least, most] = [Infinity, -Infinity];
  for (let code = 1; code < orders.length; code += 1) {
    if ((living[code] ?? 0) === 0) continue;
    const order = orders[code] ?? Number.NaN;
    if (order < least) least = order;
    if (order > most) most = order;
  }
  let [lowest, highest] = [Infinity, -Infinity];
  for (let at = 0; at < compared.length; at += 1) {
    const order = orders[codes[compared[at] ?? 0] ?? 0] ?? Number.NaN;
    if (order < lowest) lowest = order;
    if (order > highest) highest = order;
    // nobody states more or less
    if (lowest === least && highest === most) break;
  }
  return { lowest, highest };
}

/** A plain loop over typed arrays: this runs for every offer that matches. */
function addPoints(totals: Float64Array, { codes, points }: Scorer, slots: Uint32Array): void {
  for (let at = 0; at < slots.length; at += 1) totals[at] = (totals[at] ?? 0) + (points[codes[slots[at] ?? 0] ?? 0] ?? 0);
}

function scoreOf(scorer: Scorer | null, slot: number): number | null {
  const score = scorer?.scores[scorer.codes[slot] ?? 0] ?? Number.NaN;
  return Number.isNaN(score) ? null : score;
}
