// Scores from 0 to 1, by where a value lies between the worst and the best of the clusters that may be chosen.
import { factTable } from '../../catalogue/index.ts';
import type { Fact } from '../../catalogue/index.ts';
import type { Opinion, Preference } from '../placement.ts';
import { printPreference } from '../preference.ts';
import type { SnapshotCluster } from '../snapshot.ts';
import { orderOf } from './compare.ts';
import { factsNamed, strongest, tell } from './fact.ts';
import type { Judge } from './fact.ts';

/** `feasible`: the clusters that no criterion excludes. Unknown scores 0; where all are alike each scores 1. */
export function preferenceJudge(preference: Preference, feasible: readonly SnapshotCluster[]): Judge {
  const asked = printPreference(preference);
  const { lowest, highest } = rangeOf(preference, feasible);
  const unknown: Opinion = { criterion: asked, verdict: 'scored', score: 0, asked, found: 'unknown', source: 'none' };
  const scoreOf = (order: number): number => {
    if (!(highest > lowest)) return 1;
    const share = Math.min(1, Math.max(0, (order - lowest) / (highest - lowest)));
    return preference.direction === 'lowest' ? 1 - share : share;
  };
  return (cluster) => {
    const fact = counted(cluster, preference);
    if (fact === null) return unknown;
    return { criterion: asked, verdict: 'scored', score: scoreOf(orderIn(fact)), asked, found: tell(fact), source: fact.credential };
  };
}

function rangeOf(preference: Preference, clusters: readonly SnapshotCluster[]): { readonly lowest: number; readonly highest: number } {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const cluster of clusters) {
    const fact = counted(cluster, preference);
    if (fact === null) continue;
    lowest = Math.min(lowest, orderIn(fact));
    highest = Math.max(highest, orderIn(fact));
  }
  return { lowest, highest };
}

const orderIn = ({ name, value }: Fact): number => orderOf(value, factTable[name]?.type ?? 'text') ?? Number.NaN;

/** Of several equally trusted statements the one that speaks least for the cluster; the one that speaks most where any of them is enough (labels). */
function counted({ facts }: SnapshotCluster, { fact: name, direction }: Preference): Fact | null {
  const wantsLarger = (direction === 'lowest') === (factTable[name]?.combine !== 'any');
  let kept: Fact | null = null;
  const stated = factsNamed(facts, name);
  for (const fact of stated.length < 2 ? stated : strongest(stated, undefined)) {
    const order = orderIn(fact);
    if (Number.isNaN(order) || (kept !== null && (wantsLarger ? order <= orderIn(kept) : order >= orderIn(kept)))) continue;
    kept = fact;
  }
  return kept;
}
