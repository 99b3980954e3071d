// The clusters of all owners and the connections to them, each with our own account there. A renewed token is taken up without a new connection.
import { HanseError } from '../../errors.ts';
import type { Store } from '../../store/io/store.ts';
import type { Allowed } from '../address.ts';
import type { Cluster } from '../cluster.ts';
import { connectKube, type KubeConnection } from './kubernetes/client.ts';
import type { Clusters } from './registry.ts';
import { findRow, listRows, type Row } from './rows.ts';

export type ClusterRegistry = Clusters & {
  /** Takes up tokens that another broker renewed. */
  refresh(): Promise<void>;
  /** Ends the connections to a cluster that was removed. */
  drop(owner: string, name: string): Promise<void>;
  close(): Promise<void>;
};

export type RegistryOptions = { readonly store: Store; readonly allowedAddresses: Allowed };

type Entry = { readonly uid: string; readonly server: string; readonly connection: KubeConnection; secret: string; token: string };

const homeOf = (consumers: readonly Cluster[], name: string | undefined): Cluster => {
  const named = name === undefined ? consumers : consumers.filter((cluster) => cluster.name === name);
  const [only, second] = named;
  if (only !== undefined && second === undefined) return only;
  if (consumers.length === 0) {
    throw new HanseError('REFUSED', 'There is no home cluster.', { fix: 'Add one: hanse cluster add NAME --kubeconfig FILE --side consumer.' });
  }
  const names = consumers.map((cluster) => cluster.name).join(', ');
  if (only === undefined) throw new HanseError('REFUSED', `There is no home cluster ${name ?? ''}; there is ${names}.`, { fix: 'Name one of them.' });
  throw new HanseError('REFUSED', `There are several home clusters: ${names}.`, { fix: 'Say which with --home.' });
};

export const createClusters = ({ store, allowedAddresses }: RegistryOptions): ClusterRegistry => {
  const entries = new Map<string, Entry>();
  const keyOf = (owner: string, name: string): string => `${owner}/${name}`;

  const findKnown = async (owner: string, name: string): Promise<Row> => {
    const row = await findRow(store, owner, name);
    if (row !== null) return row;
    const names = (await listRows(store, owner)).map(({ record }) => record.cluster.name);
    throw new HanseError('NOT_FOUND', `There is no cluster ${JSON.stringify(name)}; there ${names.length === 0 ? 'is none' : `is ${names.join(', ')}`}.`);
  };
  const drop = async (owner: string, name: string): Promise<void> => {
    const entry = entries.get(keyOf(owner, name));
    entries.delete(keyOf(owner, name));
    await entry?.connection.close();
  };
  const open = async ({ record, secret }: Row): Promise<Entry> => {
    const { cluster, standing } = record;
    if (secret === null)
      throw new HanseError('CONFLICT', `The cluster ${cluster.name} is still being added.`, { fix: 'Wait for the operation: hanse operations.' });
    const token = await store.unseal(cluster.owner, secret);
    const entry: Entry = {
      uid: cluster.uid,
      server: cluster.server,
      secret,
      token,
      connection: connectKube({
        cluster: cluster.name,
        server: cluster.server,
        ca: standing.ca,
        credential: { kind: 'token', token: () => entry.token },
        allowedAddresses,
        ...(standing.tlsServerName === null ? {} : { tlsServerName: standing.tlsServerName }),
      }),
    };
    return entry;
  };
  const takeUp = async (row: Row, entry: Entry): Promise<void> => {
    if (row.secret === null || row.secret === entry.secret) return;
    entry.token = await store.unseal(row.record.cluster.owner, row.secret);
    entry.secret = row.secret;
  };

  return {
    list: async (owner) => (await listRows(store, owner)).map(({ record }) => record.cluster),
    find: async (owner, name) => (await findKnown(owner, name)).record.cluster,
    home: async (owner, name) =>
      homeOf(
        (await listRows(store, owner)).map(({ record }) => record.cluster).filter(({ side }) => side === 'consumer'),
        name,
      ),
    async kube(owner, name) {
      const row = await findKnown(owner, name);
      const key = keyOf(owner, name);
      const { cluster } = row.record;
      const kept = entries.get(key);
      if (kept !== undefined && kept.uid === cluster.uid && kept.server === cluster.server) {
        await takeUp(row, kept);
        return kept.connection;
      }
      if (kept !== undefined) await drop(owner, name);
      const entry = await open(row);
      const other = entries.get(key);
      if (other !== undefined) {
        // opened by another caller meanwhile
        await entry.connection.close();
        return other.connection;
      }
      entries.set(key, entry);
      return entry.connection;
    },
    async refresh() {
      for (const row of await listRows(store)) {
        const entry = entries.get(keyOf(row.record.cluster.owner, row.record.cluster.name));
        if (entry !== undefined) await takeUp(row, entry);
      }
    },
    drop,
    async close() {
      const open = [...entries.values()];
      entries.clear();
      await Promise.all(open.map(({ connection }) => connection.close()));
    },
  };
};
