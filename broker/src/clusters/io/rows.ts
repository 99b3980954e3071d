// The rows of clusters.
import { HanseError } from '../../errors.ts';
import type { Store, Tx } from '../../store/io/store.ts';
import { type ClusterRecord, readRecord } from '../record.ts';

export type Row = { readonly record: ClusterRecord; readonly secret: string | null };

export const findRow = async (store: Store, owner: string, name: string): Promise<Row | null> => {
  const row = await store.db.selectFrom('cluster').select(['record', 'secret']).where('owner', '=', owner).where('name', '=', name).executeTakeFirst();
  return row === undefined ? null : { record: readRecord(row.record), secret: row.secret };
};

export const listRows = async (store: Store, owner?: string): Promise<Row[]> => {
  let query = store.db.selectFrom('cluster').select(['record', 'secret']).orderBy('owner').orderBy('name');
  if (owner !== undefined) query = query.where('owner', '=', owner);
  return (await query.execute()).map(({ record, secret }) => ({ record: readRecord(record), secret }));
};

/** Takes the name and the cluster for this operation, or finds that it has them already. CONFLICT otherwise. */
export const claimRow = async (store: Store, record: ClusterRecord): Promise<ClusterRecord> => {
  const { cluster, standing } = record;
  await store.db
    .insertInto('cluster')
    .values({ owner: cluster.owner, name: cluster.name, uid: cluster.uid, side: cluster.side, state: 'adding', record: JSON.stringify(record), secret: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = await findRow(store, cluster.owner, cluster.name);
  if (row === null || row.record.cluster.uid !== cluster.uid || row.record.standing.operation !== standing.operation) {
    throw new HanseError('CONFLICT', `The name ${cluster.name} or the cluster at ${cluster.server} was added by another operation.`, {
      fix: 'hanse get clusters shows which.',
    });
  }
  return row.record;
};

/** Writes what changed; `secret` as well when it is given. */
export const saveRow = async (db: Store['db'] | Tx, record: ClusterRecord, secret?: string | null): Promise<void> => {
  const { owner, name, state } = record.cluster;
  await db
    .updateTable('cluster')
    .set({ record: JSON.stringify(record), state, updated_at: new Date(), ...(secret === undefined ? {} : { secret }) })
    .where('owner', '=', owner)
    .where('name', '=', name)
    .execute();
};

/** With its token and its snapshots. */
export const dropRow = (store: Store, owner: string, name: string): Promise<void> =>
  store.db.transaction().execute(async (tx) => {
    const row = await tx.deleteFrom('cluster').where('owner', '=', owner).where('name', '=', name).returning(['secret', 'record']).executeTakeFirst();
    await tx.deleteFrom('snapshot').where('owner', '=', owner).where('cluster', '=', name).execute();
    if (row?.secret != null) await store.forget(owner, row.secret, tx);
    const manager = row === undefined ? null : readRecord(row.record).standing.manager;
    if (manager !== null) await store.forget(owner, manager.secret, tx);
  });
