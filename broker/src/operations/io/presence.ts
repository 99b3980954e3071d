// This broker's own connection: it holds the lock that says "no earlier incarnation of me lives", listens, and carries claims and renewals.
import { randomBytes } from 'node:crypto';
import type { PoolClient } from 'pg';
import type { BrokerId } from '../../ids.ts';
import type { Store } from '../../store/io/store.ts';

/** NOTIFY only wakes; what happened is read from the tables. */
export const workChannel = 'hanse_work';
export const eventChannel = 'hanse_event';

/** Of PostgreSQL's advisory locks of two numbers: this one and the hash of the broker's id. */
const lockClass = 748_020;

export type Presence = {
  /** `<broker>/<incarnation>`. */
  readonly name: string;
  /** Connects if necessary; throws what the database said. */
  connection(): Promise<PoolClient>;
  isOnlyIncarnation(): boolean;
  close(): void;
};

export type Ears = { onWork(operation: string): void; onEvent(): void };

export function createPresence(store: Store, broker: BrokerId, ears: Ears): Presence {
  let client: PoolClient | null = null;
  let hangUp = (): void => {};
  let holdsLock = false;

  const connect = async (): Promise<PoolClient> => {
    const fresh = await store.pool.connect();
    let isEnded = false;
    const end = (): void => {
      if (isEnded) return;
      isEnded = true;
      if (client === fresh) {
        client = null;
        holdsLock = false;
      }
      fresh.release(true); // ends the connection, and with it the lock
    };
    fresh.on('error', end);
    fresh.on('end', end);
    fresh.on('notification', ({ channel, payload }) => (channel === workChannel ? ears.onWork(payload ?? '') : ears.onEvent()));
    try {
      await fresh.query(`listen ${workChannel}; listen ${eventChannel}`);
    } catch (error) {
      end();
      throw error;
    }
    client = fresh;
    hangUp = end;
    return fresh;
  };

  return {
    name: `${broker}/${randomBytes(6).toString('hex')}`,
    isOnlyIncarnation: () => holdsLock,
    async connection() {
      const here = client ?? (await connect());
      if (!holdsLock) {
        const { rows } = await here.query<{ locked: boolean }>('select pg_try_advisory_lock($1, hashtext($2)) as locked', [lockClass, broker]);
        holdsLock = client === here && rows[0]?.locked === true;
      }
      return here;
    },
    close: () => hangUp(),
  };
}
