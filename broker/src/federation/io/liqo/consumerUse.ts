// What a peering carries now: as long as there is any of it, leaving is refused.
import type { Kube, KubeObject } from '../../../clusters/io/kubernetes/kube.ts';
import { parseAs } from '../../liqoObjects.ts';
import type { Peering } from '../../peering.ts';
import { readAmount } from '../../../clusters/quantity.ts';
import type { SliceResources } from '../../quantity.ts';
import type { Use } from '../../sides.ts';
import type { HomeReaders } from './consumerObserve.ts';
import { listIfAllowed } from './objects.ts';

const named = ({ metadata: { namespace, name } }: KubeObject): string => `${namespace ?? ''}/${name}`;

/** Set by the scheduler when it binds a claim that waits for its first consumer. */
const selectedNode = 'volume.kubernetes.io/selected-node';

const podsOn = async (kube: Kube, node: string): Promise<KubeObject[] | null> => {
  const pods = await listIfAllowed(kube, { apiVersion: 'v1', kind: 'Pod', fieldSelector: `spec.nodeName=${node}` });
  return pods?.filter((pod) => !['Succeeded', 'Failed'].includes(parseAs('pod', pod).status.phase)) ?? null;
};

const claimInWords = (claim: KubeObject, node: string): string => {
  const { spec } = parseAs('claim', claim);
  return `${named(claim)} (${String(spec.resources.requests['storage'] ?? 'size unknown')}, at ${node})`;
};

const claimsOn = async (kube: Kube, nodes: readonly string[]): Promise<string[] | null> => {
  const claims = await listIfAllowed(kube, { apiVersion: 'v1', kind: 'PersistentVolumeClaim' });
  if (claims === null) return null;
  return claims.flatMap((claim) => {
    const node = parseAs('claim', claim).metadata.annotations[selectedNode];
    return node !== undefined && nodes.includes(node) ? [claimInWords(claim, node)] : [];
  });
};

/** Namespaces offloaded there, by the maps that Liqo itself replicates. */
const offloadedNamespaces = (maps: readonly KubeObject[]): string[] => maps.flatMap((map) => Object.keys(parseAs('namespaceMap', map).status.currentMapping));

const requestedBy = (pods: readonly KubeObject[]): SliceResources => {
  const each = pods.flatMap((pod) => parseAs('pod', pod).spec.containers.map(({ resources }) => readAmount(resources.requests)));
  const sum = (field: keyof SliceResources): number => each.reduce((total, one) => total + one[field], 0);
  return { cpuMillis: sum('cpuMillis'), memoryBytes: sum('memoryBytes'), pods: pods.length, gpus: sum('gpus') };
};

export const homeUse = async (kube: Kube, peering: Peering, read: HomeReaders): Promise<Use> => {
  const nodes = [...new Set([peering.virtualNode, ...(await read.nodes()).map((node) => node.metadata.name)])];
  const [pods, claims, maps] = await Promise.all([Promise.all(nodes.map((node) => podsOn(kube, node))), claimsOn(kube, nodes), read.namespaceMaps()]);
  const all = pods.flatMap((some) => some ?? []);
  return {
    requested: requestedBy(all),
    pods: all.map(named).toSorted(),
    claims: (claims ?? []).toSorted(),
    namespaces: offloadedNamespaces(maps).toSorted(),
    unseen: [...(pods.includes(null) ? [`pods at ${kube.cluster}`] : []), ...(claims === null ? [`volume claims at ${kube.cluster}`] : [])],
  };
};
