// Writes of the engine: what an operation says, does and becomes goes into the database in one statement, or not at all when it is no longer ours.
import { sql } from 'kysely';
import { appendAudit } from '../../audit/io/log.ts';
import type { AuditDraft } from '../../audit/chain.ts';
import type { JsonObject } from '../../ids.ts';
import { createBatcher } from '../../store/io/batcher.ts';
import { document } from '../../store/index.ts';
import type { Db, Store } from '../../store/io/store.ts';
import type { Entry, Question } from '../journal.ts';
import type { OperationState } from '../state.ts';

export type Write = {
  readonly id: string;
  /** Guards: nobody took it over, nobody wrote in between. */
  readonly fence: number;
  readonly cursor: number;
  readonly entry: Entry | null;
  readonly state: OperationState;
  /** With this entry the point of no return is passed: refused once a cancel or a pause was requested. */
  readonly passing: boolean;
  /** Still on the way forward before that point: a cancel that came in the meantime is not to wait for a time or an answer. */
  readonly cancellable: boolean;
  readonly release: boolean;
  readonly wakeAt: string | null;
  readonly question: Question | null;
  readonly outcome: JsonObject | null;
  readonly event: { readonly kind: string; readonly data: JsonObject } | null;
  readonly audits: readonly AuditDraft[];
};

export type Written = { readonly isWritten: boolean; readonly cancelRequested: boolean; readonly isPaused: boolean };

export type Writer = { write(write: Write): Promise<Written>; idle(): Promise<void> };

const batchMax = 250;

export type Scribe = {
  /** As it stands in the rows. */
  readonly broker: string;
  readonly leaseSeconds: number;
  onWritten(): void;
};

export function createWriter(store: Store, scribe: Scribe): Writer {
  const batcher = createBatcher<Write, Written>(async (writes) => {
    const written = await writeAll(store, scribe, writes);
    scribe.onWritten();
    return written;
  }, batchMax);
  return { write: (write) => batcher.do(write), idle: () => batcher.idle() };
}

async function writeAll(store: Store, { broker, leaseSeconds }: Scribe, writes: readonly Write[]): Promise<readonly Written[]> {
  if (writes.every((write) => write.audits.length === 0)) return answers(writes, await writeRows(store.db, broker, writes));
  return store.db.transaction().execute(async (tx) => {
    // A broker that is stopped between these statements must not hold its rows longer than its leases.
    await sql`select set_config('idle_in_transaction_session_timeout', ${`${Math.ceil(leaseSeconds * 1000)}ms`}, true)`.execute(tx);
    const written = await writeRows(tx, broker, writes);
    await appendAudit(
      tx,
      writes.flatMap((write) => (written.has(write.id) ? write.audits : [])),
    );
    return answers(writes, written);
  });
}

type Asked = Omit<Written, 'isWritten'>;

const answers = (writes: readonly Write[], written: ReadonlyMap<string, Asked>): readonly Written[] =>
  writes.map(({ id }) => ({ isWritten: written.has(id), ...(written.get(id) ?? { cancelRequested: false, isPaused: false }) }));

/** Rows are locked in the order of their ids, as renewals do: two statements never wait for each other. */
async function writeRows(db: Db, broker: string, writes: readonly Write[]): Promise<ReadonlyMap<string, Asked>> {
  const { rows } = await sql<{ id: string; cancel_requested: boolean; paused: boolean }>`
    with w as materialized (select * from jsonb_to_recordset(${document(writes.map(toRow))}::jsonb) as w(
        id text, fence bigint, cursor int, entry jsonb, state text, passing boolean, cancellable boolean, release boolean,
        wake_at timestamptz, question jsonb, outcome jsonb, kind text, data jsonb)),
    held as materialized (
      select o.id from operation o join w on w.id = o.id
      where o.broker = ${broker} and o.fence = w.fence and o.cursor = w.cursor and o.lease_until > clock_timestamp() and not (w.passing and (o.cancel_requested or o.paused))
      order by o.id for update of o),
    changed as (
      update operation o set
        state = case when w.state = 'asking' and w.cancellable and o.cancel_requested then 'running' else w.state end,
        wake_at = case when w.cancellable and o.cancel_requested then null else w.wake_at end,
        cursor = o.cursor + (w.entry is not null)::int,
        committed = o.committed or w.passing,
        broker = case when w.release then null else o.broker end,
        lease_until = case when w.release then null else o.lease_until end,
        question = w.question, outcome = w.outcome, updated_at = now()
      from w join held on held.id = w.id where o.id = w.id
      returning o.id, o.owner, o.cancel_requested, o.paused),
    journalled as (
      insert into journal (operation, owner, step, phase, attempt, state, entry, fence)
      select c.id, c.owner, (w.entry ->> 'step')::int, w.entry ->> 'phase', (w.entry ->> 'attempt')::int, w.entry ->> 'state', w.entry, w.fence
      from changed c join w on w.id = c.id where w.entry is not null),
    told as (
      insert into event (owner, operation, kind, data) select c.owner, c.id, w.kind, w.data from changed c join w on w.id = c.id where w.kind is not null)
    select id, cancel_requested, paused from changed`.execute(db);
  return new Map(rows.map((row) => [row.id, { cancelRequested: row.cancel_requested, isPaused: row.paused }]));
}

const toRow = ({ wakeAt, event, audits: _, ...same }: Write) => ({ ...same, wake_at: wakeAt, kind: event?.kind ?? null, data: event?.data ?? null });
