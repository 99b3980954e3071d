// The audit log in PostgreSQL: appended in the transaction of what it tells, read in pages to be verified.
import { sql } from 'kysely';
import { z } from 'zod';
import { HanseError } from '../../errors.ts';
import type { Json, JsonObject } from '../../ids.ts';
import { document } from '../../store/index.ts';
import type { Db, Store, Tx } from '../../store/io/store.ts';
import { beginning, chain } from '../chain.ts';
import type { AuditDraft, AuditEvent, Link } from '../chain.ts';
import type { Head } from '../head.ts';
import { auditVerifier } from '../verify.ts';
import type { AuditReport, Evidence } from '../verify.ts';

/** Of PostgreSQL's advisory locks: who appends waits for who appended before to commit. Any number that nothing else uses. */
const appendLock = 7_480_100;
const pageRows = 5_000;

/**
 * Appends to the log within the transaction of what it tells: both happen or neither. The chain stays locked until that transaction ends, so it comes last
 * in it. More than one transaction at a time waits; a failed wait is STORE_UNAVAILABLE by the caller's border.
 */
export async function appendAudit(tx: Tx, drafts: readonly AuditDraft[]): Promise<void> {
  if (drafts.length === 0) return;
  // Whoever is stopped while it holds the end of the chain must not hold up everyone for long.
  await sql`select set_config('idle_in_transaction_session_timeout', '5s', true), pg_advisory_xact_lock(${appendLock})`.execute(tx);
  const { rows } = await sql<{ at: Date; seq: number | null; hash: string | null }>`
    select clock_timestamp() as at, last.seq, last.hash
    from (values (1)) as always left join (select seq, hash from audit_event order by seq desc limit 1) as last on true`.execute(tx);
  const [last] = rows;
  if (!last) throw new HanseError('STORE_UNAVAILABLE', 'The end of the audit log could not be read.');
  const link = last.seq === null || last.hash === null ? beginning : { seq: last.seq, hash: last.hash };
  const events = chain(link, drafts.map(storable), last.at.toISOString());
  await sql`insert into audit_event (seq, owner, at, actor, action, subject, detail, previous, hash)
    select * from jsonb_to_recordset(${JSON.stringify(events)}::jsonb)
      as e(seq bigint, owner text, at timestamptz, actor text, action text, subject text, detail jsonb, previous text, hash text)`.execute(tx);
}

/** What is hashed is what the database gives back. */
const storable = (draft: AuditDraft): AuditDraft => JSON.parse(document(draft)) as AuditDraft;

const eventRow = z.object({
  seq: z.number(),
  owner: z.string(),
  at: z.date().transform((at) => at.toISOString()),
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: z.record(
    z.string(),
    z.custom<Json>(() => true),
  ),
  previous: z.string(),
  hash: z.string(),
});

export async function lastLink(db: Db): Promise<Link | null> {
  const row = await db.selectFrom('audit_event').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1).executeTakeFirst();
  return row ?? null;
}

/** Newest last. */
export async function readAudit(db: Db, after: number, limit = pageRows): Promise<readonly AuditEvent[]> {
  const rows = await db.selectFrom('audit_event').selectAll().where('seq', '>', after).orderBy('seq').limit(limit).execute();
  return rows.map((row) => eventRow.parse(row) satisfies AuditEvent & { detail: JsonObject });
}

export async function readHeads(db: Db): Promise<readonly Head[]> {
  const rows = await db.selectFrom('audit_head').selectAll().orderBy('seq').execute();
  return rows.map(({ seq, hash, key_id, signature, at }) => ({ seq, hash, keyId: key_id, signature, at: at.toISOString() }));
}

/** Verifies the whole log as it is now, with the heads of the database and those given. */
export async function verifyAudit(store: Store, evidence: Evidence): Promise<AuditReport> {
  // One snapshot: rows appended while it runs are left to the next time.
  return store.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      const verifier = auditVerifier({ ...evidence, heads: [...(await readHeads(tx)), ...evidence.heads] });
      for (let after = Number.NEGATIVE_INFINITY, page: readonly AuditEvent[]; ; after = page.at(-1)?.seq ?? after) {
        page = await readAudit(tx, Number.isFinite(after) ? after : -Number.MAX_SAFE_INTEGER);
        for (const event of page) verifier.see(event);
        if (page.length < pageRows) return verifier.report();
      }
    });
}
