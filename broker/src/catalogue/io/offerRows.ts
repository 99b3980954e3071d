// The table of offers: written under a lock of their owner, so that numbers are seen in their order and whoever reads behind one misses nothing.
import { sql } from 'kysely';
import { z } from 'zod';
import { document } from '../../store/document.ts';
import type { Store, Tx } from '../../store/io/store.ts';
import type { Offering } from '../offering.ts';
import type { Grounds } from '../offerings.ts';
import { sha256Hex } from '../judge/pure-crypto.ts';
import type { StandingOffer } from '../standing.ts';
import { packTold } from '../told.ts';

export type Refused = { readonly source: string; readonly reason: string; readonly digest: string | null };

/** One change of the table, as short as it can be said (told); null: it is no offer any more. */
export type OfferChange = { readonly seq: number; readonly key: string; readonly told: string | null };

export type Derived = {
  /** Every credential that was judged, or is no longer given: what rested on them is replaced by the offerings. */
  readonly digests: readonly string[];
  readonly offerings: readonly Offering[];
  readonly grounds: readonly Grounds[];
};

/** Any number that only this means. */
const offersLock = 7_480_011;
const rowsAtOnce = 500;
const body = z.custom<Offering>((value) => typeof value === 'object' && value !== null);
const refusedForm = z.array(z.object({ source: z.string(), reason: z.string(), digest: z.string().nullable() }));

export const lockOffers = (tx: Tx, owner: string): Promise<unknown> => sql`select pg_advisory_xact_lock(${offersLock}, hashtext(${owner}))`.execute(tx);

/** Answers how many offers changed. */
export async function writeOffers(tx: Tx, owner: string, { digests, offerings, grounds }: Derived): Promise<number> {
  await lockOffers(tx, owner);
  const before = await tx
    .selectFrom('offer')
    .select(['key', 'body_digest'])
    .where('owner', '=', owner)
    .where('removed', '=', false)
    .where(sql<boolean>`(credentials && ${[...digests]}::text[] or key = any(${offerings.map(offerKey)}::text[]))`)
    .execute();
  const known = new Map(before.map((row) => [row.key, row.body_digest]));
  const rows = offerings.flatMap((offering, index) => {
    const { until, credentials } = grounds[index] ?? { until: null, credentials: [] };
    const text = document(offering);
    const bodyDigest = sha256Hex(JSON.stringify([text, until, credentials]));
    const { cluster } = offering;
    const key = offerKey(offering);
    const isKnown = known.get(key) === bodyDigest;
    known.delete(key);
    if (isKnown) return [];
    const ends = until === null ? null : new Date(until);
    return [
      {
        owner,
        key,
        seq: drawn,
        cluster,
        body: text,
        body_digest: bodyDigest,
        told: packTold(offering, until),
        until: ends,
        credentials: [...credentials],
        removed: false,
      },
    ];
  });
  for (let from = 0; from < rows.length; from += rowsAtOnce)
    await tx
      .insertInto('offer')
      .values(rows.slice(from, from + rowsAtOnce))
      .onConflict((conflict) =>
        conflict.columns(['owner', 'key']).doUpdateSet(({ ref }) => ({
          seq: ref('excluded.seq'),
          cluster: ref('excluded.cluster'),
          body: ref('excluded.body'),
          body_digest: ref('excluded.body_digest'),
          told: ref('excluded.told'),
          until: ref('excluded.until'),
          credentials: ref('excluded.credentials'),
          removed: false,
        })),
      )
      .execute();
  const gone = [...known.keys()];
  for (let from = 0; from < gone.length; from += rowsAtOnce)
    await tx
      .updateTable('offer')
      .set({ removed: true, seq: drawn })
      .where('owner', '=', owner)
      .where('key', 'in', gone.slice(from, from + rowsAtOnce))
      .execute();
  return rows.length + gone.length;
}

const drawn = sql<string>`nextval('offer_order')`;
export const offerKey = ({ id, provider }: { readonly id: string; readonly provider: string }): string => sha256Hex(`${id}\n${provider}`);

/** In the order in which it became so, behind `after`. */
export async function offerChanges({ db }: Pick<Store, 'db'>, owner: string, after: number, limit: number): Promise<OfferChange[]> {
  const rows = await db
    .selectFrom('offer')
    .select(['seq', 'key', 'told', 'removed'])
    .where('owner', '=', owner)
    .where('seq', '>', String(after))
    // who knows nothing yet need not be told what is gone
    .where((where) => (after === 0 ? where('removed', '=', false) : where.lit(true)))
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map(({ seq, key, told, removed }) => ({ seq: Number(seq), key, told: removed ? null : told }));
}

/** Where the table stands: another number when any offer of the owner has changed. */
export async function newestChange({ db }: Pick<Store, 'db'>, owner: string): Promise<number> {
  const row = await db.selectFrom('offer').select('seq').where('owner', '=', owner).orderBy('seq', 'desc').limit(1).executeTakeFirst();
  return Number(row?.seq ?? 0);
}

type Wanted = { readonly keys: readonly string[] } | { readonly clusters: readonly string[] } | { readonly most: number };

/** By keys, by Liqo cluster ids, or the first so many by their keys. */
export async function readOffers({ db }: Pick<Store, 'db'>, owner: string, wanted: Wanted): Promise<{ readonly key: string; readonly offer: StandingOffer }[]> {
  const standing = db.selectFrom('offer').select(['key', 'body', 'until']).where('owner', '=', owner).where('removed', '=', false);
  const asked =
    'keys' in wanted
      ? standing.where(sql<boolean>`key = any(${[...wanted.keys]}::text[])`)
      : 'clusters' in wanted
        ? standing.where(sql<boolean>`cluster = any(${[...wanted.clusters]}::text[])`)
        : standing.orderBy('key').limit(wanted.most);
  const rows = await asked.execute();
  return rows.map((row) => ({ key: row.key, offer: { offering: body.parse(row.body), until: row.until?.toISOString() ?? null } }));
}

export type Ingestion = { readonly at: number; readonly basis: string; readonly rejected: readonly Refused[] };

export async function lastIngestion({ db }: Pick<Store, 'db'>, owner: string): Promise<Ingestion | null> {
  const row = await db.selectFrom('ingestion').select(['at', 'basis', 'rejected']).where('owner', '=', owner).executeTakeFirst();
  return row === undefined ? null : { at: row.at.getTime(), basis: row.basis, rejected: refusedForm.parse(row.rejected) };
}

export async function noteIngestion({ db }: Pick<Store, 'db'>, owner: string, { at, basis, rejected }: Ingestion): Promise<void> {
  const noted = { at: new Date(at), basis, rejected: document(rejected) };
  await db
    .insertInto('ingestion')
    .values({ owner, ...noted })
    .onConflict((conflict) => conflict.column('owner').doUpdateSet(noted))
    .execute();
}

/** What was found about some credentials takes the place of what was said of them before. */
export async function noteRefused(tx: Tx, owner: string, digests: readonly string[], refused: readonly Refused[]): Promise<void> {
  const row = await tx.selectFrom('ingestion').select('rejected').where('owner', '=', owner).forUpdate().executeTakeFirst();
  if (row === undefined) return;
  const about = new Set(digests);
  const before = refusedForm.parse(row.rejected);
  const after = [...before.filter(({ digest }) => digest === null || !about.has(digest)), ...refused].slice(0, refusedMax);
  if (JSON.stringify(after) !== JSON.stringify(before))
    await tx
      .updateTable('ingestion')
      .set({ rejected: document(after) })
      .where('owner', '=', owner)
      .execute();
}

/** More than anybody reads; each credential still says for itself what is the matter with it. */
export const refusedMax = 1000;
