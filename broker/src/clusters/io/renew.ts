// Renews our own tokens when half of their life is over. The old one stays in use until the new one has been verified.
import { sql } from 'kysely';
import type { Store } from '../../store/io/store.ts';
import { accountOf } from '../account.ts';
import type { Allowed } from '../address.ts';
import { connectWith } from './bootstrap.ts';
import type { ClusterRegistry } from './clusters.ts';
import { findRow, listRows, type Row, saveRow } from './rows.ts';
import { requestToken, verifyAccount } from './token.ts';

export type RenewDependencies = { readonly store: Store; readonly clusters: ClusterRegistry; readonly allowedAddresses: Allowed };

const isDue = ({ record: { cluster, standing } }: Row, now: number): boolean =>
  cluster.state === 'ready' && standing.renewAt !== null && Date.parse(standing.renewAt) <= now;

/** false: another broker did it, or does it now. */
export const renewOne = ({ store, clusters, allowedAddresses }: RenewDependencies, owner: string, name: string, now: number): Promise<boolean> =>
  store.db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ held: boolean }>`select pg_try_advisory_xact_lock(hashtext('hanse-renew'), hashtext(${`${owner}/${name}`})) as held`.execute(
      tx,
    );
    const row = rows[0]?.held === true ? await findRow(store, owner, name) : null;
    if (row === null || row.secret === null || !isDue(row, now)) return false;
    const { cluster, standing } = row.record;
    const account = accountOf(cluster.side, cluster.side === 'provider' ? cluster.accountNamespace.slice('hanse-'.length) : null);
    const token = await requestToken(await clusters.kube(owner, name), account);
    const fresh = connectWith(
      { cluster: name, server: cluster.server, ca: standing.ca, tlsServerName: standing.tlsServerName },
      { kind: 'token', token: token.token },
      allowedAddresses,
    );
    try {
      await verifyAccount(fresh, account);
    } finally {
      await fresh.close();
    }
    const secret = await store.seal(owner, 'cluster-token', token.token, tx);
    await saveRow(tx, { cluster, standing: { ...standing, tokenEndsAt: token.endsAt, renewAt: token.renewAt } }, secret);
    await store.forget(owner, row.secret, tx);
    return true;
  });

/** Every cluster whose token is due; what fails is reported and tried again at the next turn. */
export const renewTokens = async (dependencies: RenewDependencies, now: number, onError: (error: unknown) => void): Promise<void> => {
  for (const row of await listRows(dependencies.store)) {
    const { owner, name } = row.record.cluster;
    if (isDue(row, now)) await renewOne(dependencies, owner, name, now).catch(onError);
  }
  await dependencies.clusters.refresh();
};
