// What main wires together: the registry, and the verbs that add, scale and remove clusters.
import type { Store } from '../../store/io/store.ts';
import type { Verb } from '../../operations/io/performer.ts';
import type { Allowed } from '../address.ts';
import { type AddRequest, addVerb } from './add.ts';
import type { ClusterRegistry } from './clusters.ts';
import { type RemoveRequest, removeVerb } from './remove.ts';
import { type ScaleRequest, scaleVerb } from './scale.ts';

export { createClusters, type ClusterRegistry } from './clusters.ts';
export { connectKube, type ConnectOptions, type KubeConnection } from './kubernetes/client.ts';
export { type Informer, startInformer } from './kubernetes/informer.ts';
export { readMeasured } from './heartbeats.ts';
export { startWatching } from './startWatching.ts';
export { latestSnapshots } from './snapshots.ts';
export { survey } from './survey.ts';
export type { Clusters } from './registry.ts';
export type * from './kubernetes/kube.ts';

export type ClusterVerbOptions = { readonly store: Store; readonly clusters: ClusterRegistry; readonly allowedAddresses: Allowed };

export const clusterVerbs = ({
  store,
  clusters,
  allowedAddresses,
}: ClusterVerbOptions): readonly [Verb<AddRequest>, Verb<RemoveRequest>, Verb<ScaleRequest>] => [
  addVerb({ store, clusters, allowedAddresses, drop: (owner, name) => clusters.drop(owner, name) }),
  removeVerb({ store, clusters, allowedAddresses }),
  scaleVerb({ store, clusters, allowedAddresses }),
];
