// Two clocks: the database's, by which everything is stamped and woken, and this process's own, by which it trusts a lease.

/**
 * Milliseconds that surely passed. Counts on while the process is stopped; a suspended machine stops the monotonic clock but not the wall clock, so the
 * larger of the two counts.
 */
export type Stopwatch = { readonly monotonic: number; readonly wall: number };

export const startWatch = (): Stopwatch => ({ monotonic: performance.now(), wall: Date.now() });

export const elapsedMs = (since: Stopwatch): number => Math.max(performance.now() - since.monotonic, Date.now() - since.wall);

export type DatabaseClock = {
  /** `asked`: when the question was sent, so that the clock is rather ahead of the database than behind. */
  set(databaseNow: Date, asked: Stopwatch): void;
  nowMs(): number;
  /** RFC 3339. */
  now(): string;
};

export function createDatabaseClock(): DatabaseClock {
  let base = { at: Date.now(), since: startWatch() };
  const nowMs = (): number => base.at + (performance.now() - base.since.monotonic);
  return {
    set(databaseNow, asked) {
      base = { at: databaseNow.getTime(), since: asked };
    },
    nowMs,
    now: () => new Date(nowMs()).toISOString(),
  };
}
