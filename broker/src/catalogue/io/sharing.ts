// Our own catalogue as a source for others: what is believed here, byte for byte, in the order in which it came and went. Only what we had first hand: between two
// that harvest each other, what its owner withdrew would otherwise never end.
import { sql } from 'kysely';
import type { Store } from '../../store/io/store.ts';

export type SharedChange =
  | { readonly seq: number; readonly digest: string; readonly credential: string }
  | { readonly seq: number; readonly digest: string; readonly removed: true };
export type SharedChanges = { readonly catalogue: string; readonly items: readonly SharedChange[]; readonly next: number; readonly more: boolean };

export type Sharing = {
  /** Behind `after`, at most `limit`; `catalogue` is another one where the sequence is another. */
  changes(owner: string, after: number, limit: number): Promise<SharedChanges>;
};

/** Any number that only this means. Numbers are drawn under it, so that whoever reads behind one misses nothing. */
const sharingLock = 7_480_012;
/** Anybody may ask: the tables are not compared for each. */
const compareMs = 10_000;
/** Of one answer. */
const bytesMax = 4 * 1024 * 1024;

export function createSharing({ db }: Pick<Store, 'db'>, now: () => number = Date.now): Sharing {
  const compared = new Map<string, number>();
  const comparing = new Map<string, Promise<void>>();
  return {
    async changes(owner, after, limit) {
      if ((compared.get(owner) ?? 0) + compareMs <= now()) {
        // one for all who ask meanwhile
        const there =
          comparing.get(owner) ??
          compare(db, owner)
            .then(() => void compared.set(owner, now()))
            .finally(() => comparing.delete(owner));
        comparing.set(owner, there);
        await there;
      }
      const { id } = await db.selectFrom('sharing').select('id').where('owner', '=', owner).executeTakeFirstOrThrow();
      const rows = await db
        .selectFrom('shared_credential as s')
        .leftJoin('credential as c', (join) => join.onRef('c.owner', '=', 's.owner').onRef('c.digest', '=', 's.digest'))
        .select(['s.seq', 's.digest', 's.removed', sql<number>`coalesce(octet_length(c.bytes), 0)`.as('bytes')])
        .where('s.owner', '=', owner)
        .where('s.seq', '>', after)
        // who knows nothing yet need not be told what is gone
        .where((where) => (after === 0 ? where('s.removed', '=', false) : where.lit(true)))
        .orderBy('s.seq')
        .limit(limit + 1)
        .execute();
      let bytes = 0;
      const fits = rows.slice(0, limit).filter((row, index) => (bytes += row.removed ? 0 : row.bytes) <= bytesMax || index === 0);
      const texts = await textsOf(
        db,
        owner,
        fits.filter(({ removed }) => !removed).map(({ digest }) => digest),
      );
      const items = fits.flatMap(({ seq, digest, removed }): SharedChange[] => {
        const credential = texts.get(digest);
        if (removed) return [{ seq, digest, removed: true }];
        return credential === undefined ? [] : [{ seq, digest, credential }];
      });
      const next = items.at(-1)?.seq ?? Math.min(after, await lastOf(db, owner));
      return { catalogue: id, items, next, more: items.length < rows.length };
    },
  };
}

/** Only what goes into the answer is read: anybody may ask, and as often as they like. */
async function textsOf(db: Store['db'], owner: string, digests: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (digests.length === 0) return new Map();
  const rows = await db.selectFrom('credential').select(['digest', 'bytes']).where('owner', '=', owner).where('digest', 'in', digests).execute();
  return new Map(rows.map(({ digest, bytes }) => [digest, bytes.toString()]));
}

async function lastOf(db: Store['db'], owner: string): Promise<number> {
  const row = await db
    .selectFrom('shared_credential')
    .select(({ fn }) => fn.max('seq').as('last'))
    .where('owner', '=', owner)
    .executeTakeFirst();
  return row?.last ?? 0;
}

async function compare(db: Store['db'], owner: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${sharingLock}, hashtext(${owner}))`.execute(tx);
    await sql`insert into sharing (owner) values (${owner}) on conflict do nothing`.execute(tx);
    await sql`
      with believed as (
        select c.digest from standing s join credential c on c.owner = s.owner and c.digest = s.digest
        where s.owner = ${owner} and s.state in ('active', 'expiring') and c.media_type = 'application/vc+jwt'
          and case when exists (select from harvest_item i where i.owner = c.owner and i.digest = c.digest)
            then exists (select from harvest_item i where i.owner = c.owner and i.digest = c.digest and i.source not like 'hanse %')
            else c.source not like 'hanse %' end
      ), came as (
        insert into shared_credential (owner, digest, seq, removed)
        select ${owner}, b.digest, nextval('shared_order'), false from believed b
        where not exists (select 1 from shared_credential k where k.owner = ${owner} and k.digest = b.digest and not k.removed)
        on conflict (owner, digest) do update set seq = excluded.seq, removed = false
      )
      update shared_credential k set seq = nextval('shared_order'), removed = true
      where k.owner = ${owner} and not k.removed and not exists (select 1 from believed b where b.digest = k.digest)`.execute(tx);
  });
}
