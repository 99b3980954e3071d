// Chooses clusters for replicas. Same request and snapshot, same answer: no clock, no chance, ties break by name.
import { allocate } from './allocate.ts';
import { capacityJudge, roomFor } from './criteria/capacity.ts';
import { factJudge, telling } from './criteria/fact.ts';
import type { Judge, Teller } from './criteria/fact.ts';
import { judgePreference } from './criteria/preference.ts';
import { standingJudges } from './criteria/standing.ts';
import type { Opinion, Placement, PlacementRequest } from './placement.ts';
import type { Snapshot, SnapshotCluster } from './snapshot.ts';

/** Raise it with every change that may answer differently: receipts of another version are not replayed but reported. */
export const decisionVersion = 1;

/** `total` is null where a criterion excludes the cluster. */
type Judged = { readonly cluster: SnapshotCluster; readonly opinions: Opinion[]; readonly isExcluded: boolean; total: number | null };

/**
 * Holds every cluster of the snapshot against every criterion and keeps each opinion, the losers' too. Candidates come best first, the excluded ones last.
 * `chosen` is null when the clusters that satisfy all criteria have no room for all replicas together.
 */
export function place(request: PlacementRequest, snapshot: Snapshot): Placement {
  const say = telling();
  const judges = [...standingJudges(request), ...request.criteria.map((criterion) => factJudge(criterion, say)), capacityJudge(request)];
  const judged = snapshot.clusters.toSorted(byName).map((cluster) => judgeAll(judges, cluster));
  score(request, judged, say);
  judged.sort(bestFirst);
  const candidates = judged.map(({ cluster, total, opinions }) => ({ cluster: cluster.name, offering: cluster.offering, total, opinions }));
  return { chosen: choose(request, judged), candidates, snapshotVersion: snapshot.version, decisionVersion };
}

/** A plain loop, and no list but the one that is kept: this runs for every criterion of every cluster. */
function judgeAll(judges: readonly Judge[], cluster: SnapshotCluster): Judged {
  const opinions: Opinion[] = [];
  let isExcluded = false;
  for (const judge of judges) {
    const opinion = judge(cluster);
    if (opinion.verdict === 'excluded') isExcluded = true;
    opinions.push(opinion);
  }
  return { cluster, opinions, isExcluded, total: isExcluded ? null : 0 };
}

/** The total is the weighted mean of the scores; 1 where nothing is preferred. The opinions of preferences come behind those of criteria. */
function score({ preferences }: PlacementRequest, judged: readonly Judged[], say: Teller): void {
  for (const preference of preferences) {
    const judge = judgePreference(preference, judged, say);
    for (const [index, each] of judged.entries()) {
      const opinion = judge(index);
      each.opinions.push(opinion);
      if (each.total !== null) each.total += preference.weight * (opinion.score ?? 0);
    }
  }
  const weights = preferences.reduce((sum, { weight }) => sum + weight, 0);
  for (const each of judged) if (each.total !== null) each.total = weights === 0 ? 1 : each.total / weights;
}

function choose(request: PlacementRequest, ranked: readonly Judged[]): Placement['chosen'] {
  const places = ranked
    .filter(({ isExcluded }) => !isExcluded)
    .map(({ cluster, total }) => ({ cluster: cluster.name, provider: cluster.provider, room: roomFor(request, cluster), score: total ?? 0 }));
  return allocate(places, request);
}

const byName = (left: SnapshotCluster, right: SnapshotCluster): number => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0);

const bestFirst = (left: Judged, right: Judged): number => {
  const difference = (right.total ?? -1) - (left.total ?? -1);
  return difference !== 0 ? difference : byName(left.cluster, right.cluster);
};
