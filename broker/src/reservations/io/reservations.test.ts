import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testStore } from '../../../../test/database.ts';
import type { TestStore } from '../../../../test/database.ts';
import { ownerId } from '../../ids.ts';
import { openStore } from '../../store/io/openStore.ts';
import type { Store } from '../../store/io/store.ts';
import type { Amount } from '../ledger.ts';
import { capacityTaken, createReservations } from './reservations.ts';
import type { Reservations } from './reservations.ts';

const owner = ownerId('default');
const of = (cpuMillis: number): Amount => ({ cpuMillis, memoryBytes: 0, pods: 0, gpus: 0 });
const ask = (booking: string, cpuMillis: number, pool = 'pa', seconds = 60) => ({
  booking,
  operation: `op-${booking}`,
  parts: [{ pool, amount: of(cpuMillis) }],
  seconds,
});

let test: TestStore;
let other: Store;
/** Two brokers. */
let one: Reservations;
let two: Reservations;
beforeEach(async () => {
  test = await testStore();
  other = await openStore({ dataDir: test.dataDir, configDir: test.configDir, databaseUrl: test.url });
  one = createReservations(test.store);
  two = createReservations(other);
  await one.setPool(owner, 'pa', of(100));
  await one.setPool(owner, 'pb', of(100));
});
afterEach(async () => {
  await other.close();
  await test.close();
});

const expire = (): Promise<unknown> => sql`update reservation set expires_at = now() - interval '1 second' where state = 'held'`.execute(test.store.db);
const used = async (pool = 'pa'): Promise<number> => (await one.pools(owner)).find(({ name }) => name === pool)?.used.cpuMillis ?? 0;

describe('capacity', () => {
  it('is never booked twice by two brokers that book at the same moment', async () => {
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) => (index % 2 === 0 ? one : two).reserve(owner, ask(`b${index}`, 7, index % 3 === 0 ? 'pb' : 'pa'))),
    );
    expect(answers.filter(({ kind }) => kind === 'held')).toHaveLength(14 + 14);
    expect([await used('pa'), await used('pb')]).toEqual([98, 98]);
  });

  it('that is taken is said with what is free, and nothing is booked of a request that does not fit as a whole', async () => {
    await one.reserve(owner, ask('a', 60));
    const answer = await two.reserve(owner, {
      ...ask('b', 0),
      parts: [
        { pool: 'pb', amount: of(10) },
        { pool: 'pa', amount: of(41) },
      ],
    });
    expect(answer).toMatchObject({ kind: 'taken', pool: 'pa', free: of(40) });
    expect(await used('pb')).toBe(0);
    expect(answer.kind === 'taken' && capacityTaken(answer).code).toBe('CAPACITY_TAKEN');
    expect(await two.reserve(owner, ask('c', 1, 'nowhere'))).toMatchObject({ kind: 'taken', free: null });
  });

  it('held by a broker that died comes back when the hold expires, and cannot be applied any more', async () => {
    await one.reserve(owner, ask('a', 100));
    expect(await two.reserve(owner, ask('b', 1))).toMatchObject({ kind: 'taken' });
    await expire();
    expect(await two.reserve(owner, ask('b', 100))).toEqual({ kind: 'held' });
    expect(await one.apply(owner, 'a')).toEqual({ kind: 'expired' });
    expect(await used()).toBe(100);
  });

  it('that was found expired stays lost, even by a clock that is set back', async () => {
    await one.reserve(owner, ask('a', 100));
    await expire();
    await two.reserve(owner, ask('b', 100));
    await sql`update reservation set expires_at = now() + interval '1 hour'`.execute(test.store.db);
    expect(await one.apply(owner, 'a')).toEqual({ kind: 'expired' });
  });

  it('that is applied does not expire, and is free again once it is released', async () => {
    await one.reserve(owner, ask('a', 100));
    expect(await one.apply(owner, 'a')).toEqual({ kind: 'applied' });
    await expire();
    expect(await two.reserve(owner, ask('b', 1))).toMatchObject({ kind: 'taken' });
    await one.releaseOperation(owner, 'op-a');
    expect(await two.reserve(owner, ask('b', 100))).toEqual({ kind: 'held' });
  });

  it('booked again after a crash is booked once, and held anew', async () => {
    await one.reserve(owner, ask('a', 60));
    expect(await two.reserve(owner, ask('a', 60))).toEqual({ kind: 'held' });
    expect(await used()).toBe(60);
    await expire();
    expect(await two.reserve(owner, ask('a', 60))).toEqual({ kind: 'held' });
    expect(await two.apply(owner, 'a')).toEqual({ kind: 'applied' });
    expect(await one.reserve(owner, ask('a', 80))).toEqual({ kind: 'applied' });
    expect(await used()).toBe(80);
  });

  it('moves whole from one pool to another', async () => {
    await one.reserve(owner, ask('a', 100, 'pa'));
    await Promise.all([two.reserve(owner, ask('a', 100, 'pb')), one.reserve(owner, ask('b', 50, 'pb'))]);
    expect((await used('pa')) + (await used('pb'))).toBeLessThanOrEqual(150);
    expect(await used('pb')).toBeLessThanOrEqual(100);
  });

  it('is each owner’s own', async () => {
    await one.reserve(owner, ask('a', 100));
    const stranger = ownerId('stranger');
    await two.setPool(stranger, 'pa', of(5));
    expect(await two.reserve(stranger, ask('a', 5))).toEqual({ kind: 'held' });
    expect(await two.release(stranger, 'a')).toEqual({ kind: 'released' });
    expect(await used()).toBe(100);
  });
});
