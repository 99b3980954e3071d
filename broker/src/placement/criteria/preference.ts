// Scores from 0 to 1, by where a value lies between the worst and the best of the clusters that may be chosen.
import { factTable } from '../../catalogue/index.ts';
import type { FactType } from '../../catalogue/index.ts';
import type { Preference } from '../placement.ts';
import { printPreference } from '../preference.ts';
import type { SnapshotCluster } from '../snapshot.ts';
import { orderOf } from './compare.ts';
import { factsNamed, strongest } from './fact.ts';
import type { Judge } from './fact.ts';

/** `feasible`: the clusters that no criterion excludes. Unknown scores 0; where all are alike each scores 1. */
export function preferenceJudge(preference: Preference, feasible: readonly SnapshotCluster[]): Judge {
  const type = factTable[preference.fact]?.type ?? 'text';
  const known = feasible.map((cluster) => counted(cluster, preference, type)).filter((found) => found !== null);
  const lowest = known.reduce((left, { order }) => Math.min(left, order), Number.POSITIVE_INFINITY);
  const highest = known.reduce((left, { order }) => Math.max(left, order), Number.NEGATIVE_INFINITY);
  const asked = printPreference(preference);
  const scoreOf = (order: number): number => {
    if (!(highest > lowest)) return 1;
    const share = Math.min(1, Math.max(0, (order - lowest) / (highest - lowest)));
    return preference.direction === 'lowest' ? 1 - share : share;
  };
  return (cluster) => {
    const found = counted(cluster, preference, type);
    if (found === null) return { criterion: asked, verdict: 'scored', score: 0, asked, found: 'unknown', source: 'none' };
    return { criterion: asked, verdict: 'scored', score: scoreOf(found.order), asked, found: found.text, source: found.source };
  };
}

type Found = { readonly order: number; readonly text: string; readonly source: string };

/** Of several equally trusted statements the one that speaks least for the cluster; the one that speaks most where any of them is enough (labels). */
function counted(cluster: SnapshotCluster, { fact: name, direction }: Preference, type: FactType): Found | null {
  const wantsLarger = (direction === 'lowest') === (factTable[name]?.combine !== 'any');
  let kept: Found | null = null;
  for (const fact of strongest(factsNamed(cluster.facts, name), undefined)) {
    const order = orderOf(fact.value, type);
    if (order === null || (kept !== null && (wantsLarger ? order <= kept.order : order >= kept.order))) continue;
    kept = { order, text: `${String(fact.value)} (${fact.assurance})`, source: fact.credential };
  }
  return kept;
}
