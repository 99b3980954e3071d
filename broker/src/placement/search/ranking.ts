// Totals and scores of offers by what is preferred.
import { countedOrder, scoreBetween } from '../criteria/preference.ts';
import type { Preference } from '../placement.ts';
import type { Reading } from './offerIndex.ts';
import type { Tally } from './tally.ts';

export type Ranking = {
  /** By slot; null: nothing is preferred. */
  readonly totals: Float64Array | null;
  /** By preference; null: nothing of the kind is stated. */
  scoresOf(slot: number): readonly (number | null)[];
};

type Scorer = { readonly codes: Uint32Array; readonly scores: Float64Array };

export function rankingOf(reading: Reading, preferences: readonly Preference[], tally: Tally): Ranking {
  if (preferences.length === 0) return { totals: null, scoresOf: () => [] };
  const totals = new Float64Array(reading.slots);
  const weights = preferences.reduce((sum, { weight }) => sum + weight, 0);
  const scorers = preferences.map((preference) => scorerOf(reading, preference, tally));
  for (const [index, scorer] of scorers.entries())
    if (scorer !== null) addScores(totals, scorer, { share: (preferences[index]?.weight ?? 0) / weights, slots: tally.matching });
  return { totals, scoresOf: (slot) => scorers.map((scorer) => scoreOf(scorer, slot)) };
}

/** The offers that match are the range, or all where none does. Each different statement is scored once. */
function scorerOf(reading: Reading, preference: Preference, { isIn, matching }: Tally): Scorer | null {
  const column = reading.column(preference.fact);
  if (column === undefined) return null;
  const { codes, cells } = column;
  const orders = Float64Array.from(cells, (statements) => countedOrder(preference, statements));
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const widen = (slot: number): void => {
    const order = orders[codes[slot] ?? 0] ?? Number.NaN;
    if (order < lowest) lowest = order;
    if (order > highest) highest = order;
  };
  for (let at = 0; at < matching.length; at += 1) widen(matching[at] ?? 0);
  if (matching.length === 0) for (let slot = 0; slot < reading.slots; slot += 1) if (isIn[slot] === 1) widen(slot);
  return { codes, scores: orders.map((order) => (Number.isNaN(order) ? order : scoreBetween(preference, { lowest, highest }, order))) };
}

function addScores(totals: Float64Array, { codes, scores }: Scorer, { share, slots }: { readonly share: number; readonly slots: Uint32Array }): void {
  for (let at = 0; at < slots.length; at += 1) {
    const slot = slots[at] ?? 0;
    const score = scores[codes[slot] ?? 0] ?? Number.NaN;
    if (!Number.isNaN(score)) totals[slot] = (totals[slot] ?? 0) + share * score;
  }
}

function scoreOf(scorer: Scorer | null, slot: number): number | null {
  const score = scorer?.scores[scorer.codes[slot] ?? 0] ?? Number.NaN;
  return Number.isNaN(score) ? null : score;
}
