// How many replicas go where, among clusters that satisfy everything.
import type { Placement, PlacementRequest } from './placement.ts';

export type Place = { readonly cluster: string; readonly provider: string; readonly room: number; readonly score: number };

/**
 * `places` come best first. In this order: as many providers as asked for (as far as there are so many); no provider holds more than its even share, or as little
 * more as the room elsewhere forces; the highest sum of scores. Replicas are alike, so filling the best places first is already the optimum (the bounds nest:
 * cluster within provider within all), and there is nothing for a search to improve; a test holds it against every possible answer. null: no room for all.
 */
export function allocate(places: readonly Place[], { replicas, providersMin }: Pick<PlacementRequest, 'replicas' | 'providersMin'>): Placement['chosen'] {
  const roomy = places.filter(({ room }) => room > 0);
  const roomOf = new Map<string, number>();
  for (const { provider, room } of roomy) roomOf.set(provider, (roomOf.get(provider) ?? 0) + room);
  const providers = Math.max(1, Math.min(providersMin, replicas, roomOf.size));
  const share = smallestShare([...roomOf.values()], replicas, Math.ceil(replicas / providers));
  if (share === null) return null;
  const reserved = bestOfProviders(roomy, replicas === 0 ? 0 : providers);
  return fill(roomy, { reserved, replicas, share });
}

/** The smallest number, from `even` on, that lets all replicas fit when no provider holds more. */
function smallestShare(rooms: readonly number[], replicas: number, even: number): number | null {
  const fitting = (share: number): number => rooms.reduce((sum, room) => sum + Math.min(room, share), 0);
  if (fitting(replicas) < replicas) return null;
  let low = even;
  let high = Math.max(even, replicas);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (fitting(middle) >= replicas) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The best place of each of the `count` best providers: there one replica goes first. */
function bestOfProviders(places: readonly Place[], count: number): ReadonlySet<string> {
  const seen = new Set<string>();
  const best = new Set<string>();
  for (const { cluster, provider } of places) {
    if (best.size === count) break;
    if (seen.has(provider)) continue;
    seen.add(provider);
    best.add(cluster);
  }
  return best;
}

type Bounds = { readonly reserved: ReadonlySet<string>; readonly replicas: number; readonly share: number };

function fill(places: readonly Place[], { reserved, replicas, share }: Bounds): Placement['chosen'] {
  const taken = new Map<string, number>();
  const held = new Map<string, number>();
  let left = replicas;
  const take = ({ cluster, provider }: Place, count: number): void => {
    taken.set(cluster, (taken.get(cluster) ?? 0) + count);
    held.set(provider, (held.get(provider) ?? 0) + count);
    left -= count;
  };
  for (const place of places) if (reserved.has(place.cluster)) take(place, 1);
  for (const place of places) {
    const count = Math.min(left, place.room - (taken.get(place.cluster) ?? 0), share - (held.get(place.provider) ?? 0));
    if (count > 0) take(place, count);
  }
  return [...taken].map(([cluster, count]) => ({ cluster, replicas: count })).toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1));
}
