// Scores from 0 to 1, by where a value lies between the worst and the best of the clusters that may be chosen.
import { factTable } from '../../catalogue/index.ts';
import type { Fact } from '../../catalogue/index.ts';
import type { Candidate, Opinion, Ordering, Preference, Wish } from '../placement.ts';
import { printPreference } from '../preference.ts';
import type { SnapshotCluster } from '../snapshot.ts';
import { orderingOf } from './compare.ts';
import { factsNamed, judgeStated, strongest, tellerFrom } from './fact.ts';
import type { Statement, Teller } from './fact.ts';

type Judged = {
  readonly clusters: readonly SnapshotCluster[];
  /** Of the same clusters; the total of one that a criterion excludes is null. */
  readonly candidates: readonly Pick<Candidate, 'total'>[];
  /** Of the same clusters, the fact that is preferred by, where there is exactly one of its name. */
  readonly only: readonly (Fact | null)[];
};

/** An opinion for each cluster, by its index. The clusters that no criterion excludes are the range, or all where none is left. Unknown scores 0; where all are alike each scores 1. */
export function judgePreference(preference: Preference, judged: Judged, say: Teller): (index: number) => Opinion {
  return 'wish' in preference ? judgeWish(preference, judged, say) : judgeOrdering(preference, judged, say);
}

/** 1 where the criterion is met, else 0. */
function judgeWish(preference: Wish, { clusters, only }: Judged, say: Teller): (index: number) => Opinion {
  const asked = printPreference(preference);
  const judge = judgeStated(preference.wish, say);
  return (index) => {
    const { verdict, found, source } = judge(clusters[index]?.facts ?? [], only[index] ?? null);
    return { criterion: asked, verdict: 'scored', score: verdict === 'satisfied' ? 1 : 0, asked, found, source };
  };
}

function judgeOrdering(preference: Ordering, { clusters, candidates, only }: Judged, sayPlainly: Teller): (index: number) => Opinion {
  const asked = printPreference(preference);
  const say = preference.from === undefined ? sayPlainly : tellerFrom(preference.from);
  const orderIn = orderOfFacts(preference);
  const facts = clusters.map((cluster, index) => counted(cluster, preference, only[index] ?? null));
  const range = rangeOf(facts, { candidates, orderIn });
  const unknown: Opinion = { criterion: asked, verdict: 'scored', score: 0, asked, found: 'unknown', source: 'none' };
  return (index) => {
    const fact = facts[index] ?? null;
    if (fact === null) return unknown;
    return { criterion: asked, verdict: 'scored', score: scoreBetween(preference, range, orderIn(fact)), asked, found: say(fact), source: fact.credential };
  };
}

type Ranged = Pick<Judged, 'candidates'> & { readonly orderIn: (fact: Fact) => number };

function rangeOf(facts: readonly (Fact | null)[], { candidates, orderIn }: Ranged): { readonly lowest: number; readonly highest: number } {
  const isAll = candidates.every(({ total }) => total === null);
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < facts.length; index += 1) {
    const fact = facts[index] ?? null;
    if (fact === null || (!isAll && candidates[index]?.total === null)) continue;
    const order = orderIn(fact);
    lowest = Math.min(lowest, order);
    highest = Math.max(highest, order);
  }
  return { lowest, highest };
}

const orderOfFacts = (preference: Ordering): ((fact: Statement) => number) => {
  const order = orderingOf(preference, factTable[preference.fact]?.type ?? 'text');
  return ({ value }) => order(value) ?? Number.NaN;
};

/** Of several equally trusted statements the one that speaks least for the cluster; the one that speaks most where any of them is enough (labels). */
function counted({ facts }: SnapshotCluster, preference: Ordering, only: Fact | null): Fact | null {
  const { fact: name, direction } = preference;
  const orderIn = orderOfFacts(preference);
  if (only !== null) return Number.isNaN(orderIn(only)) ? null : only;
  const wantsLarger = (direction === 'lowest') === (factTable[name]?.combine !== 'any');
  let kept: Fact | null = null;
  for (const fact of strongest(factsNamed(facts, name), undefined)) {
    const order = orderIn(fact);
    if (Number.isNaN(order) || (kept !== null && (wantsLarger ? order <= orderIn(kept) : order >= orderIn(kept)))) continue;
    kept = fact;
  }
  return kept;
}

/** What a preference counts of statements of its fact, as a number in its order; NaN: nothing. */
export function countedOrder(preference: Ordering, statements: readonly Statement[]): number {
  const { fact: name, direction } = preference;
  const { type, combine } = factTable[name] ?? { type: 'text', combine: 'all' };
  const orderOf = orderingOf(preference, type);
  const wantsLarger = (direction === 'lowest') === (combine !== 'any');
  let kept = Number.NaN;
  for (const { value } of strongest(statements, undefined)) {
    const order = orderOf(value);
    if (order === null || (!Number.isNaN(kept) && (wantsLarger ? order <= kept : order >= kept))) continue;
    kept = order;
  }
  return kept;
}

/** From 0 to 1, by where it lies between the lowest and the highest; 1 where all are alike. */
export function scoreBetween(
  { direction }: Pick<Ordering, 'direction'>,
  { lowest, highest }: { readonly lowest: number; readonly highest: number },
  order: number,
): number {
  if (!(highest > lowest)) return 1;
  const share = Math.min(1, Math.max(0, (order - lowest) / (highest - lowest)));
  return direction === 'lowest' ? 1 - share : share;
}
