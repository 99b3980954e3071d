// What became of each credential, as rows: a change is told to the audit log and to those who watch in the same transaction. Several brokers share the work.
import { sql } from 'kysely';
import { z } from 'zod';
import { appendAudit } from '../../audit/io/log.ts';
import type { Store, Tx } from '../../store/io/store.ts';
import { document } from '../../store/document.ts';
import type { Judgement } from '../judge/judge.ts';
import { idOf } from '../node.ts';
import { sha256Hex } from '../judge/pure-crypto.ts';
import { type CheckRules, type Kept, type Lifecycle, lifecycleOf, lifecycleStates, nextCheckAt, type Rest } from '../lifecycle.ts';

/** A judgement of now, and what it rests on, where that is asked for. */
export type Judged = { readonly judgement: Judgement; rests(): readonly Rest[] };

type Turn = { readonly digest: string; readonly from: Kept; readonly state: Kept | 'gone'; readonly why: string | null };

/** `at`: RFC 3339. `gone`: no source gave it any more. */
export type Past = Omit<Turn, 'digest'> & { readonly at: string };

export type Noting = {
  readonly judged: readonly Judged[];
  /** What no source gives any more. */
  readonly gone: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What they rest on was looked at as it is now: the next look is reckoned from here. Otherwise only what is new or changed is written. */
  readonly isLooked: boolean;
};

export type Standings = {
  /** What is due, by owner, the longest overdue first; nobody else is given it for `leaseMs`. */
  claim(now: number, limit: number, leaseMs: number): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Writes what became of each, last in its transaction; answers what changed. */
  note(tx: Tx, owner: string, noting: Noting): Promise<readonly Turn[]>;
  /** When what is revoked or suspended among these became so (milliseconds since 1970), by digest. */
  fallen(owner: string, digests: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Changes of its state, newest first. */
  history(owner: string, digest: string): Promise<readonly Past[]>;
};

const rowsAtOnce = 500;
const historyMax = 200;
const kept = z.enum([...lifecycleStates, 'refused']);
const stored = z.object({ digest: z.string(), state: kept, since: z.date() });
const told = z.object({ from: kept, why: z.string().nullable() });

export function createStandings({ db }: Pick<Store, 'db'>, rules: CheckRules): Standings {
  return {
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
    async note(tx, owner, { judged, gone, now, isLooked }) {
      const byDigest = new Map(judged.map((each) => [each.judgement.digest, each]));
      const digests = [...new Set([...byDigest.keys(), ...gone])].toSorted();
      const all: Told[] = [];
      for (let at = 0; at < digests.length; at += rowsAtOnce)
        all.push(...(await noteSome(tx, { owner, digests: digests.slice(at, at + rowsAtOnce), byDigest, now, isLooked, rules })));
      await tell(tx, owner, all);
      return all.map(({ digest, from, state, why }) => ({ digest, from, state, why }));
    },
    async fallen(owner, digests) {
      const { rows } = await sql<{ digest: string; since: Date }>`
        select digest, since from standing where owner = ${owner} and digest = any(${[...digests]}::text[]) and state in ('revoked', 'suspended')`.execute(db);
      return new Map(rows.map(({ digest, since }) => [digest, since.getTime()]));
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

type Told = Turn & { readonly since: Date; readonly judgement: Judgement | null };

type Some = Pick<Noting, 'now' | 'isLooked'> & {
  readonly owner: string;
  readonly digests: readonly string[];
  readonly byDigest: ReadonlyMap<string, Judged>;
  readonly rules: CheckRules;
};

async function noteSome(tx: Tx, { owner, digests, byDigest, now, isLooked, rules }: Some): Promise<readonly Told[]> {
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
  const turns: Told[] = [];
  const next: Row[] = [];
  const gone: z.infer<typeof stored>[] = [];
  for (const digest of digests) {
    const before = known.get(digest);
    const judged = byDigest.get(digest);
    if (judged === undefined) {
      if (before !== undefined) gone.push(before);
      continue;
    }
    const became = lifecycleOf(judged.judgement, before?.state ?? null, { at: now, expiringMs: rules.expiringMs });
    const isSame = before?.state === became.state;
    if (!isSame || isLooked) next.push(rowOf(judged, became, { since: isSame ? before.since : new Date(now), now, rules }));
    if (before !== undefined && !isSame)
      turns.push({ digest, from: before.state, state: became.state, why: became.why, since: before.since, judgement: judged.judgement });
  }
  await write(tx, owner, next);
  return [...turns, ...(await letGo(tx, owner, gone, now))];
}

/** What was issued anew before it went, and carries a placement or led to what does, is remembered: by it the placement is found when the newer one lapses. */
async function letGo(tx: Tx, owner: string, gone: readonly z.infer<typeof stored>[], now: number): Promise<readonly Told[]> {
  if (gone.length === 0) return [];
  const digests = gone.map(({ digest }) => digest);
  const { rows } = await sql<{ digest: string; heir: string }>`
    select old.digest, heir.digest as heir from standing old, lateral (
      select digest from standing other
      where other.owner = old.owner and other.line = old.line and other.state not in ('deprecated', 'refused') and other.digest <> all(${digests}::text[])
      order by since desc, digest limit 1
    ) heir
    where old.owner = ${owner} and old.digest = any(${digests}::text[]) and (
      exists (select from resting where resting.owner = old.owner and resting.credential = old.digest)
      or exists (select from standing elder where elder.owner = old.owner and elder.successor = old.digest)
    )`.execute(tx);
  const heirs = new Map(rows.map(({ digest, heir }) => [digest, heir]));
  for (const [digest, heir] of heirs)
    await tx
      .updateTable('standing')
      .set({ state: 'deprecated', since: new Date(now), next_check_at: never, why: issuedAnew(heir), successor: heir })
      .where('owner', '=', owner)
      .where('digest', '=', digest)
      .execute();
  const forgotten = digests.filter((digest) => !heirs.has(digest));
  if (forgotten.length > 0) await tx.deleteFrom('standing').where('owner', '=', owner).where('digest', 'in', forgotten).execute();
  return gone.flatMap(({ digest, state: from, since }): Told[] => {
    const heir = heirs.get(digest);
    if (from === 'refused' || (heir !== undefined && from === 'deprecated')) return [];
    const told = { digest, from, since, judgement: null };
    return [heir === undefined ? { ...told, state: 'gone', why: 'no source gives it any more' } : { ...told, state: 'deprecated', why: issuedAnew(heir) }];
  });
}

const issuedAnew = (heir: string): string => `its issuer has issued a newer one under the same id, and no source gives this one any more: ${heir}`;

/** There is nothing to look at. */
const never = new Date('9999-12-31T00:00:00Z');

type Row = { readonly digest: string; readonly state: Kept; readonly [column: string]: string | null };

function rowOf(
  { judgement, rests }: Judged,
  { state, why, successor }: Lifecycle,
  at: { readonly since: Date; readonly now: number; readonly rules: CheckRules },
): Row {
  const { digest, validUntil } = judgement;
  const next = nextCheckAt({ digest, state, since: at.since.getTime(), validUntil, rests: rests() }, at.now, at.rules);
  return {
    digest,
    state,
    since: at.since.toISOString(),
    next_check_at: new Date(next).toISOString(),
    valid_until: validUntil,
    why,
    successor,
    line: lineOf(judgement),
  };
}

/** ICAM 25.11 §5.7.2: of the same issuer and id the newest issuance counts. Hashed, since both may be long. */
function lineOf({ credential }: Judgement): string | null {
  const id = credential === null ? undefined : (credential.payload.id ?? idOf(credential.payload));
  return credential === null || id === undefined ? null : sha256Hex(JSON.stringify([credential.payload.issuer, id]));
}

async function write(tx: Tx, owner: string, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into standing (owner, digest, state, since, next_check_at, valid_until, why, successor, line)
    select ${owner}, digest, state, since, next_check_at, valid_until, why, successor, line
    from jsonb_to_recordset(${document(rows)}::jsonb)
      as row(digest text, state text, since timestamptz, next_check_at timestamptz, valid_until timestamptz, why text, successor text, line text)
    on conflict (owner, digest) do update set state = excluded.state, since = excluded.since, next_check_at = excluded.next_check_at,
      valid_until = excluded.valid_until, why = excluded.why, successor = excluded.successor, line = excluded.line`.execute(tx);
}

async function tell(tx: Tx, owner: string, turns: readonly Told[]): Promise<void> {
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
