// What no source gives any more goes, when nothing rests on it and the declared time is over: in bounded batches, by one broker at a time.
import { sql } from 'kysely';
import type { Store, Tx } from '../../store/io/store.ts';
import { evidenceBytes, evidenceBytesMax, forgetEvidence } from './bases.ts';

/** What the audit log names can be judged again for a year after its last change, longer than everything else. */
export const namedKeptMs = 366 * 86_400_000;
const batchMax = 200;
const batchesMax = 20;
const basesAtOnce = 2_000;
/** Any number that only this means. */
const sweepLock = 7_480_014;

export type SweepRules = {
  /** Names of the sources of the configuration: others are forgotten too. */
  readonly sources: readonly string[];
  readonly keptMs: number;
  /** Of evidence; a tenth below it room is made. */
  readonly evidenceBytesMax?: number;
  /** Milliseconds since 1970. */
  readonly now: number;
};

/** Answers how many credentials went. */
export async function sweepCredentials({ db }: Pick<Store, 'db'>, owner: string, rules: SweepRules): Promise<number> {
  let count = 0;
  let hasMore = true;
  for (let batch = 0; batch < batchesMax && hasMore; batch += 1) {
    const went = await alone(db, owner, (tx) => sweepBatch(tx, owner, rules));
    if (went === null) return count;
    count += went.length;
    hasMore = went.length === batchMax;
  }
  await alone(db, owner, async (tx) => {
    const isOver = await shedBases(tx, owner, rules.evidenceBytesMax ?? evidenceBytesMax);
    if (count > 0 || isOver) await forgetEvidence(tx, owner);
  });
  return count;
}

/** null: another broker is at it. */
const alone = <Made>(db: Store['db'], owner: string, work: (tx: Tx) => Promise<Made>): Promise<Made | null> =>
  db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${sweepLock}, hashtext(${owner})) as mine`.execute(tx);
    return rows[0]?.mine === true ? work(tx) : null;
  });

async function sweepBatch(tx: Tx, owner: string, { sources, keptMs, now }: SweepRules): Promise<readonly string[]> {
  const before = new Date(now - keptMs);
  // a broker that is configured otherwise reads it still
  await sql`delete from harvest_item i where (i.owner, i.source, i.id) in (
    select l.owner, l.source, l.id from harvest_item l join harvest h on h.owner = l.owner and h.source = l.source
    where l.owner = ${owner} and l.source <> all(${[...sources]}::text[]) and (h.record ->> 'triedAt')::timestamptz < ${before} limit ${batchMax})`.execute(tx);
  const { rows } = await sql<{ digest: string }>`
    select c.digest from credential c
    where c.owner = ${owner} and c.idle_since < ${before} and not c.given
      and not exists (select from harvest_item i where i.owner = c.owner and i.digest = c.digest)
      and not exists (select from credential p where p.owner = c.owner and p.given and p.words && array['in ' || c.digest])
      and not exists (select from offer o where o.owner = c.owner and not o.removed and o.credentials && array[c.digest])
      and not exists (select from standing s where s.owner = c.owner and s.digest = c.digest)
      and not exists (select from resting r where r.owner = c.owner and r.credential = c.digest)
      and not exists (select from cited_credential r where r.owner = c.owner and r.digest = c.digest)
      and not exists (select from audit_event a where a.subject = c.digest and a.action like 'credential.%' and a.at > ${new Date(now - namedKeptMs)})
    order by c.idle_since limit ${batchMax} for update skip locked`.execute(tx);
  const digests = rows.map(({ digest }) => digest);
  if (digests.length === 0) return [];
  await tx.deleteFrom('credential_basis').where('owner', '=', owner).where('credential', 'in', digests).execute();
  await tx.deleteFrom('credential_giver').where('owner', '=', owner).where('digest', 'in', digests).execute();
  await tx.deleteFrom('credential').where('owner', '=', owner).where('digest', 'in', digests).execute();
  return digests;
}

/** Of too much evidence what was judged on it the longest ago goes first; what each credential is judged on now stays. Answers whether there was too much. */
async function shedBases(tx: Tx, owner: string, bytesMax: number): Promise<boolean> {
  if ((await evidenceBytes(tx, owner)) <= bytesMax * 0.9) return false;
  await sql`delete from credential_basis where seq in (
    select b.seq from credential_basis b where b.owner = ${owner}
      and exists (select from credential_basis later where later.owner = b.owner and later.credential = b.credential and later.seq > b.seq)
    order by b.seq limit ${basesAtOnce})`.execute(tx);
  return true;
}
