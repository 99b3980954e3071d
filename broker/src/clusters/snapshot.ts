// What is known of a cluster at one moment, from projected objects. Stored by sequence; decisions name the sequence they were made from.
import { z } from 'zod';
import type { ClusterSide } from './cluster.ts';
import type { Managed } from './entry.ts';
import { type Amount, least, minus, none, plus, readAmount } from './quantity.ts';

const resourceList = z.record(z.string(), z.union([z.string().max(64), z.number()])).catch({});
const text = z.string().max(1024);

const nodeShape = z.object({
  metadata: z.object({ name: text, labels: z.record(z.string(), text).catch({}) }),
  spec: z
    .object({ unschedulable: z.boolean().catch(false), taints: z.array(z.object({ key: text, effect: text })).catch([]) })
    .catch({ unschedulable: false, taints: [] }),
  status: z
    .object({ allocatable: resourceList, conditions: z.array(z.object({ type: text, status: text })).catch([]) })
    .catch({ allocatable: {}, conditions: [] }),
});

export type NodeState = {
  readonly name: string;
  /** Liqo cluster id of the provider behind a virtual node; null: a node of the cluster's own. */
  readonly providerClusterId: string | null;
  readonly ready: boolean;
  /** It takes pods that ask for nothing special. */
  readonly open: boolean;
  readonly architecture: string | null;
  readonly region: string | null;
  readonly allocatable: Amount;
};

/** null: not a node. Liqo taints its virtual nodes on purpose; pods that are offloaded tolerate it. */
export const projectNode = (object: unknown): NodeState | null => {
  const parsed = nodeShape.safeParse(object);
  if (!parsed.success) return null;
  const { metadata, spec, status } = parsed.data;
  const labels = metadata.labels;
  const virtual = labels['liqo.io/type'] === 'virtual-node';
  return {
    name: metadata.name,
    providerClusterId: virtual ? (labels['liqo.io/remote-cluster-id'] ?? '') : null,
    ready: status.conditions.some(({ type, status: state }) => type === 'Ready' && state === 'True'),
    open: !spec.unschedulable && !spec.taints.some(({ key, effect }) => effect !== 'PreferNoSchedule' && key !== 'virtual-node.liqo.io/not-allowed'),
    architecture: labels['kubernetes.io/arch'] ?? null,
    region: labels['topology.kubernetes.io/region'] ?? null,
    allocatable: readAmount(status.allocatable),
  };
};

const container = z.object({ resources: z.object({ requests: resourceList }).catch({ requests: {} }), restartPolicy: text.optional() });
const podShape = z.object({
  spec: z.object({
    nodeName: text.catch(''),
    containers: z.array(container).catch([]),
    initContainers: z.array(container).catch([]),
    overhead: resourceList,
  }),
  status: z.object({ phase: text.catch('') }).catch({ phase: '' }),
});

export type PodState = { readonly node: string; readonly requests: Amount };

const requestsOf = ({ resources }: z.infer<typeof container>): Amount => ({ ...readAmount(resources.requests), pods: 0 });

/** null: it takes nothing from any node: not bound yet, or ended. */
export const projectPod = (object: unknown): PodState | null => {
  const parsed = podShape.safeParse(object);
  if (!parsed.success) return null;
  const { spec, status } = parsed.data;
  if (spec.nodeName === '' || status.phase === 'Succeeded' || status.phase === 'Failed') return null;
  // as the scheduler counts: side cars run beside everything after them, init containers one after the other
  let beside = none;
  let peak = none;
  for (const one of spec.initContainers) {
    if (one.restartPolicy === 'Always') beside = plus(beside, requestsOf(one));
    peak = least(peak, one.restartPolicy === 'Always' ? beside : plus(beside, requestsOf(one)));
  }
  const running = spec.containers.reduce((sum, one) => plus(sum, requestsOf(one)), beside);
  const overhead = { ...readAmount(spec.overhead), pods: 0 };
  return { node: spec.nodeName, requests: { ...plus(least(running, peak), overhead), pods: 1 } };
};

export type Health = { readonly state: 'connected' | 'unreachable' | 'refused'; readonly detail: string };

export type Capacity = { readonly allocatable: Amount; readonly free: Amount };

export type ClusterSnapshot = {
  readonly cluster: string;
  readonly side: ClusterSide;
  readonly health: Health;
  readonly kubernetesVersion: string;
  readonly liqoVersion: string | null;
  readonly podCidrs: readonly string[];
  readonly serviceCidrs: readonly string[];
  /** null: our account may not see nodes there. */
  readonly nodes: readonly NodeState[] | null;
  /** Of the cluster's own nodes that are ready and open; null: as for nodes. */
  readonly own: Capacity | null;
  /** By Liqo cluster id: of the ready virtual nodes behind which that provider stands. */
  readonly providers: Readonly<Record<string, Capacity>>;
  /** Pools and nodes as who made them shows them; absent: nobody such is known; null: it did not answer. */
  readonly managed?: Managed | null;
};

const capacityOf = (nodes: readonly NodeState[], used: ReadonlyMap<string, Amount>): Capacity => {
  const usable = nodes.filter(({ ready, open }) => ready && open);
  return {
    allocatable: usable.reduce((sum, { allocatable }) => plus(sum, allocatable), none),
    free: usable.reduce((sum, { name, allocatable }) => plus(sum, minus(allocatable, used.get(name) ?? none)), none),
  };
};

export type Watched = { readonly nodes: Iterable<NodeState>; readonly pods: Iterable<PodState> };
export type About = Pick<ClusterSnapshot, 'cluster' | 'side' | 'health' | 'kubernetesVersion' | 'liqoVersion' | 'podCidrs' | 'serviceCidrs'>;

export const snapshotOf = (about: About, watched: Watched | null): ClusterSnapshot => {
  if (watched === null) return { ...about, nodes: null, own: null, providers: {} };
  const nodes = [...watched.nodes].sort((a, b) => (a.name < b.name ? -1 : 1));
  const used = new Map<string, Amount>();
  for (const { node, requests } of watched.pods) used.set(node, plus(used.get(node) ?? none, requests));
  const ids = [...new Set(nodes.flatMap(({ providerClusterId }) => providerClusterId ?? []))].sort();
  const providers = Object.fromEntries(
    ids.map((id) => [
      id,
      capacityOf(
        nodes.filter(({ providerClusterId }) => providerClusterId === id),
        used,
      ),
    ]),
  );
  const own = capacityOf(
    nodes.filter(({ providerClusterId }) => providerClusterId === null),
    used,
  );
  return { ...about, nodes, own, providers };
};
