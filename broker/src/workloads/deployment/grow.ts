// What a deployment adds to, or takes from, where an application runs already.
import type { Placement, PlacementRequest } from '../../placement/index.ts';
import type { Application } from '../application.ts';
import { isSame } from '../json.ts';
import type { Needs } from './needs.ts';

type Growing = { readonly before: Application; readonly needs: Needs; /** The clusters were named: it shall be at each of them. */ readonly isNamed: boolean };

/** Only what is added to a running application is placed anew; null: it needs no more than it has, where it is. */
export function grown(asked: PlacementRequest, { before, needs, isNamed }: Growing): PlacementRequest | null {
  const fresh = isNamed ? (asked.among ?? []).filter((cluster) => !before.clusters.includes(cluster)) : [];
  const isSameSize = isSame(needs.each, before.request.each);
  const more = isSameSize ? Math.max(0, needs.replicas - before.request.replicas) : needs.replicas;
  if (more === 0 && fresh.length === 0) return null;
  return more === 0 ? { ...asked, replicas: fresh.length, among: fresh, providersMin: fresh.length } : { ...asked, replicas: more };
}

/** Fewer replicas than were placed: those are taken from where most are, so that what is counted as used is what is used. */
export function shrunk(placement: Placement, replicas: number): Placement {
  const counts = (placement.chosen ?? []).map((one) => ({ ...one }));
  for (let surplus = counts.reduce((sum, one) => sum + one.replicas, 0) - replicas; surplus > 0; surplus -= 1) {
    const most = counts.reduce((largest, one) => (one.replicas > largest.replicas ? one : largest));
    most.replicas -= 1;
  }
  return { ...placement, chosen: counts };
}

/** Clusters are only ever added; the newest decision's reasons are kept. */
export function joined(before: Placement, added: Placement): Placement {
  const counts = new Map((before.chosen ?? []).map(({ cluster, replicas }) => [cluster, replicas]));
  for (const { cluster, replicas } of added.chosen ?? []) counts.set(cluster, (counts.get(cluster) ?? 0) + replicas);
  return { ...added, chosen: [...counts].map(([cluster, replicas]) => ({ cluster, replicas })).sort((one, other) => (one.cluster < other.cluster ? -1 : 1)) };
}
