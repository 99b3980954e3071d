// Which operations are this broker's: claimed with a higher fence, renewed all at once, let go.
import type { ClientBase } from 'pg';
import type { BrokerId } from '../../ids.ts';
import { claimedRow, parseEntry, parsePlan } from './records.ts';
import { startWatch } from './clock.ts';
import type { DatabaseClock, Stopwatch } from './clock.ts';
import type { Run } from './run.ts';

export type Claimant = {
  readonly broker: BrokerId;
  /** `<broker>/<incarnation>`: what stands in the row. */
  readonly name: string;
  readonly leaseSeconds: number;
  /** Verbs that this broker can carry out. */
  readonly kinds: readonly string[];
  readonly clock: DatabaseClock;
};

export type ClaimOptions = {
  readonly limit: number;
  /** No earlier incarnation of this broker lives: what it held is taken back without waiting for its leases to end. */
  readonly isOnlyIncarnation: boolean;
  /** Held by this incarnation in the database, but no longer in its hands. */
  readonly orphans: readonly string[];
};

// A lease counted from before the server's start may belong to an incarnation whose lock ended with the server, not with its life: that one is waited for.
const claimSql = `
  with due as (
    select id from operation
    where state in ('running', 'waiting', 'rollingBack') and not paused and kind = any($1)
      and ((broker is null and (wake_at is null or wake_at <= now()))
        or lease_until < now()
        or ($4 and broker <> $2 and split_part(broker, '/', 1) = $3 and lease_until - make_interval(secs => $5) > pg_postmaster_start_time())
        or (broker = $2 and id = any($6)))
    order by wake_at nulls first, id limit $7 for update skip locked)
  update operation o set broker = $2, fence = o.fence + 1, lease_until = now() + make_interval(secs => $5)
  from due where o.id = due.id
  returning o.id, o.owner, o.plan, o.fence, o.cursor, o.cancel_requested, o.paused, now() as at`;

/** A row that cannot be read is left in its lease, for a broker that can, and told to `onUnreadable`. */
export async function claim(db: ClientBase, me: Claimant, options: ClaimOptions, onUnreadable: (id: string, error: unknown) => void): Promise<Run[]> {
  const asked = startWatch();
  const { rows } = await db.query({
    name: 'hanse-claim',
    text: claimSql,
    values: [me.kinds, me.name, me.broker, options.isOnlyIncarnation, me.leaseSeconds, options.orphans, options.limit],
  });
  if (rows.length === 0) return [];
  me.clock.set(rows[0].at, asked);
  const runs = rows.flatMap((row: unknown) => readOr(row, asked, onUnreadable));
  await readJournals(db, runs);
  return runs;
}

function readOr(row: unknown, asked: Stopwatch, onUnreadable: (id: string, error: unknown) => void): Run[] {
  const claimed = claimedRow.parse(row);
  const { id, owner, fence, cursor, cancel_requested: cancelRequested, paused: isPaused } = claimed;
  try {
    return [{ id, owner, fence, cursor, cancelRequested, isPaused, plan: parsePlan(claimed.plan), journal: [], leasedSince: asked, abort: null }];
  } catch (error) {
    onUnreadable(id, error);
    return [];
  }
}

async function readJournals(db: ClientBase, runs: readonly Run[]): Promise<void> {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const { rows } = await db.query<{ operation: string; entry: unknown }>({
    name: 'hanse-journals',
    text: 'select operation, entry from journal where operation = any($1) order by operation, seq',
    values: [[...byId.keys()]],
  });
  for (const { operation, entry } of rows) byId.get(operation)?.journal.push(parseEntry(entry));
}

const renewSql = `
  with mine as (select id from operation where id = any($1) and broker = $2 and lease_until > clock_timestamp() order by id for update)
  update operation o set lease_until = now() + make_interval(secs => $3) from mine where o.id = mine.id
  returning o.id, o.fence, o.cancel_requested, o.paused, now() as at`;

/** Which of the runs are still ours, by their id; the lease of those counts from when this was asked. */
export async function renew(db: ClientBase, me: Claimant, runs: readonly Run[]): Promise<ReadonlySet<string>> {
  const asked = startWatch();
  const { rows } = await db.query<{ id: string; fence: number; cancel_requested: boolean; paused: boolean; at: Date }>({
    name: 'hanse-renew',
    text: renewSql,
    values: [runs.map((run) => run.id), me.name, me.leaseSeconds],
  });
  if (rows[0]) me.clock.set(rows[0].at, asked);
  const found = new Map(rows.map((row) => [row.id, row]));
  const kept = runs.filter((run) => found.get(run.id)?.fence === run.fence);
  for (const run of kept) {
    run.leasedSince = asked;
    run.cancelRequested = found.get(run.id)?.cancel_requested ?? run.cancelRequested;
    run.isPaused = found.get(run.id)?.paused ?? run.isPaused;
  }
  return new Set(kept.map((run) => run.id));
}

/** What was let go here and paused meanwhile is claimed by nobody: it is given back, so that it goes on at once when it is resumed. */
export async function releasePaused(db: ClientBase, me: Claimant, orphans: readonly string[]): Promise<void> {
  await db.query('update operation set broker = null, lease_until = null where id = any($1) and broker = $2 and paused', [orphans, me.name]);
}

/** Another broker, or this one, may claim them at once. */
export async function release(db: { query: ClientBase['query'] }, me: Claimant, runs: readonly Run[]): Promise<void> {
  await db.query(
    `update operation o set broker = null, lease_until = null from unnest($1::text[], $2::bigint[]) as held(id, fence)
     where o.id = held.id and o.fence = held.fence and o.broker = $3`,
    [runs.map((run) => run.id), runs.map((run) => run.fence), me.name],
  );
}
