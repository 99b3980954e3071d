// How many replicas a cluster has room for.
import type { Opinion, PlacementRequest, Resources } from '../placement.ts';
import type { SnapshotCluster } from '../snapshot.ts';
import type { Judge } from './fact.ts';

/** 0 where nobody told what is free, unless nothing is needed. Never more than the replicas asked for. */
export function roomFor({ each, replicas }: PlacementRequest, { free }: SnapshotCluster): number {
  if (free === null) return Object.values(each).every((needed) => needed <= 0) ? replicas : 0;
  const room = Math.min(fits(free.cpuMillis, each.cpuMillis), fits(free.memoryBytes, each.memoryBytes), fits(free.pods, each.pods), fits(free.gpus, each.gpus));
  return Math.max(0, Math.min(replicas, room));
}

const fits = (free: number, each: number): number => (each <= 0 ? Number.POSITIVE_INFINITY : Math.floor(free / each));

type Known = { readonly free: Resources | null; readonly opinion: Opinion; readonly next: Known | undefined };

/** Clusters of which the same is free share one opinion: its text is the dearest of a decision (bench decide). */
export function capacityJudge(request: PlacementRequest): Judge {
  const isNothing = Object.values(request.each).every((needed) => needed <= 0);
  const asked = isNothing ? 'nothing' : `${printResources(request.each)} for each of ${request.replicas}`;
  const known = new Map<number | undefined, Known>();
  return (cluster) => {
    const { free, freeSource } = cluster;
    const sameCpu = known.get(free?.cpuMillis);
    for (let each = sameCpu; each !== undefined; each = each.next) if (each.opinion.source === freeSource && isSame(each.free, free)) return each.opinion;
    const room = roomFor(request, cluster);
    const found =
      free === null
        ? 'unknown'
        : freeSource === 'closed'
          ? 'nothing new goes there now: hanse get reactions'
          : `${printResources(free)} free${isNothing ? '' : `: room for ${room}`}`;
    const opinion: Opinion = { criterion: 'capacity', verdict: room > 0 ? 'satisfied' : 'excluded', asked, found, source: freeSource };
    known.set(free?.cpuMillis, { free, opinion, next: sameCpu });
    return opinion;
  };
}

const isSame = (left: Resources | null, right: Resources | null): boolean =>
  left === null || right === null
    ? left === right
    : left.cpuMillis === right.cpuMillis && left.memoryBytes === right.memoryBytes && left.pods === right.pods && left.gpus === right.gpus;

const bytesInGib = 1024 ** 3;

export const printResources = ({ cpuMillis, memoryBytes, pods, gpus }: Resources): string =>
  `${cpuMillis / 1000} CPU, ${Math.round((memoryBytes / bytesInGib) * 100) / 100} GiB, ${pods} pods${gpus > 0 ? `, ${gpus} GPUs` : ''}`;
