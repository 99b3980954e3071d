// A peering's capacity booked in the house's ledger: one booking for each provider, replaced when the slice changes its size.
import { HanseError } from '../../errors.ts';
import { ownerId } from '../../ids.ts';
import { capacityTaken, type Reservations as Ledger } from '../../reservations/io/index.ts';
import type { Reservations } from './ports.ts';

/** Slices are booked apart from what applications book inside them. A pool of this name has what the provider offers altogether; without one the provider's own answer decides alone. */
export const slicePool = (provider: string): string => `slices/${provider}`;

const booking = (pool: string): string => `peering/${pool}`;
/** Longer than a federation takes, also one that waits for the provider's word for a while; applying books anew what has expired. */
const heldForSeconds = 1800;

export const sliceBookings = (ledger: Pick<Ledger, 'reserve' | 'apply' | 'release'>): Reservations => {
  const hold: Reservations['hold'] = async ({ owner, operation, pool, resources }) => {
    const answer = await ledger.reserve(ownerId(owner), {
      booking: booking(pool),
      operation,
      parts: [{ pool: slicePool(pool), amount: resources }],
      seconds: heldForSeconds,
    });
    if (answer.kind === 'taken' && answer.free !== null) throw capacityTaken(answer);
  };
  const release = async (owner: string, pool: string): Promise<void> => {
    await ledger.release(ownerId(owner), booking(pool));
  };
  return {
    hold,
    async apply(wanted) {
      const owner = ownerId(wanted.owner);
      if ((await ledger.apply(owner, booking(wanted.pool))).kind === 'applied') return;
      await hold(wanted);
      const again = await ledger.apply(owner, booking(wanted.pool));
      // nothing is known of the pool: nothing was held
      if (again.kind === 'taken') throw new HanseError('CAPACITY_TAKEN', `${wanted.pool}: the capacity was booked by another operation meanwhile`);
    },
    cancel: ({ owner, pool }) => release(owner, pool),
    free: release,
  };
};
