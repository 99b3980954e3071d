// The proof that nothing of a peering is left on a side: every kind that Liqo or we make, listed by the labels of the peering, and every object the journals name.
import type { ApiResource, Kube, KubeObject } from '../../../clusters/io/kubernetes/kube.ts';
import type { Made } from '../../../operations/journal.ts';
import { label } from '../../names.ts';
import type { Search } from '../../sides.ts';
import { forbidden, listIfAllowed, refOf } from './objects.ts';

const groups = /^(v1|apps\/v1|rbac\.authorization\.k8s\.io\/v1|certificates\.k8s\.io\/v1|[a-z]+\.liqo\.io\/v[a-z0-9]+)$/;
/** Written by Kubernetes about others; they vanish by themselves. */
const reflections = new Set(['Event', 'Endpoints', 'ComponentStatus', 'PodTemplate', 'LimitRange', 'ReplicationController', 'ControllerRevision']);
const atOnce = 8;

const searchable = ({ apiVersion, kind, verbs }: ApiResource): boolean => groups.test(apiVersion) && verbs.includes('list') && !reflections.has(kind);

/** An account that came with the cluster carries Hanse's mark too, but stays until the cluster is removed. */
const ofThePeering = ({ metadata: { labels = {} } }: KubeObject): boolean => labels[label.managedBy] !== 'hanse' || labels[label.madeFor] === 'peering';

const foundAs = (cluster: string, object: KubeObject): Made => {
  const { uid } = object.metadata;
  return { cluster, ...refOf(object), ...(uid === undefined ? {} : { uid }) };
};

type Looked = { readonly found: readonly Made[]; readonly unseen: string | null };

const lookIn = async (kube: Kube, { apiVersion, kind }: ApiResource, { peerClusterId, isKept }: Sought): Promise<Looked> => {
  const objects = await listIfAllowed(kube, { apiVersion, kind, labelSelector: `${label.remoteCluster}=${peerClusterId}` });
  if (objects === null) return { found: [], unseen: `${kind} (${apiVersion}) at ${kube.cluster}` };
  return { found: objects.filter((object) => ofThePeering(object) && isKept?.(object) !== true).map((object) => foundAs(kube.cluster, object)), unseen: null };
};

const stillThere = async (kube: Kube, { apiVersion, kind, namespace, name, uid }: Made): Promise<Looked> => {
  try {
    const object = await kube.get({ apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) });
    const same = object !== null && (uid === undefined || object.metadata.uid === uid);
    return { found: same ? [foundAs(kube.cluster, object)] : [], unseen: null };
  } catch (error) {
    if (!forbidden(error)) throw error;
    return { found: [], unseen: `${kind} ${name} at ${kube.cluster}` };
  }
};

const inTurns = async <Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> => {
  const results: Result[] = [];
  for (let index = 0; index < items.length; index += atOnce) results.push(...(await Promise.all(items.slice(index, index + atOnce).map(work))));
  return results;
};

const key = ({ kind, namespace, name }: Made): string => `${kind} ${namespace ?? ''}/${name}`;

/** A tenant namespace whose deletion was accepted goes with everything in it; whoever waits for it has proved both. */
const isGoing = async (kube: Kube, name: string): Promise<boolean> =>
  (await kube.get({ apiVersion: 'v1', kind: 'Namespace', name }))?.metadata.deletionTimestamp !== undefined;

/** `isKept`: another hand made it, and it stays. */
export type Sought = {
  readonly peerClusterId: string;
  readonly tenantNamespace: string;
  readonly made: readonly Made[];
  readonly isKept?: (object: KubeObject) => boolean;
};

export const searchSide = async (kube: Kube, sought: Sought): Promise<Search> => {
  const { tenantNamespace, made } = sought;
  const going = await isGoing(kube, tenantNamespace);
  const goes = ({ kind, namespace, name }: Made): boolean => going && (namespace === tenantNamespace || (kind === 'Namespace' && name === tenantNamespace));
  const resources = (await kube.resources()).filter(searchable);
  const looked = [
    ...(await inTurns(resources, (resource) => lookIn(kube, resource, sought))),
    ...(await inTurns(
      made.filter(({ cluster }) => cluster === kube.cluster),
      (object) => stillThere(kube, object),
    )),
  ];
  const found = new Map(looked.flatMap((one) => one.found).flatMap((object) => (goes(object) ? [] : [[key(object), object] as const])));
  return { found: [...found.values()], unseen: looked.flatMap(({ unseen }) => (unseen === null ? [] : [unseen])) };
};
