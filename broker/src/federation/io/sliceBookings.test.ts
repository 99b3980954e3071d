import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testStore } from '../../../../test/database.ts';
import type { TestStore } from '../../../../test/database.ts';
import { ownerId } from '../../ids.ts';
import { readBooked } from '../../placement/io/capacity.ts';
import { createReservations } from '../../reservations/io/index.ts';
import type { Amount } from '../../reservations/index.ts';
import type { Reservations } from './ports.ts';
import { sliceBookings } from './sliceBookings.ts';

const owner = 'default';
const of = (cpuMillis: number): Amount => ({ cpuMillis, memoryBytes: 2 ** 30, pods: 10, gpus: 0 });
const booking = (cpuMillis: number, more: { operation?: string; pool?: string } = {}) => ({
  owner,
  operation: 'op-1',
  pool: 'pa',
  resources: of(cpuMillis),
  ...more,
});

let made: TestStore;
let offered: Map<string, Amount>;
let slices: Reservations;
const booked = async (pool = 'pa'): Promise<number> => (await readBooked(made.store, owner, new Date())).get(pool)?.cpuMillis ?? 0;
const expire = (): Promise<unknown> => sql`update reservation set expires_at = now() - interval '1 second' where state = 'held'`.execute(made.store.db);

beforeAll(async () => {
  made = await testStore();
});
afterAll(() => made.close());
beforeEach(async () => {
  await sql`truncate reservation, pool`.execute(made.store.db);
  offered = new Map([['pa', { cpuMillis: 8000, memoryBytes: 2 ** 34, pods: 110, gpus: 0 }]]);
  slices = sliceBookings(createReservations(made.store), async (_, provider) => offered.get(provider) ?? null);
});

describe('the capacity of a peering', () => {
  it('is booked under the name by which decisions look the provider up, from the first step on', async () => {
    await slices.hold(booking(4000));
    expect(await booked()).toBe(4000);
    await slices.apply(booking(4000));
    await expire();
    expect(await booked()).toBe(4000);
    await slices.free(owner, 'pa');
    expect(await booked()).toBe(0);
  });

  it('is given back by an operation that is undone, but not what a peering has already', async () => {
    await slices.hold(booking(4000));
    await slices.cancel(booking(4000));
    expect(await booked()).toBe(0);
    await slices.hold(booking(4000));
    await slices.apply(booking(4000));
    await slices.hold(booking(4000, { operation: 'op-2' }));
    await slices.cancel(booking(4000, { operation: 'op-2' }));
    expect(await booked()).toBe(4000);
  });

  it('is never more than the offering says, and what is there already counts once', async () => {
    await expect(slices.hold(booking(8001))).rejects.toMatchObject({ code: 'CAPACITY_TAKEN' });
    await slices.hold(booking(6000));
    await slices.apply(booking(6000));
    await slices.hold(booking(8000, { operation: 'op-2' }));
    expect(await booked()).toBe(8000);
  });

  it('follows an offering that becomes smaller', async () => {
    await slices.hold(booking(4000));
    offered.set('pa', of(3000));
    await expect(slices.hold(booking(4000))).rejects.toMatchObject({ code: 'CAPACITY_TAKEN' });
  });

  it('is left to the provider to decide where no offering says anything, also where one did before', async () => {
    offered.clear();
    await slices.hold(booking(1e9));
    await slices.apply(booking(1e9));
    offered.set('pa', of(3000));
    await expect(slices.hold(booking(4000))).rejects.toMatchObject({ code: 'CAPACITY_TAKEN' });
    offered.clear();
    await slices.hold(booking(4000));
    await slices.apply(booking(4000));
  });

  it('is booked anew when what was held expired before it was applied, and refused when somebody else took it', async () => {
    await slices.hold(booking(6000));
    await expire();
    await slices.apply(booking(6000));
    expect(await booked()).toBe(6000);
    await slices.free(owner, 'pa');
    await slices.hold(booking(6000));
    await expire();
    await createReservations(made.store).reserve(ownerId(owner), { booking: 'other', operation: null, parts: [{ pool: 'pa', amount: of(6000) }], seconds: 60 });
    await expect(slices.apply(booking(6000))).rejects.toMatchObject({ code: 'CAPACITY_TAKEN' });
  });
});
