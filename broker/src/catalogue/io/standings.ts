// What became of each credential, as rows: a change is told to the audit log and to those who watch in the same transaction. Several brokers share the work.
import { sql } from 'kysely';
import { z } from 'zod';
import { appendAudit } from '../../audit/io/log.ts';
import type { Store, Tx } from '../../store/io/store.ts';
import { document } from '../../store/document.ts';
import type { Judgement } from '../judge.ts';
import { type CheckRules, type Kept, type Lifecycle, lifecycleOf, lifecycleStates, nextCheckAt, type Rest } from '../lifecycle.ts';

/** A judgement of now, and what it rests on. */
export type Judged = { readonly judgement: Judgement; readonly rests: readonly Rest[] };

export type Turn = { readonly digest: string; readonly from: Kept; readonly state: Kept | 'gone'; readonly why: string | null };

export type Past = {
  /** RFC 3339. */
  readonly at: string;
  readonly from: Kept;
  readonly state: Kept | 'gone';
  readonly why: string | null;
};

export type Standings = {
  /** Enters credentials that are not known yet, to be looked at first. */
  expect(owner: string, digests: readonly string[]): Promise<void>;
  /** What is due, by owner, the longest overdue first; nobody else is given it for `leaseMs`. */
  claim(now: number, limit: number, leaseMs: number): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Writes what became of each; answers what changed. `gone`: no source gives it any more. */
  note(owner: string, judged: readonly Judged[], gone: readonly string[], now: number): Promise<readonly Turn[]>;
  /** Changes of its state, newest first. */
  history(owner: string, digest: string): Promise<readonly Past[]>;
};

const rowsAtOnce = 500;
const historyMax = 200;
const kept = z.enum([...lifecycleStates, 'refused']);
/** `new`: nobody has looked at it yet. */
const stored = z.object({ digest: z.string(), state: z.union([kept, z.literal('new')]), since: z.date() });
const told = z.object({ from: kept, why: z.string().nullable() });

export function createStandings({ db }: Pick<Store, 'db'>, rules: CheckRules): Standings {
  return {
    async expect(owner, digests) {
      for (let at = 0; at < digests.length; at += rowsAtOnce)
        // 1970: before everything that is due
        await sql`insert into standing (owner, digest, state, since, next_check_at)
          select ${owner}, digest, 'new', now(), to_timestamp(0) from unnest(${digests.slice(at, at + rowsAtOnce)}::text[]) as digest
          on conflict do nothing`.execute(db);
    },
    async claim(now, limit, leaseMs) {
      const { rows } = await sql<{ owner: string; digest: string }>`
        with due as (
          select owner, digest from standing where next_check_at <= ${new Date(now)} order by next_check_at limit ${limit} for update skip locked
        )
        update standing set next_check_at = ${new Date(now + leaseMs)} from due
        where standing.owner = due.owner and standing.digest = due.digest returning standing.owner, standing.digest`.execute(db);
      const byOwner = new Map<string, string[]>();
      for (const { owner, digest } of rows) byOwner.set(owner, [...(byOwner.get(owner) ?? []), digest]);
      return byOwner;
    },
    async note(owner, judged, gone, now) {
      const all: Turn[] = [];
      const byDigest = new Map(judged.map((each) => [each.judgement.digest, each]));
      const digests = [...new Set([...byDigest.keys(), ...gone])].toSorted();
      for (let at = 0; at < digests.length; at += rowsAtOnce) {
        const some = digests.slice(at, at + rowsAtOnce);
        all.push(...(await db.transaction().execute((tx) => noteSome(tx, { owner, digests: some, byDigest, now, rules }))));
      }
      return all;
    },
    async history(owner, digest) {
      const rows = await db
        .selectFrom('audit_event')
        .select(['at', 'action', 'detail'])
        .where('owner', '=', owner)
        .where('subject', '=', digest)
        // the very words of the index
        .where(sql<boolean>`action like 'credential.%'`)
        .orderBy('seq', 'desc')
        .limit(historyMax)
        .execute();
      return rows.map(({ at, action, detail }) => ({
        at: at.toISOString(),
        state: z.enum([...lifecycleStates, 'refused', 'gone']).parse(action.slice('credential.'.length)),
        ...told.parse(detail),
      }));
    },
  };
}

type Noting = {
  readonly owner: string;
  readonly digests: readonly string[];
  readonly byDigest: ReadonlyMap<string, Judged>;
  readonly now: number;
  readonly rules: CheckRules;
};

async function noteSome(tx: Tx, { owner, digests, byDigest, now, rules }: Noting): Promise<readonly Turn[]> {
  // in one order, so that two brokers that note the same wait for each other and not in a circle
  const rows = await tx
    .selectFrom('standing')
    .select(['digest', 'state', 'since'])
    .where('owner', '=', owner)
    .where('digest', 'in', [...digests])
    .orderBy('digest')
    .forUpdate()
    .execute();
  const known = new Map(rows.map((row) => [row.digest, stored.parse(row)]));
  const turns: (Turn & { readonly since: Date; readonly judgement: Judgement | null })[] = [];
  const next: Row[] = [];
  const gone: string[] = [];
  for (const digest of digests) {
    const before = known.get(digest);
    const from = before === undefined || before.state === 'new' ? null : before.state;
    const judged = byDigest.get(digest);
    if (judged === undefined) {
      gone.push(digest);
      if (before !== undefined && from !== null && from !== 'refused')
        turns.push({ digest, from, state: 'gone', why: 'no source gives it any more', since: before.since, judgement: null });
      continue;
    }
    const became = lifecycleOf(judged.judgement, from, { at: now, expiringMs: rules.expiringMs });
    const since = before !== undefined && from === became.state ? before.since : new Date(now);
    next.push(rowOf(judged, became, { since, now, rules }));
    if (before !== undefined && from !== null && from !== became.state)
      turns.push({ digest, from, state: became.state, why: became.why, since: before.since, judgement: judged.judgement });
  }
  await write(tx, owner, next);
  if (gone.length > 0) await tx.deleteFrom('standing').where('owner', '=', owner).where('digest', 'in', gone).execute();
  await tell(tx, owner, turns);
  return turns.map(({ digest, from, state, why }) => ({ digest, from, state, why }));
}

type Row = { readonly digest: string; readonly state: Kept; readonly [column: string]: string | null };

function rowOf(
  { judgement, rests }: Judged,
  { state, why, successor }: Lifecycle,
  at: { readonly since: Date; readonly now: number; readonly rules: CheckRules },
): Row {
  const { digest, validUntil } = judgement;
  const next = nextCheckAt({ digest, state, since: at.since.getTime(), validUntil, rests }, at.now, at.rules);
  return { digest, state, since: at.since.toISOString(), next_check_at: new Date(next).toISOString(), valid_until: validUntil, why, successor };
}

async function write(tx: Tx, owner: string, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into standing (owner, digest, state, since, next_check_at, valid_until, why, successor)
    select ${owner}, digest, state, since, next_check_at, valid_until, why, successor
    from jsonb_to_recordset(${document(rows)}::jsonb)
      as row(digest text, state text, since timestamptz, next_check_at timestamptz, valid_until timestamptz, why text, successor text)
    on conflict (owner, digest) do update set state = excluded.state, since = excluded.since, next_check_at = excluded.next_check_at,
      valid_until = excluded.valid_until, why = excluded.why, successor = excluded.successor`.execute(tx);
}

async function tell(tx: Tx, owner: string, turns: readonly (Turn & { readonly since: Date; readonly judgement: Judgement | null })[]): Promise<void> {
  if (turns.length === 0) return;
  const events = turns.map(({ digest, from, state, why }) => ({ owner, operation: null, kind: 'credential', data: document({ digest, from, state, why }) }));
  await tx.insertInto('event').values(events).execute();
  await sql`select pg_notify('hanse_event', '')`.execute(tx);
  await appendAudit(
    tx,
    turns.map(({ digest, from, state, why, since, judgement }) => {
      const issuer = judgement?.credential?.payload.issuer ?? null;
      return { owner, actor: 'broker', action: `credential.${state}`, subject: digest, detail: { from, since: since.toISOString(), why, issuer } };
    }),
  );
}
