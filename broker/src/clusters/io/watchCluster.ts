// One cluster, watched: its health asked in turns, at home its nodes and pods followed, and each change of the picture stored.
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { HanseError } from '../../errors.ts';
import type { Store } from '../../store/io/store.ts';
import type { Cluster } from '../cluster.ts';
import type { Managed } from '../entry.ts';
import { type ClusterSnapshot, type Health, type NodeState, type PodState, projectNode, projectPod, snapshotOf } from '../snapshot.ts';
import { startInformer } from './kubernetes/informer.ts';
import type { Kube } from './kubernetes/kube.ts';

const probeEveryMs = 15_000;
// A rollout changes pods many times a second; the picture is taken when a second has passed.
const settleMs = 1_000;
const managedEveryMs = 4_000;
const keptPerCluster = 100;

const healthOf = async (kube: Kube): Promise<Health> => {
  try {
    await kube.getPath('/version');
    return { state: 'connected', detail: 'it answers' };
  } catch (error) {
    if (!(error instanceof HanseError)) throw error;
    const refused = error.code === 'CLUSTER_UNAUTHORIZED' || error.code === 'CLUSTER_FORBIDDEN';
    return { state: refused ? 'refused' : 'unreachable', detail: error.message };
  }
};

const storeSnapshot = async (store: Store, owner: string, snapshot: ClusterSnapshot): Promise<void> => {
  await store.db
    .insertInto('snapshot')
    .values({ owner, cluster: snapshot.cluster, data: JSON.stringify(snapshot) })
    .execute();
  // for those who watch; whoever misses it reads the picture itself
  await store.db
    .insertInto('event')
    .values({ owner, operation: null, kind: 'picture', data: JSON.stringify({ cluster: snapshot.cluster, health: snapshot.health.state }) })
    .execute();
  await sql`select pg_notify('hanse_event', '')`.execute(store.db);
  await store.db
    .deleteFrom('snapshot')
    .where('owner', '=', owner)
    .where('cluster', '=', snapshot.cluster)
    .where('seq', 'not in', (query) =>
      query
        .selectFrom('snapshot')
        .select('seq')
        .where('owner', '=', owner)
        .where('cluster', '=', snapshot.cluster)
        .orderBy('seq', 'desc')
        .limit(keptPerCluster),
    )
    .execute();
};

export type WatchClusterOptions = {
  readonly store: Store;
  readonly cluster: Cluster;
  readonly kube: Kube;
  /** What who made its nodes shows of them; null: nobody such is known. */
  readonly observeManaged: (signal: AbortSignal) => Promise<Managed | null>;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
};

/** Resolves when the signal has ended it. */
export const watchCluster = async ({ store, cluster, kube, observeManaged, signal, onError }: WatchClusterOptions): Promise<void> => {
  const { owner, name, side, kubernetesVersion, liqoVersion, podCidrs, serviceCidrs } = cluster;
  let health = await healthOf(kube);
  let last = '';
  // undefined: nobody who makes nodes is known
  let managed: Managed | null | undefined;
  let timer: NodeJS.Timeout | undefined;
  const follows = side === 'consumer';
  const soon = (): void => {
    if (timer === undefined && !signal.aborted) timer = setTimeout(() => void take().catch(onError), settleMs);
  };
  const common = { kube, signal, onChange: soon, onError };
  const nodes = follows ? startInformer<NodeState>({ ...common, query: { apiVersion: 'v1', kind: 'Node' }, project: projectNode }) : null;
  const pods = follows ? startInformer<PodState>({ ...common, query: { apiVersion: 'v1', kind: 'Pod' }, project: projectPod }) : null;
  const take = async (): Promise<void> => {
    timer = undefined;
    const synced = nodes?.synced() === true && pods?.synced() === true;
    if (follows && !synced && health.state === 'connected') return;
    const watched = nodes !== null && pods !== null && synced ? { nodes: nodes.values(), pods: pods.values() } : null;
    const observed = snapshotOf({ cluster: name, side, health, kubernetesVersion, liqoVersion, podCidrs, serviceCidrs }, watched);
    const snapshot = managed === undefined ? observed : { ...observed, managed };
    const text = JSON.stringify(snapshot);
    if (text === last || signal.aborted) return;
    await storeSnapshot(store, owner, snapshot);
    last = text;
  };
  const followManaged = async (): Promise<void> => {
    while (!signal.aborted) {
      // a manager that does not answer is seen in what is not known of its nodes
      managed = await observeManaged(signal).then(
        (found) => found ?? undefined,
        () => null,
      );
      if (managed === undefined) return;
      soon();
      await sleep(managedEveryMs, undefined, { signal }).catch(() => {});
    }
  };
  const following = followManaged();
  soon();
  while (!signal.aborted) {
    await sleep(probeEveryMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    health = await healthOf(kube.with({ signal }));
    soon();
  }
  clearTimeout(timer);
  await Promise.all([nodes?.ended, pods?.ended, following]);
};
