// What people do to operations: store a plan, approve it, cancel, answer, try again. The engine does the rest.
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import { appendAudit } from '../../audit/io/log.ts';
import type { AuditDraft } from '../../audit/chain.ts';
import { HanseError } from '../../errors.ts';
import type { JsonObject, OwnerId } from '../../ids.ts';
import { document } from '../../store/index.ts';
import type { Store, Tx } from '../../store/io/store.ts';
import { isEngineQuestion } from '../history.ts';
import type { Entry, Journal } from '../journal.ts';
import type { Plan } from '../plan.ts';
import { planFaults } from '../planFaults.ts';
import { auditDraft, eventOf } from '../state.ts';
import { planHoldsSeconds } from './expiry.ts';
import { eventChannel, workChannel } from './presence.ts';
import { parseEntry, parsePlan } from './records.ts';

export type By = { readonly owner: OwnerId; readonly actor: string };

export type NewOperation = By & {
  readonly plan: Plan;
  /** Of the request: a key that comes again with the same digest answers the same operation. */
  readonly idempotency?: { readonly key: string; readonly digest: string };
};

/** Every method throws NOT_FOUND for an operation that is not the owner's, and CONFLICT or REFUSED with the state that forbids it. */
export type Operations = {
  /** Stored as `planned`; answers its id. IDEMPOTENCY_MISMATCH when the key belongs to another request. */
  create(operation: NewOperation): Promise<string>;
  /** STALE_PLAN when it was made more than an hour ago. */
  approve(by: By, id: string): Promise<void>;
  /** Discards a plan; turns an operation back that has not passed its point of no return, else REFUSED. */
  cancel(by: By, id: string): Promise<void>;
  /** Discards a plan that nobody approved; what else has become of it stays. */
  discard(by: By, id: string): Promise<void>;
  /** No other step is begun: what is under way ends first. CONFLICT unless it is being carried out. */
  pause(by: By, id: string): Promise<void>;
  resume(by: By, id: string): Promise<void>;
  /** Ends a wait, or answers `retry` where that is an option. */
  retry(by: By, id: string): Promise<void>;
  /** INVALID_REQUEST unless the answer is one of the options. */
  answer(by: By, id: string, answer: string): Promise<void>;
};

type Row = z.infer<typeof heldRow> & { readonly journal: Journal; readonly about: { id: string; owner: string; plan: Plan } };

const heldRow = z.object({
  id: z.string(),
  owner: z.string(),
  state: z.string(),
  plan: z.unknown(),
  broker: z.string().nullable(),
  fence: z.number(),
  committed: z.boolean(),
  cancel_requested: z.boolean(),
  paused: z.boolean(),
  cursor: z.number(),
  age: z.number(),
});

export function createOperations(store: Store, newId: () => string = randomId): Operations {
  const change = (by: By, id: string, act: (tx: Tx, row: Row) => Promise<AuditDraft[]>): Promise<void> =>
    store.db.transaction().execute(async (tx) => {
      const row = await hold(tx, by, id);
      await appendAudit(tx, await act(tx, row));
    });

  const answer = (by: By, id: string, key: string | null): Promise<void> =>
    change(by, id, async (tx, row) => {
      const entry = key === null ? retried(row) : answered(row, key);
      await goOn(tx, row, entry);
      return [auditDraft(row.about, by.actor, entry.answer === 'retry' ? 'retried' : 'answered', { answer: entry.answer ?? '' })];
    });

  return {
    create: (operation) => create(store, operation, newId()),
    approve: (by, id) =>
      change(by, id, async (tx, row) => {
        if (row.state !== 'planned') throw conflict(row, 'only a plan can be approved');
        if (row.age > planHoldsSeconds) throw new HanseError('STALE_PLAN', `Operation ${id} was planned more than an hour ago.`);
        await set(tx, row, sql`state = 'running', wake_at = null`, { state: 'running' });
        return [auditDraft(row.about, by.actor, 'approved')];
      }),
    cancel: (by, id) => change(by, id, (tx, row) => cancel(tx, row, by)),
    discard: (by, id) => change(by, id, async (tx, row) => (row.state === 'planned' ? cancel(tx, row, by) : [])),
    pause: (by, id) => change(by, id, (tx, row) => pause(tx, row, by)),
    resume: (by, id) => change(by, id, (tx, row) => resume(tx, row, by)),
    retry: (by, id) => answer(by, id, null),
    answer: (by, id, key) => answer(by, id, key),
  };
}

/** Ten bytes in hexadecimal: fits a Kubernetes label, and people can still read it to each other. */
const randomId = (): string => `op-${randomBytes(10).toString('hex')}`;

async function create(store: Store, { owner, actor, plan, idempotency }: NewOperation, id: string): Promise<string> {
  const faults = planFaults(plan);
  if (faults.length > 0) throw new HanseError('INTERNAL', `The plan “${plan.title}” cannot be carried out: ${faults.join('; ')}.`);
  return store.db.transaction().execute(async (tx) => {
    const made = await sql`
      insert into operation (id, owner, kind, subject, state, plan, actor, idempotency_key, request_digest)
      values (${id}, ${owner}, ${plan.kind}, ${plan.subject}, 'planned', ${document(plan)}::jsonb, ${actor}, ${idempotency?.key ?? null}, ${idempotency?.digest ?? null})
      on conflict (owner, idempotency_key) where idempotency_key is not null do nothing returning id`.execute(tx);
    if (made.rows.length === 0) return earlier(tx, owner, idempotency);
    await tell(tx, { id, owner }, 'state', { state: 'planned' });
    await appendAudit(tx, [auditDraft({ id, owner, plan }, actor, 'requested', { steps: plan.steps.length })]);
    return id;
  });
}

async function earlier(tx: Tx, owner: string, idempotency: NewOperation['idempotency']): Promise<string> {
  const row = await tx
    .selectFrom('operation')
    .select(['id', 'request_digest'])
    .where('owner', '=', owner)
    .where('idempotency_key', '=', idempotency?.key ?? '')
    .executeTakeFirstOrThrow();
  if (row.request_digest === idempotency?.digest) return row.id;
  throw new HanseError('IDEMPOTENCY_MISMATCH', `The idempotency key belongs to operation ${row.id}, which was asked for with another request.`);
}

async function hold(tx: Tx, by: By, id: string): Promise<Row> {
  const { rows } = await sql`
    select id, owner, state, plan, broker, fence, committed, cancel_requested, paused, cursor, extract(epoch from now() - created_at)::float8 as age
    from operation where id = ${id} and owner = ${by.owner} for update`.execute(tx);
  if (rows.length === 0) throw new HanseError('NOT_FOUND', `There is no operation ${id}.`, { fix: 'hanse operations shows those that there are.' });
  const row = heldRow.parse(rows[0]);
  const entries = await tx.selectFrom('journal').select('entry').where('operation', '=', id).orderBy('seq').execute();
  return { ...row, about: { id, owner: row.owner, plan: parsePlan(row.plan) }, journal: entries.map(({ entry }) => parseEntry(entry)) };
}

async function cancel(tx: Tx, row: Row, by: By): Promise<AuditDraft[]> {
  if (row.state === 'planned') {
    const outcome = document({ kind: 'discarded', reason: `cancelled by ${by.actor}` });
    await set(tx, row, sql`state = 'discarded', outcome = ${outcome}::jsonb`, { state: 'discarded' });
    return [auditDraft(row.about, by.actor, 'discarded')];
  }
  if (!['running', 'waiting', 'asking', 'rollingBack'].includes(row.state)) throw conflict(row, 'it has ended');
  if (row.committed) {
    throw new HanseError('REFUSED', `Operation ${row.id} has passed its point of no return.`, {
      fix: 'Let it end, then plan the way back as an operation of its own.',
    });
  }
  if (row.cancel_requested) return [];
  if (row.journal.some((entry) => entry.phase === 'undo')) throw conflict(row, 'it is being rolled back already');
  await set(
    tx,
    row,
    sql`cancel_requested = true, paused = false, question = null, wake_at = null, state = case when state = 'asking' then 'running' else state end`,
    {
      cancelRequested: true,
    },
  );
  return [auditDraft(row.about, by.actor, 'cancelled')];
}

async function pause(tx: Tx, row: Row, by: By): Promise<AuditDraft[]> {
  if (!['running', 'waiting', 'rollingBack'].includes(row.state))
    throw conflict(row, row.state === 'asking' ? 'it rests until its question is answered' : 'it is not being carried out');
  if (row.paused) return [];
  await set(tx, row, sql`paused = true`, { pause: row.broker === null ? 'paused' : 'requested' });
  return [auditDraft(row.about, by.actor, 'paused')];
}

async function resume(tx: Tx, row: Row, by: By): Promise<AuditDraft[]> {
  if (!row.paused) return [];
  await set(tx, row, sql`paused = false`, { pause: null });
  return [auditDraft(row.about, by.actor, 'resumed')];
}

function answered(row: Row, key: string): Entry {
  const asked = row.journal.findLast((entry) => entry.state === 'asked');
  if (row.state !== 'asking' || !asked?.question) throw conflict(row, 'it asks nothing');
  const options = asked.question.options.map((option) => option.key);
  if (!options.includes(key)) {
    throw new HanseError('INVALID_REQUEST', `“${key.slice(0, 80)}” is no answer to the question of operation ${row.id}.`, {
      place: { path: 'answer' },
      fix: `Answer one of: ${options.join(', ')}.`,
    });
  }
  return { step: asked.step, phase: asked.phase, attempt: asked.attempt, state: 'answered', at: '', answer: key };
}

/** As if a person had been asked whether to try again, and said yes. */
function retried(row: Row): Entry {
  const last = row.journal.at(-1);
  if (row.state === 'asking') {
    const asked = row.journal.findLast((entry) => entry.state === 'asked');
    const isForRetry =
      asked !== undefined &&
      isEngineQuestion(
        row.journal.filter((entry) => entry.step === asked.step && entry.phase === asked.phase),
        asked,
      );
    if (!isForRetry) throw conflict(row, 'it asks for an answer of another kind');
    return answered(row, 'retry');
  }
  if (row.broker !== null) throw conflict(row, 'it is being carried out');
  if (!last || (last.state !== 'failed' && last.state !== 'waiting')) throw conflict(row, 'it waits for nothing');
  return { step: last.step, phase: last.phase, attempt: last.attempt, state: 'answered', at: '', answer: 'retry' };
}

/** The row is locked and in no broker's hands, so that nobody else writes this place of the journal. */
async function goOn(tx: Tx, row: Row, entry: Entry): Promise<void> {
  const { rows } = await sql<{ at: Date }>`select now() as at`.execute(tx);
  const dated = { ...entry, at: rows[0]?.at.toISOString() ?? '' };
  await sql`insert into journal (operation, owner, step, phase, attempt, state, entry, fence)
    values (${row.id}, ${row.owner}, ${entry.step}, ${entry.phase}, ${entry.attempt}, ${entry.state}, ${document(dated)}::jsonb, ${row.fence})`.execute(tx);
  const state = entry.phase === 'undo' ? 'rollingBack' : 'running';
  await tell(tx, row, 'step', eventOf(row.about.plan, dated));
  await set(tx, row, sql`state = ${state}, cursor = cursor + 1, paused = false, question = null, wake_at = null`, { state });
}

async function set(tx: Tx, row: Row, assignments: ReturnType<typeof sql>, told: JsonObject): Promise<void> {
  await sql`update operation set ${assignments}, updated_at = now() where id = ${row.id}`.execute(tx);
  await tell(tx, row, 'state', told);
  await sql`select pg_notify(${workChannel}, ${row.id})`.execute(tx);
}

async function tell(tx: Tx, of: { readonly id: string; readonly owner: string }, kind: string, data: JsonObject): Promise<void> {
  await tx
    .insertInto('event')
    .values({ owner: of.owner, operation: of.id, kind, data: document(data) })
    .execute();
  await sql`select pg_notify(${eventChannel}, '')`.execute(tx);
}

const conflict = (row: Row, why: string): HanseError =>
  new HanseError('CONFLICT', `Operation ${row.id} is ${row.state}: ${why}.`, { fix: `hanse operations show ${row.id} says where it stands.` });
