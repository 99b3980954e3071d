// Chooses clusters for replicas. Same request and snapshot, same answer: no clock, no chance, ties break by name.
import { allocate } from './allocate.ts';
import { capacityJudge, roomFor } from './criteria/capacity.ts';
import { factJudge } from './criteria/fact.ts';
import { preferenceJudge } from './criteria/preference.ts';
import { standingJudges } from './criteria/standing.ts';
import type { Candidate, Opinion, Placement, PlacementRequest } from './placement.ts';
import type { Snapshot, SnapshotCluster } from './snapshot.ts';

/** Raise it with every change that may answer differently: receipts of another version are not replayed but reported. */
export const decisionVersion = 1;

type Judged = { readonly cluster: SnapshotCluster; readonly opinions: readonly Opinion[]; readonly isExcluded: boolean };

/**
 * Holds every cluster of the snapshot against every criterion and keeps each opinion, the losers' too. Candidates come best first, the excluded ones last.
 * `chosen` is null when the clusters that satisfy all criteria have no room for all replicas together.
 */
export function place(request: PlacementRequest, snapshot: Snapshot): Placement {
  const judges = [...standingJudges(request), ...request.criteria.map(factJudge), capacityJudge(request)];
  const judged = snapshot.clusters.toSorted(byName).map((cluster): Judged => {
    const opinions = judges.map((judge) => judge(cluster));
    return { cluster, opinions, isExcluded: opinions.some(({ verdict }) => verdict === 'excluded') };
  });
  const candidates = scored(request, judged).toSorted(bestFirst);
  return { chosen: choose(request, snapshot, candidates), candidates, snapshotVersion: snapshot.version, decisionVersion };
}

function scored(request: PlacementRequest, judged: readonly Judged[]): Candidate[] {
  const feasible = judged.filter(({ isExcluded }) => !isExcluded).map(({ cluster }) => cluster);
  const range = feasible.length > 0 ? feasible : judged.map(({ cluster }) => cluster);
  const judges = request.preferences.map((preference) => ({ weight: preference.weight, judge: preferenceJudge(preference, range) }));
  const weights = request.preferences.reduce((sum, { weight }) => sum + weight, 0);
  return judged.map(({ cluster, opinions, isExcluded }) => {
    const scores = judges.map(({ judge }) => judge(cluster));
    // the weighted mean of the scores; 1 where nothing is preferred
    const mean = weights === 0 ? 1 : judges.reduce((sum, { weight }, index) => sum + weight * (scores[index]?.score ?? 0), 0) / weights;
    return { cluster: cluster.name, offering: cluster.offering, total: isExcluded ? null : mean, opinions: opinions.concat(scores) };
  });
}

function choose(request: PlacementRequest, snapshot: Snapshot, candidates: readonly Candidate[]): Placement['chosen'] {
  const clusters = new Map(snapshot.clusters.map((cluster) => [cluster.name, cluster]));
  const places = candidates.flatMap(({ cluster: name, total }) => {
    const cluster = clusters.get(name);
    return total === null || cluster === undefined ? [] : [{ cluster: name, provider: cluster.provider, room: roomFor(request, cluster), score: total }];
  });
  return allocate(places, request);
}

const byName = (left: SnapshotCluster, right: SnapshotCluster): number => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0);

const bestFirst = (left: Candidate, right: Candidate): number => {
  const difference = (right.total ?? -1) - (left.total ?? -1);
  return difference !== 0 ? difference : left.cluster < right.cluster ? -1 : 1;
};
