// A peering's capacity booked in the house's ledger: one booking for each provider, replaced when the slice changes its size.
import { HanseError } from '../../errors.ts';
import { ownerId } from '../../ids.ts';
import { type Amount } from '../../reservations/index.ts';
import { capacityTaken, type Reservations as Ledger } from '../../reservations/io/index.ts';
import type { Reservations } from './ports.ts';

const booking = (pool: string): string => `peering/${pool}`;
/** Longer than a federation takes, also one that waits for the provider's word for a while; applying books anew what has expired. */
const heldForSeconds = 1800;

/** What a provider has altogether, as its offering says; null: nobody told, and the provider's own answer decides alone. */
export type CapacityOf = (owner: string, provider: string) => Promise<Amount | null>;

/** The pool has our name of the provider's cluster, as decisions look it up. */
export const sliceBookings = (ledger: Pick<Ledger, 'setPool' | 'reserve' | 'apply' | 'release'>, capacityOf: CapacityOf): Reservations => {
  const hold: Reservations['hold'] = async ({ owner: word, operation, pool, resources }) => {
    const owner = ownerId(word);
    await ledger.setPool(owner, pool, await capacityOf(word, pool));
    const answer = await ledger.reserve(owner, { booking: booking(pool), operation, parts: [{ pool, amount: resources }], seconds: heldForSeconds });
    if (answer.kind === 'taken' && answer.free !== null) throw capacityTaken(answer);
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
    cancel: async ({ owner, pool }) => void (await ledger.release(ownerId(owner), booking(pool), { onlyHeld: true })),
    free: async (owner, pool) => void (await ledger.release(ownerId(owner), booking(pool))),
  };
};
