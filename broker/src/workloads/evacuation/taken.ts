// What a move changes on each cluster, so that the next move of the same plan is decided with it.
import { less, nothing, type Placement, type Resources, times, together } from '../../placement/index.ts';
import type { Application } from '../application.ts';

type Placed = Pick<Application, 'request' | 'placement'>;

const heldBy = ({ request, placement }: Placed): ReadonlyMap<string, Resources> =>
  new Map((placement.chosen ?? []).map(({ cluster, replicas }) => [cluster, times(request.each, replicas)]));

/** By cluster: what the application holds after the move, less what it held before. */
export function takenBy({
  before,
  after,
}: {
  readonly before: Placed;
  readonly after: Placed & { readonly placement: Placement };
}): ReadonlyMap<string, Resources> {
  const given = new Map([...heldBy(before)].map(([cluster, held]) => [cluster, less(nothing, held)]));
  return together(heldBy(after), given);
}
