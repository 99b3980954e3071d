// Chooses clusters for replicas. Same request and snapshot, same answer: no clock, no chance, ties break by name.
import { allocate } from './allocate.ts';
import { capacityJudge, roomFor } from './criteria/capacity.ts';
import { factJudge } from './criteria/fact.ts';
import type { Judge } from './criteria/fact.ts';
import { judgePreference } from './criteria/preference.ts';
import { standingJudges } from './criteria/standing.ts';
import type { Candidate, Opinion, Placement, PlacementRequest } from './placement.ts';
import type { Snapshot, SnapshotCluster } from './snapshot.ts';

/** Raise it with every change that may answer differently: receipts of another version are not replayed but reported. */
export const decisionVersion = 1;

type Judged = { readonly cluster: SnapshotCluster; readonly opinions: Opinion[]; readonly isExcluded: boolean };

/**
 * Holds every cluster of the snapshot against every criterion and keeps each opinion, the losers' too. Candidates come best first, the excluded ones last.
 * `chosen` is null when the clusters that satisfy all criteria have no room for all replicas together.
 */
export function place(request: PlacementRequest, snapshot: Snapshot): Placement {
  const judges = [...standingJudges(request), ...request.criteria.map(factJudge), capacityJudge(request)];
  const judged = snapshot.clusters.toSorted(byName).map((cluster) => judgeAll(judges, cluster));
  const candidates = scored(request, judged).toSorted(bestFirst);
  return { chosen: choose(request, snapshot, candidates), candidates, snapshotVersion: snapshot.version, decisionVersion };
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
  return { cluster, opinions, isExcluded };
}

/** The opinions of preferences come behind those of criteria. */
function scored(request: PlacementRequest, judged: readonly Judged[]): Candidate[] {
  const weights = request.preferences.reduce((sum, { weight }) => sum + weight, 0);
  const sums = new Float64Array(judged.length);
  for (const preference of request.preferences) {
    const judge = judgePreference(preference, judged);
    for (let index = 0; index < judged.length; index += 1) {
      const opinion = judge(index);
      judged[index]?.opinions.push(opinion);
      sums[index] = (sums[index] ?? 0) + preference.weight * (opinion.score ?? 0);
    }
  }
  // the weighted mean of the scores; 1 where nothing is preferred
  return judged.map(({ cluster, opinions, isExcluded }, index) => {
    const total = isExcluded ? null : weights === 0 ? 1 : (sums[index] ?? 0) / weights;
    return { cluster: cluster.name, offering: cluster.offering, total, opinions };
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
