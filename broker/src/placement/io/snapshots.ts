// Snapshots by sequence: whoever decides on the same version, in whatever broker, decides the same.
import { z } from 'zod';
import { HanseError } from '../../errors.ts';
import { document } from '../../store/document.ts';
import type { Store } from '../../store/io/store.ts';
import type { Snapshot, SnapshotCluster } from '../snapshot.ts';

/** The name under which the snapshot of all clusters stands beside those of single ones; no cluster can be called so. */
const everything = '*';
/** Identical snapshots are not stored again; of different ones this many are kept besides those that receipts carry in full. */
const keptMax = 1000;

const stored = z.object({ takenAt: z.string(), clusters: z.array(z.custom<SnapshotCluster>((value) => typeof value === 'object' && value !== null)) });

type Db = Pick<Store, 'db'>;

/** `now`: RFC 3339. */
export async function storeSnapshot(
  { db }: Db,
  owner: string,
  { clusters, now }: { readonly clusters: readonly SnapshotCluster[]; readonly now: string },
): Promise<Snapshot> {
  const last = await db
    .selectFrom('snapshot')
    .select(['seq', 'data'])
    .where('owner', '=', owner)
    .where('cluster', '=', everything)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const same = last === undefined ? null : stored.parse(last.data);
  if (last !== undefined && same !== null && sorted(same.clusters) === sorted(clusters))
    return { version: Number(last.seq), takenAt: same.takenAt, clusters: same.clusters };
  const { seq } = await db
    .insertInto('snapshot')
    .values({ owner, cluster: everything, data: document({ takenAt: now, clusters }) })
    .returning('seq')
    .executeTakeFirstOrThrow();
  const oldest = await db
    .selectFrom('snapshot')
    .select('seq')
    .where('owner', '=', owner)
    .where('cluster', '=', everything)
    .orderBy('seq', 'desc')
    .offset(keptMax)
    .limit(1)
    .executeTakeFirst();
  if (oldest !== undefined)
    await db.deleteFrom('snapshot').where('owner', '=', owner).where('cluster', '=', everything).where('seq', '<=', oldest.seq).execute();
  return findSnapshot({ db }, owner, Number(seq));
}

/** As the database gives it back: what is decided on is what a later reader sees. NOT_FOUND. */
export async function findSnapshot({ db }: Db, owner: string, version: number): Promise<Snapshot> {
  const row = await db
    .selectFrom('snapshot')
    .select(['seq', 'data'])
    .where('owner', '=', owner)
    .where('cluster', '=', everything)
    .where('seq', '=', version)
    .executeTakeFirst();
  if (row === undefined) throw new HanseError('NOT_FOUND', `There is no snapshot ${version}; it was not taken, or it is no longer kept.`);
  return { version: Number(row.seq), ...stored.parse(row.data) };
}

/** jsonb does not keep the order of keys. */
const sorted = (clusters: readonly SnapshotCluster[]): string =>
  JSON.stringify(clusters, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : value,
  );
