// Chooses clusters for replicas. Same request and snapshot, same answer: no clock, no chance, ties break by name.
import type { Fact } from '../catalogue/index.ts';
import { allocate } from './allocate.ts';
import { capacityJudge, roomFor } from './criteria/capacity.ts';
import { judgeStated, readerOf, telling } from './criteria/fact.ts';
import type { Judge, Teller } from './criteria/fact.ts';
import { judgePreference } from './criteria/preference.ts';
import { standingJudges } from './criteria/standing.ts';
import type { Candidate, Opinion, Placement, PlacementRequest } from './placement.ts';
import type { Snapshot, SnapshotCluster } from './snapshot.ts';

/** Raise it with every change that may answer differently: receipts of another version are not replayed but reported. */
export const decisionVersion = 1;

/** A candidate while it is judged. Its total is null where a criterion excludes the cluster. */
type Judged = Candidate & { readonly opinions: Opinion[]; total: number | null };

/**
 * Holds every cluster of the snapshot against every criterion and keeps each opinion, the losers' too. Candidates come best first, the excluded ones last.
 * `chosen` is null when the clusters that satisfy all criteria have no room for all replicas together.
 */
export function place(request: PlacementRequest, snapshot: Snapshot): Placement {
  const say = telling();
  const clusters = snapshot.clusters.toSorted(byName);
  const columns = request.preferences.map((): (Fact | null)[] => []);
  const judged = clusters.map(judgeOf(request, { say, columns }));
  score(request, { clusters, judged, columns, say });
  const order = clusters.map((_, index) => index).sort(bestFirst(judged));
  const candidates = order.flatMap((index) => judged[index] ?? []);
  const chosen = choose(request, { fitting: order.flatMap((index) => (judged[index]?.total == null ? [] : (clusters[index] ?? []))), candidates });
  return { chosen, candidates, snapshotVersion: snapshot.version, decisionVersion };
}

type Telling = {
  readonly say: Teller;
  /** For each preference, by cluster, the fact of its name where there is exactly one. */ readonly columns: readonly (Fact | null)[][];
};

/** Plain loops, and no object but those that are kept: this runs for every criterion of every cluster (bench decide). */
function judgeOf(request: PlacementRequest, { say, columns }: Telling): (cluster: SnapshotCluster) => Judged {
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
    for (let index = 0; index < columns.length; index += 1) columns[index]?.push(stated[criteria.length + index] ?? null);
    const room = capacity(cluster);
    if (room.verdict === 'excluded') isExcluded = true;
    opinions.push(room);
    return { cluster: cluster.name, offering: cluster.offering, total: isExcluded ? null : 0, opinions };
  };
}

type Scored = Telling & { readonly clusters: readonly SnapshotCluster[]; readonly judged: readonly Judged[] };

/** The total is the weighted mean of the scores; 1 where nothing is preferred. The opinions of preferences come behind those of criteria. */
function score({ preferences }: PlacementRequest, { clusters, judged, columns, say }: Scored): void {
  for (const [place, preference] of preferences.entries()) {
    const judge = judgePreference(preference, { clusters, candidates: judged, only: columns[place] ?? [] }, say);
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

type Ranked = { /** Best first, as the candidates are. */ readonly fitting: readonly SnapshotCluster[]; readonly candidates: readonly Candidate[] };

const choose = (request: PlacementRequest, { fitting, candidates }: Ranked): Placement['chosen'] =>
  allocate(
    fitting.map((cluster, index) => ({
      cluster: cluster.name,
      provider: cluster.provider,
      room: roomFor(request, cluster),
      score: candidates[index]?.total ?? 0,
    })),
    request,
  );

const byName = (left: SnapshotCluster, right: SnapshotCluster): number => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0);

/** Of indices into what is sorted by name: ties keep that order. */
const bestFirst =
  (judged: readonly Judged[]) =>
  (left: number, right: number): number =>
    (judged[right]?.total ?? -1) - (judged[left]?.total ?? -1) || left - right;
