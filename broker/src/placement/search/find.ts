// Which offers satisfy everything, in what order, what they state, and what would let more of them in. The meaning of a criterion is that of `place`.
import type { Criterion, Preference } from '../placement.ts';
import { best } from './best.ts';
import { isIn } from './bits.ts';
import { facetOf } from './facet.ts';
import type { Facet } from './facet.ts';
import type { Reading } from './offerIndex.ts';
import { rankingOf } from './ranking.ts';
import { tallyOf } from './tally.ts';
import type { Tally } from './tally.ts';
import { wider } from './wider.ts';
import type { Wider } from './wider.ts';

export type Query = {
  readonly criteria: readonly Criterion[];
  readonly preferences: readonly Preference[];
  /** Words, each of which one of the offer's begins with; empty: every offer. */
  readonly text: string;
  /** Facts whose values are counted. */
  readonly facets: readonly string[];
  /** Only those that are called so are shown (`isCalled`). What is counted, and how it scores, stays that of all. */
  readonly named?: readonly string[];
  readonly offset: number;
  readonly limit: number;
};

export type Hit = {
  readonly key: string;
  /** Whether it satisfies every criterion. */
  readonly matches: boolean;
  /** Weighted mean of the scores; null where it does not match. */
  readonly total: number | null;
  /** By preference; null: it states nothing of the kind. */
  readonly scores: readonly (number | null)[];
};

export type Found = {
  /** Offers that the text finds. */
  readonly total: number;
  /** Of these, those that satisfy every criterion. */
  readonly matching: number;
  /** Best first; behind those that match the others, by name. */
  readonly hits: readonly Hit[];
  readonly facets: readonly Facet[];
  /** By criterion, where leaving it as it is keeps offers out that satisfy all the others. */
  readonly wider: readonly Wider[];
};

export function find(reading: Reading, query: Query): Found {
  const tally = tallyOf(reading, query);
  const ranking = rankingOf(reading, query.preferences, tally);
  return {
    total: tally.total,
    matching: tally.matched.length,
    hits: (called(reading, tally, query) ?? best(reading, tally, { ...query, totals: ranking.totals })).map((slot) => {
      const matches = isIn(tally.matching, slot);
      return { key: reading.keyOf(slot), matches, total: matches ? ranking.totalOf(slot) : null, scores: ranking.scoresOf(slot) };
    }),
    facets: query.facets.map((fact) => facetOf(reading, fact, { tally, criteria: query.criteria })),
    wider: query.criteria.flatMap((criterion, index) => wider(reading, criterion, { tally, index })),
  };
}

/** One look at each, which costs less than an index of names that nobody else asks for. */
function called({ ordered, isCalled }: Reading, { found }: Tally, { named, offset, limit }: Query): readonly number[] | null {
  if (named === undefined) return null;
  const slots: number[] = [];
  for (let at = 0; at < ordered.length && slots.length < offset + limit; at += 1) {
    const slot = ordered[at] ?? 0;
    if (isIn(found, slot) && isCalled(slot, named)) slots.push(slot);
  }
  return slots.slice(offset);
}
