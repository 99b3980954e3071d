// Operations as the API shows them, read from the tables.
import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import { entry, jsonObject, operationState, plan, question } from '../../../../contract/src/index.ts';
import type { Operation, OperationDetail } from '../../../../contract/src/index.ts';
import { HanseError } from '../../errors.ts';
import type { Db } from '../../store/io/store.ts';
import type { Tables } from '../../store/io/schema.ts';

export type Filter = { readonly state?: string | undefined; readonly limit: number };

export const listOperations = async (db: Db, owner: string, filter: Filter): Promise<Operation[]> => {
  let query = db.selectFrom('operation').selectAll().where('owner', '=', owner).orderBy('created_at', 'desc').orderBy('id').limit(filter.limit);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  const rows = await query.execute();
  const done = await stepsDone(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => toOperation(row, done.get(row.id) ?? 0));
};

/** NOT_FOUND if the owner has no such operation. */
export const findOperation = async (db: Db, owner: string, id: string): Promise<Operation> => {
  const row = await findRow(db, owner, id);
  return toOperation(row, (await stepsDone(db, [id])).get(id) ?? 0);
};

export const findOperationDetail = async (db: Db, owner: string, id: string): Promise<OperationDetail> => {
  const row = await findRow(db, owner, id);
  const entries = await db.selectFrom('journal').select('entry').where('operation', '=', id).orderBy('seq').execute();
  return {
    ...toOperation(row, (await stepsDone(db, [id])).get(id) ?? 0),
    plan: plan.parse(row.plan),
    journal: entries.map((each) => entry.parse(each.entry)),
  };
};

/** The operation that was made with this key; null if there is none. */
export const findByKey = async (db: Db, owner: string, key: string): Promise<{ id: string; digest: string | null } | null> => {
  const row = await db
    .selectFrom('operation')
    .select(['id', 'request_digest'])
    .where('owner', '=', owner)
    .where('idempotency_key', '=', key)
    .executeTakeFirst();
  return row ? { id: row.id, digest: row.request_digest } : null;
};

const findRow = async (db: Db, owner: string, id: string): Promise<Selectable<Tables['operation']>> => {
  const row = await db.selectFrom('operation').selectAll().where('owner', '=', owner).where('id', '=', id).executeTakeFirst();
  if (!row)
    throw new HanseError('NOT_FOUND', `There is no operation ${id}.`, {
      place: { path: 'params.id' },
      fix: 'hanse operations list shows those that there are.',
    });
  return row;
};

/** A step stands when the last that its journal says is that it was performed. */
const stepsDone = async (db: Db, ids: readonly string[]): Promise<Map<string, number>> => {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ operation: string; done: number }>`
    select operation, count(*)::int as done from (
      select distinct on (operation, step) operation, phase, state from journal
      where operation = any(${ids}) and phase <> 'check' order by operation, step, seq desc
    ) as last where phase = 'perform' and state = 'done' group by operation`.execute(db);
  return new Map(rows.map(({ operation, done }) => [operation, done]));
};

/** A step that is under way ends first; one whose broker is gone has ended with it. */
const pauseOf = ({ state, paused, broker, lease_until: until }: Selectable<Tables['operation']>): Operation['pause'] => {
  if (!paused || !['running', 'waiting', 'rollingBack'].includes(state)) return null;
  return broker !== null && until !== null && until.getTime() > Date.now() ? 'requested' : 'paused';
};

const toOperation = (row: Selectable<Tables['operation']>, done: number): Operation => {
  const planned = plan.pick({ title: true, steps: true }).parse(row.plan);
  return {
    id: row.id,
    kind: row.kind,
    subject: row.subject,
    title: planned.title,
    state: operationState.parse(row.state),
    actor: row.actor,
    cancelRequested: row.cancel_requested,
    pause: pauseOf(row),
    question: row.question === null ? null : question.parse(row.question),
    outcome: row.outcome === null ? null : jsonObject.parse(row.outcome),
    stepsDone: done,
    stepsTotal: planned.steps.length,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
};
