// The one engine: claims operations that are due, carries each on by itself, keeps their leases, and lets go of what it cannot hold.
import { setTimeout as pause } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import type { BrokerId } from '../../ids.ts';
import type { Store } from '../../store/io/store.ts';
import type { EngineLog, EngineVerb, Workshop } from './carryOut.ts';
import { createDatabaseClock } from './clock.ts';
import { createHands } from './hands.ts';
import { claim, release, releasePaused, renew } from './leases.ts';
import type { Claimant } from './leases.ts';
import { discardExpired } from './expiry.ts';
import { createPresence, eventChannel } from './presence.ts';
import { createProgressLog } from './progress.ts';
import { createWriter } from './writer.ts';

export type EngineOptions = {
  readonly store: Store;
  readonly verbs: readonly EngineVerb[];
  /** Without a slash. Of one data directory: it stays the same when the broker is started again. */
  readonly brokerId: BrokerId;
  /** Longer than the longest time limit of a changing request, by a half: a request is sent only while the lease outlasts it. */
  readonly leaseSeconds: number;
  readonly log?: EngineLog;
  readonly backoffSeconds?: (failures: number) => number;
  /** How many operations, and so effects, at once. */
  readonly operationsMax?: number;
};

export type Engine = {
  start(): void;
  /** Ends what is under way at the next place where it can be taken up again, and gives everything back. */
  stop(): Promise<void>;
  /** Looks for work now. */
  wake(): void;
  /** Calls back after events may have been added, here or by another broker; a call too many does no harm. Answers how to stop. */
  onEvents(wake: () => void): () => void;
};

const silent: EngineLog = { info: () => {}, warn: () => {}, error: () => {} };
/** 1, 2, 4 … 60. */
const defaultBackoff = (failures: number): number => Math.min(60, 2 ** (failures - 1));
const pollMs = 1_000;
const tellApartMs = 50;
const discardEveryMs = 60_000;

export function createEngine(options: EngineOptions): Engine {
  const { store, brokerId, leaseSeconds, log = silent, operationsMax = 1024 } = options;
  const clock = createDatabaseClock();
  const listeners = new Set<() => void>();
  const sleeper = createSleeper();
  let isStopping = false;
  let loop: Promise<void> | null = null;
  let renewedAt = performance.now();
  let discardedAt = Number.NEGATIVE_INFINITY;

  const presence = createPresence(store, brokerId, {
    onWork: (operation) => {
      if (hands.runs.has(operation)) renewedAt = Number.NEGATIVE_INFINITY; // renewing tells what was asked of it
      sleeper.wake();
    },
    onEvent: () => listeners.forEach((listener) => listener()),
  });
  const me: Claimant = { broker: brokerId, name: presence.name, leaseSeconds, kinds: options.verbs.map((verb) => verb.name), clock };
  const tell = createBell(store);
  const writer = createWriter(store, { broker: me.name, leaseSeconds, onWritten: tell });
  const verbs = new Map(options.verbs.map((verb) => [verb.name, verb]));
  const progress = createProgressLog(store, tell);
  const shop: Workshop = { verbs, writer, clock, leaseSeconds, log, progress, backoffSeconds: options.backoffSeconds ?? defaultBackoff };
  const hands = createHands({ shop, isStopping: () => isStopping, wake: sleeper.wake, pollMs });

  async function work(): Promise<void> {
    while (!isStopping) {
      try {
        await turn();
      } catch (error) {
        log.warn({ err: error }, 'the engine could not reach its database');
        await pause(pollMs / 4);
      }
      hands.dropLost();
      await sleeper.rest(Math.min(pollMs, (leaseSeconds * 1000) / 8));
    }
  }

  async function turn(): Promise<void> {
    const db = await presence.connection();
    if (hands.runs.size > 0 && performance.now() - renewedAt >= (leaseSeconds * 1000) / 4) {
      const held = [...hands.runs.values()];
      hands.review(held, await renew(db, me, held));
      renewedAt = performance.now();
    }
    await takeWhatIsDue(db);
    if (performance.now() - discardedAt >= discardEveryMs) {
      discardedAt = performance.now();
      await discardExpired(store);
    }
  }

  async function takeWhatIsDue(db: PoolClient): Promise<void> {
    const limit = operationsMax - hands.runs.size;
    if (limit <= 0) return;
    const orphans = [...hands.orphans];
    if (orphans.length > 0) await releasePaused(db, me, orphans);
    const unreadable = (id: string, error: unknown): void => log.error({ operation: id, err: error }, 'operation cannot be read');
    const claimed = await claim(db, me, { limit, isOnlyIncarnation: presence.isOnlyIncarnation(), orphans }, unreadable);
    for (const id of orphans) hands.orphans.delete(id);
    if (hands.runs.size === 0) renewedAt = performance.now();
    for (const run of claimed) hands.take(run);
  }

  return {
    wake: sleeper.wake,
    start() {
      if (loop) return;
      isStopping = false;
      loop = work();
    },
    onEvents(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async stop() {
      isStopping = true;
      sleeper.wake();
      await loop;
      const held = await hands.emptied();
      await writer.idle();
      if (held.length > 0) await release(store.pool, me, held).catch((error: unknown) => log.warn({ err: error }, 'leases end by themselves'));
      presence.close();
      loop = null;
    },
  };
}

type Sleeper = { wake(): void; /** Until somebody wakes it, or so many milliseconds; a wake while nobody sleeps is kept. */ rest(ms: number): Promise<void> };

function createSleeper(): Sleeper {
  let isWoken = false;
  let rouse = (): void => {};
  return {
    wake() {
      isWoken = true;
      rouse();
    },
    async rest(ms) {
      if (!isWoken) {
        const timer = new AbortController();
        await Promise.race([new Promise<void>((resolve) => (rouse = resolve)), pause(ms, undefined, { signal: timer.signal }).catch(() => {})]);
        timer.abort();
      }
      isWoken = false;
    },
  };
}

/** One NOTIFY for many events: each is a lock on the whole database's queue. */
function createBell(store: Store): () => void {
  let timer: NodeJS.Timeout | undefined;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      store.pool.query('select pg_notify($1, $2)', [eventChannel, '']).catch(() => {}); // watchers also look by the clock
    }, tellApartMs).unref();
  };
}
