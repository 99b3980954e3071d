// Chooses clusters for replicas. Same request and snapshot, same answer: no clock, no chance, ties break by name.
import type { Fact } from '../catalogue/index.ts';
import { allocate } from './allocate.ts';
import { capacityJudge, roomFor } from './criteria/capacity.ts';
import { judgeStated, readerOf, telling } from './criteria/fact.ts';
import type { Judge, Teller } from './criteria/fact.ts';
import { judgePreference } from './criteria/preference.ts';
import { standingJudges } from './criteria/standing.ts';
import type { Opinion, Placement, PlacementRequest } from './placement.ts';
import type { Snapshot, SnapshotCluster } from './snapshot.ts';

/** Raise it with every change that may answer differently: receipts of another version are not replayed but reported. */
export const decisionVersion = 1;

/** `total` is null where a criterion excludes the cluster. */
type Judged = {
  readonly cluster: SnapshotCluster;
  readonly opinions: Opinion[];
  readonly isExcluded: boolean;
  /** By preference: its fact, where there is exactly one of that name. */
  readonly preferred: readonly (Fact | null)[];
  total: number | null;
};

/**
 * Holds every cluster of the snapshot against every criterion and keeps each opinion, the losers' too. Candidates come best first, the excluded ones last.
 * `chosen` is null when the clusters that satisfy all criteria have no room for all replicas together.
 */
export function place(request: PlacementRequest, snapshot: Snapshot): Placement {
  const say = telling();
  const judge = judgeOf(request, say);
  const judged = snapshot.clusters.toSorted(byName).map(judge);
  score(request, judged, say);
  judged.sort(bestFirst);
  const candidates = judged.map(({ cluster, total, opinions }) => ({ cluster: cluster.name, offering: cluster.offering, total, opinions }));
  return { chosen: choose(request, judged), candidates, snapshotVersion: snapshot.version, decisionVersion };
}

/** Plain loops, and no list but the one that is kept: this runs for every criterion of every cluster (bench decide). */
function judgeOf(request: PlacementRequest, say: Teller): (cluster: SnapshotCluster) => Judged {
  const standing: readonly Judge[] = standingJudges(request);
  const criteria = request.criteria.map((criterion) => judgeStated(criterion, say));
  const read = readerOf([...request.criteria, ...request.preferences].map(({ fact }) => fact));
  const capacity = capacityJudge(request);
  return (cluster) => {
    const opinions: Opinion[] = [];
    let isExcluded = false;
    for (let index = 0; index < standing.length; index += 1) {
      const opinion = standing[index]?.(cluster);
      if (opinion === undefined) continue;
      if (opinion.verdict === 'excluded') isExcluded = true;
      opinions.push(opinion);
    }
    const { facts } = cluster;
    const stated = read(facts);
    for (let index = 0; index < criteria.length; index += 1) {
      const opinion = criteria[index]?.(facts, stated[index] ?? null);
      if (opinion === undefined) continue;
      if (opinion.verdict === 'excluded') isExcluded = true;
      opinions.push(opinion);
    }
    const room = capacity(cluster);
    if (room.verdict === 'excluded') isExcluded = true;
    opinions.push(room);
    return { cluster, opinions, isExcluded, preferred: stated.slice(criteria.length), total: isExcluded ? null : 0 };
  };
}

/** The total is the weighted mean of the scores; 1 where nothing is preferred. The opinions of preferences come behind those of criteria. */
function score({ preferences }: PlacementRequest, judged: readonly Judged[], say: Teller): void {
  for (const [place, preference] of preferences.entries()) {
    const judge = judgePreference(preference, judged, place, say);
    for (let index = 0; index < judged.length; index += 1) {
      const each = judged[index];
      if (each === undefined) continue;
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
