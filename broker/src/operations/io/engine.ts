// The one engine: claims operations that are due, carries each on by itself, keeps their leases, and lets go of what it cannot hold.
import { setTimeout as pause } from 'node:timers/promises';
import { HanseError } from '../../errors.ts';
import type { BrokerId } from '../../ids.ts';
import type { Store } from '../../store/io/store.ts';
import { hasPassed } from '../history.ts';
import { mustRollBack } from '../next.ts';
import { carryOut } from './carryOut.ts';
import type { EngineLog, EngineVerb, Workshop } from './carryOut.ts';
import { createDatabaseClock } from './clock.ts';
import { claim, release, renew } from './leases.ts';
import type { Claimant } from './leases.ts';
import { discardExpired } from './expiry.ts';
import { createPresence, eventChannel } from './presence.ts';
import { createProgressLog } from './progress.ts';
import { leaseLeftMs, leaseLost } from './run.ts';
import type { Run } from './run.ts';
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
  const runs = new Map<string, Run>();
  const partings = new Set<Promise<void>>();
  const orphans = new Set<string>();
  let wakes: (() => void) | null = null;
  let isWoken = false;
  let isStopping = false;
  let loop: Promise<void> | null = null;

  const presence = createPresence(store, brokerId, {
    onWork: (operation) => {
      if (runs.has(operation)) renewSoon();
      wake();
    },
    onEvent: () => listeners.forEach((listener) => listener()),
  });
  const me: Claimant = { broker: brokerId, name: presence.name, leaseSeconds, kinds: options.verbs.map((verb) => verb.name), clock };
  const tell = createBell(store);
  const writer = createWriter(store, { broker: me.name, leaseSeconds, onWritten: tell });
  const shop: Workshop = {
    verbs: new Map(options.verbs.map((verb) => [verb.name, verb])),
    ...{ writer, clock, leaseSeconds, log, progress: createProgressLog(store, tell), backoffSeconds: options.backoffSeconds ?? defaultBackoff },
  };
  let renewedAt = performance.now();
  let discardedAt = Number.NEGATIVE_INFINITY;
  const renewSoon = (): void => {
    renewedAt = Number.NEGATIVE_INFINITY;
  };

  function wake(): void {
    isWoken = true;
    wakes?.();
  }
  /** Until somebody wakes it, or a time. */
  async function rest(ms: number): Promise<void> {
    if (!isWoken) {
      const timer = new AbortController();
      await Promise.race([new Promise<void>((resolve) => (wakes = resolve)), pause(ms, undefined, { signal: timer.signal }).catch(() => {})]);
      timer.abort();
    }
    isWoken = false;
  }

  async function work(): Promise<void> {
    while (!isStopping) {
      try {
        await turn();
      } catch (error) {
        log.warn({ err: error }, 'the engine could not reach its database');
        await pause(pollMs / 4);
      }
      dropLost();
      await rest(Math.min(pollMs, (leaseSeconds * 1000) / 8));
    }
  }

  async function turn(): Promise<void> {
    const db = await presence.connection();
    if (runs.size > 0 && performance.now() - renewedAt >= (leaseSeconds * 1000) / 4) {
      const held = [...runs.values()];
      const kept = await renew(db, me, held);
      renewedAt = performance.now();
      for (const run of held) kept.has(run.id) ? heed(run) : abandon(run);
    }
    if (performance.now() - discardedAt >= discardEveryMs) {
      discardedAt = performance.now();
      await discardExpired(store);
    }
    const limit = operationsMax - runs.size;
    if (limit <= 0) return;
    const asked = [...orphans];
    const isOnlyIncarnation = presence.isOnlyIncarnation();
    const claimed = await claim(db, me, { limit, isOnlyIncarnation, orphans: asked }, (id, error) =>
      log.error({ operation: id, err: error }, 'operation cannot be read'),
    );
    asked.forEach((id) => orphans.delete(id));
    if (runs.size === 0) renewedAt = performance.now();
    for (const run of claimed) take(run);
  }

  function take(run: Run): void {
    // Two at once would be two effects at once: what is still in hand here is not taken again.
    if (runs.has(run.id)) return;
    runs.set(run.id, run);
    const parting = carryOut(shop, run, () => isStopping)
      .catch((error: unknown) => {
        log.warn({ operation: run.id, err: error }, 'operation was let go');
        return { kind: 'letGo' } as const;
      })
      .then((parted) => {
        if (runs.get(run.id) === run) runs.delete(run.id);
        if (parted.kind === 'letGo') orphans.add(run.id);
        if (parted.kind === 'letGo' && !isStopping) setTimeout(wake, pollMs / 4).unref();
        else if (parted.kind === 'released' && parted.wakeAt !== null) wakeBy(parted.wakeAt);
      })
      .finally(() => partings.delete(parting));
    partings.add(parting);
  }

  function wakeBy(at: string): void {
    const ms = Date.parse(at) - clock.nowMs();
    if (ms < pollMs) setTimeout(wake, Math.max(0, ms) + 1).unref();
  }

  /** A cancel ends the attempt that is under way, while there is a way back. */
  function heed(run: Run): void {
    if (run.cancelRequested && !hasPassed(run.plan, run.journal) && !mustRollBack(run.plan, run.journal, { cancelRequested: false })) {
      run.abort?.(new HanseError('CANCELLED', 'It was cancelled.'));
    }
  }

  function abandon(run: Run): void {
    log.warn({ operation: run.id }, 'lease lost');
    run.abort?.(leaseLost(run));
  }
  function dropLost(): void {
    for (const run of runs.values()) if (leaseLeftMs(run, leaseSeconds) < 0) abandon(run);
  }

  return {
    wake,
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
      wake();
      await loop;
      const held = [...runs.values()];
      for (const run of held) run.abort?.(leaseLost(run));
      await Promise.all(partings);
      await writer.idle();
      if (held.length > 0) await release(store.pool, me, held).catch((error: unknown) => log.warn({ err: error }, 'leases end by themselves'));
      presence.close();
      loop = null;
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
