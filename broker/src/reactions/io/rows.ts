// Reactions as rows: every change of one is told to those who watch and to the audit log, in the same transaction.
import { sql } from 'kysely';
import { z } from 'zod';
import { appendAudit } from '../../audit/io/index.ts';
import { ownerId, type OwnerId } from '../../ids.ts';
import { document } from '../../store/index.ts';
import type { Store, Tx } from '../../store/io/store.ts';
import { aboutOf, causes, type Reaction, reactionStates } from '../reaction.ts';

const shape: z.ZodType<Reaction> = z.object({
  id: z.string(),
  cause: z.enum(causes),
  provider: z.string(),
  application: z.string().nullable(),
  found: z.string(),
  state: z.enum(reactionStates),
  because: z.array(z.string()),
  since: z.string(),
  holdUntil: z.string(),
  decidedAt: z.string().nullable(),
  overAt: z.string().nullable(),
  operation: z.string().nullable(),
});

/** Of those that are over this many are kept besides. */
const keptMax = 1_000;

export type Rows = {
  /** Who has peerings, or something open. */
  owners(): Promise<OwnerId[]>;
  open(owner: string): Promise<Reaction[]>;
  /** When plans were made, in milliseconds since 1970, since `from`. */
  plannedAt(owner: string, from: number): Promise<number[]>;
  /** Whether a credential lapsed since `from` (milliseconds since 1970). */
  hasLapsed(owner: string, from: number): Promise<boolean>;
  /** States of operations, by id. */
  operationStates(owner: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** false: there is one open about the same already. */
  begin(owner: string, reaction: Reaction): Promise<boolean>;
  /** false: it was changed by another broker meanwhile. */
  turn(owner: string, before: Reaction, after: Reaction): Promise<boolean>;
};

export const createRows = ({ db }: Store): Rows => {
  const tell = async (tx: Tx, owner: string, reaction: Reaction): Promise<void> => {
    const { id, cause, provider, application, state, found, because, operation } = reaction;
    await tx
      .insertInto('event')
      .values({ owner, operation: null, kind: 'reaction', data: document({ id, cause, provider, application, state }) })
      .execute();
    await sql`select pg_notify('hanse_event', '')`.execute(tx);
    const action = `reaction.${state === 'watching' ? 'seen' : state}`;
    await appendAudit(tx, [{ owner, actor: 'broker', action, subject: provider, detail: { id, cause, application, found, because: [...because], operation } }]);
  };
  return {
    async owners() {
      const rows = await sql<{ owner: string }>`select owner from peering union select owner from reaction where open order by owner`.execute(db);
      return rows.rows.map(({ owner }) => ownerId(owner));
    },
    async open(owner) {
      const rows = await db.selectFrom('reaction').select('record').where('owner', '=', owner).where('open', '=', true).orderBy('seq').execute();
      return rows.map(({ record }) => shape.parse(record));
    },
    async plannedAt(owner, from) {
      const rows = await db.selectFrom('reaction').select('record').where('owner', '=', owner).where('updated_at', '>', new Date(from)).execute();
      return rows.flatMap(({ record }) => {
        const { decidedAt, operation, state } = shape.parse(record);
        const isPlanned = operation !== null || state === 'asking' || state === 'acting';
        return isPlanned && decidedAt !== null && Date.parse(decidedAt) > from ? [Date.parse(decidedAt)] : [];
      });
    },
    async hasLapsed(owner, from) {
      const row = await db
        .selectFrom('standing')
        .select('digest')
        .where('owner', '=', owner)
        .where('since', '>=', new Date(from))
        .where('state', 'not in', ['active', 'refused'])
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
    async operationStates(owner, ids) {
      if (ids.length === 0) return new Map();
      const rows = await db
        .selectFrom('operation')
        .select(['id', 'state'])
        .where('owner', '=', owner)
        .where('id', 'in', [...ids])
        .execute();
      return new Map(rows.map(({ id, state }) => [id, state]));
    },
    begin: (owner, reaction) =>
      db.transaction().execute(async (tx) => {
        const made = await tx
          .insertInto('reaction')
          .values({ id: reaction.id, owner, about: aboutOf(reaction), open: true, operation: null, record: document(reaction) })
          .onConflict((conflict) => conflict.columns(['owner', 'about']).where('open', '=', true).doNothing())
          .returning('seq')
          .executeTakeFirst();
        if (!made) return false;
        await sql`delete from reaction where owner = ${owner} and not open
          and seq < (select seq from reaction where owner = ${owner} and not open order by seq desc offset ${keptMax} limit 1)`.execute(tx);
        await tell(tx, owner, reaction);
        return true;
      }),
    turn: (owner, before, after) =>
      db.transaction().execute(async (tx) => {
        const changed = await tx
          .updateTable('reaction')
          .set({ record: document(after), open: after.state !== 'over', operation: after.operation, updated_at: sql`now()` })
          .where('id', '=', before.id)
          .where('record', '=', sql`${document(before)}::jsonb`)
          .returning('seq')
          .executeTakeFirst();
        if (!changed) return false;
        await tell(tx, owner, after);
        return true;
      }),
  };
};
