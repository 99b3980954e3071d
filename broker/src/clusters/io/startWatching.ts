// Keeps clusters watched, each by one broker at a time, and tokens renewed. Standing facts: each turn reads everything, acts on the difference, and comes back.
import type { PoolClient } from 'pg';
import type { Cluster } from '../cluster.ts';
import type { Kube } from './kubernetes/kube.ts';
import { createHearing } from './heartbeats.ts';
import { sweepBootstraps } from './bootstrap.ts';
import { renewTokens, type RenewDependencies } from './renew.ts';
import { listRows } from './rows.ts';
import { observeManaged } from './scale.ts';
import { watchCluster } from './watchCluster.ts';

export type Watching = { stop(): Promise<void> };

export type WatchingOptions = RenewDependencies & {
  /** For the log: what failed and is tried again. */
  readonly onError: (error: unknown) => void;
  readonly turnMs?: number;
  /** Between two heartbeats of each cluster. */
  readonly everyMs?: number;
  /** What else is followed of a cluster, until the signal ends it, by the broker that watches it. */
  readonly follow?: (cluster: Cluster, kube: Kube, signal: AbortSignal) => Promise<void>;
};

type Watch = { readonly stop: AbortController; readonly ended: Promise<unknown> };

const lockKeys = (key: string): readonly string[] => ['hanse-watch', key];

export const startWatching = (options: WatchingOptions): Watching => {
  const { store, clusters, onError, turnMs = 5_000, everyMs = 15_000, follow = async () => {} } = options;
  const hearing = createHearing();
  const watches = new Map<string, Watch>();
  let session: PoolClient | null = null;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const endWatch = async (key: string): Promise<void> => {
    const watch = watches.get(key);
    watches.delete(key);
    watch?.stop.abort(new Error('no longer watched here'));
    await watch?.ended;
  };
  /** The locks live as long as this connection: a broker that dies gives them back. */
  const lockSession = async (): Promise<PoolClient> => {
    if (session !== null) return session;
    const client = await store.pool.connect();
    client.on('error', () => {
      session = null;
      for (const key of watches.keys()) void endWatch(key);
    });
    session = client;
    return client;
  };
  const managedOf =
    ({ owner, name }: Cluster) =>
    (signal: AbortSignal) =>
      observeManaged(options, owner, name, { signal });
  const begin = async (key: string, cluster: Cluster): Promise<void> => {
    const client = await lockSession();
    const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock(hashtext($1), hashtext($2)) as held', [...lockKeys(key)]);
    if (rows[0]?.held !== true || stopped) return;
    const stop = new AbortController();
    const kube = await clusters.kube(cluster.owner, cluster.name);
    const { signal } = stop;
    const watched = watchCluster({ store, cluster, kube, observeManaged: managedOf(cluster), everyMs, hearing, signal, onError }).catch(onError);
    const followed = follow(cluster, kube, signal).catch(onError);
    watches.set(key, { stop, ended: Promise.all([watched, followed]) });
  };
  const release = async (key: string): Promise<void> => {
    await endWatch(key);
    await session?.query('select pg_advisory_unlock(hashtext($1), hashtext($2))', [...lockKeys(key)]);
  };
  const turn = async (): Promise<void> => {
    const ready = (await listRows(store)).filter(({ record }) => record.cluster.state === 'ready').map(({ record }) => record.cluster);
    // a cluster that was removed and added again under its name is another one
    const wanted = new Map(ready.map((cluster) => [`${cluster.owner}/${cluster.name}/${cluster.uid}`, cluster]));
    for (const key of watches.keys()) if (!wanted.has(key)) await release(key);
    for (const [key, cluster] of wanted) if (!watches.has(key)) await begin(key, cluster).catch(onError);
    await renewTokens(options, Date.now(), onError);
    await sweepBootstraps(store);
  };
  const loop = async (): Promise<void> => {
    await turn().catch(onError);
    if (!stopped) timer = setTimeout(() => void (running = loop()), turnMs);
  };
  let running = loop();

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
      await Promise.all([...watches.keys()].map(endWatch));
      // ends the session, and with it its locks
      session?.release(true);
      session = null;
    },
  };
};
