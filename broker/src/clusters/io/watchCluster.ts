// One cluster, watched: its health asked in turns, at home its nodes and pods followed, and each change of the picture stored.
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { HanseError } from '../../errors.ts';
import type { Store } from '../../store/io/store.ts';
import type { Cluster } from '../cluster.ts';
import type { Managed } from '../entry.ts';
import { type ClusterSnapshot, type Health, type NodeState, type PodState, projectNode, projectPod, snapshotOf } from '../snapshot.ts';
import { createHeartbeatLog, type Hearing, type HeartbeatLog } from './heartbeats.ts';
import { startInformer } from './kubernetes/informer.ts';
import type { Kube } from './kubernetes/kube.ts';

/** What was heard is written once for so many heartbeats. */
const writtenAtOnce = 4;
// A rollout changes pods many times a second; the picture is taken when a second has passed.
const settleMs = 1_000;
const managedEveryMs = 4_000;
const keptPerCluster = 100;

/** `at`: milliseconds since 1970; `tookMs`: by the clock of this machine only, whatever the cluster says of its own. */
type Heard = { readonly health: Health; readonly at: number; readonly tookMs: number };

const hear = async (kube: Kube): Promise<Heard> => {
  const at = Date.now();
  const began = performance.now();
  try {
    await kube.getPath('/version');
    return { health: { state: 'connected', detail: 'it answers' }, at, tookMs: performance.now() - began };
  } catch (error) {
    if (!(error instanceof HanseError)) throw error;
    const refused = error.code === 'CLUSTER_UNAUTHORIZED' || error.code === 'CLUSTER_FORBIDDEN';
    return { health: { state: refused ? 'refused' : 'unreachable', detail: error.message }, at, tookMs: performance.now() - began };
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
  /** Between two heartbeats. */
  readonly everyMs: number;
  readonly hearing: Hearing;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
};

const keyOf = ({ owner, name }: Cluster): string => `${owner}/${name}`;

function noteHeard({ health, at, tookMs }: Heard, { cluster, hearing, everyMs }: WatchClusterOptions, beats: HeartbeatLog): void {
  if (health.state === 'connected') return beats.note({ at, roundTripMs: tookMs });
  // where nobody at all answers, it is we who are cut off
  if (!hearing.isToldApart(keyOf(cluster))) return;
  // while one waits for its answer others are due: silence weighs no less than answers
  for (let due = 0; due < Math.max(tookMs, 1); due += everyMs) beats.note({ at: at + due, roundTripMs: null });
}

/** Resolves when the signal has ended it. */
export const watchCluster = async (options: WatchClusterOptions): Promise<void> => {
  const { store, cluster, kube, observeManaged, everyMs, hearing, signal, onError } = options;
  const { owner, name, side, kubernetesVersion, liqoVersion, podCidrs, serviceCidrs } = cluster;
  const beats = createHeartbeatLog(store, cluster);
  const listen = async (count: number): Promise<Health> => {
    const heard = await hear(kube.with({ signal }));
    if (signal.aborted) return heard.health;
    // the first one opens the connection, and is not counted
    if (side === 'provider' && count > 0) noteHeard(heard, options, beats);
    hearing.heard(keyOf(cluster), heard.health.state === 'connected');
    if (count % writtenAtOnce === 0) await beats.write().catch(onError);
    return heard.health;
  };
  let health = await listen(0);
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
  for (let count = 1, due = performance.now() + everyMs; ; count += 1, due = Math.max(due + everyMs, performance.now())) {
    await sleep(Math.max(0, due - performance.now()), undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    health = await listen(count);
    soon();
  }
  clearTimeout(timer);
  hearing.forget(keyOf(cluster));
  await beats.write().catch(onError);
  await Promise.all([nodes?.ended, pods?.ended, following]);
};
