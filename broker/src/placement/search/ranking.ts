// Totals and scores of offers by what is preferred.
import { satisfies } from '../criteria/fact.ts';
import { scoreBetween } from '../criteria/preference.ts';
import type { Preference } from '../placement.ts';
import { listInto } from './bits.ts';
import type { Codes } from './column.ts';
import type { Reading } from './offerIndex.ts';
import type { Tally } from './tally.ts';

export type Ranking = {
  /** By slot, of those that match; null: nothing is preferred. Valid until the next reading. */
  readonly totals: Float64Array | null;
  /** By preference; null: nothing of the kind is stated. */
  scoresOf(slot: number): readonly (number | null)[];
};

type Scorer = { readonly codes: Codes; readonly scores: Float64Array };

export function rankingOf(reading: Reading, preferences: readonly Preference[], tally: Tally): Ranking {
  if (preferences.length === 0) return { totals: null, scoresOf: () => [] };
  const { totals } = reading;
  const weights = preferences.reduce((sum, { weight }) => sum + weight, 0);
  const compared = comparedOf(tally);
  const scorers = preferences.map((preference) => scorerOf(reading, preference, compared));
  for (let at = 0; at < tally.matched.length; at += 1) totals[tally.matched[at] ?? 0] = 0;
  for (const [index, scorer] of scorers.entries())
    if (scorer !== null) addScores(totals, scorer, { share: (preferences[index]?.weight ?? 0) / weights, slots: tally.matched });
  return { totals, scoresOf: (slot) => scorers.map((scorer) => scoreOf(scorer, slot)) };
}

/** The offers that match are the range, or all where none does. */
function comparedOf({ found, total, matched }: Tally): Uint32Array {
  if (matched.length > 0) return matched;
  const all = new Uint32Array(total);
  listInto(all, 0, found);
  return all;
}

/** Each different statement is scored once. */
function scorerOf(reading: Reading, preference: Preference, compared: Uint32Array): Scorer | null {
  const column = reading.column(preference.fact);
  if (column === undefined) return null;
  const { codes, cells } = column;
  if ('wish' in preference) {
    const isMet = satisfies(preference.wish);
    return { codes, scores: Float64Array.from(cells, (statements) => (statements.length === 0 ? Number.NaN : Number(isMet(statements)))) };
  }
  const orders = column.orders(preference);
  const seen = new Uint8Array(cells.length);
  for (let at = 0; at < compared.length; at += 1) seen[codes[compared[at] ?? 0] ?? 0] = 1;
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let code = 1; code < cells.length; code += 1) {
    const order = orders[code] ?? Number.NaN;
    if (seen[code] !== 1 || Number.isNaN(order)) continue;
    [lowest, highest] = [Math.min(lowest, order), Math.max(highest, order)];
  }
  const range = { lowest, highest };
  return { codes, scores: orders.map((order) => (Number.isNaN(order) ? order : scoreBetween(preference, range, order))) };
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
