// What a cluster is, for whoever describes it to others: concluded from what was read there. Nothing is guessed; what could not be seen stays open.
import { z } from 'zod';
import type { ClusterFacts } from './facts.ts';
import { recognise } from './platform.ts';
import { type Amount, none, plus } from './quantity.ts';
import { projectNode } from './snapshot.ts';

export type Survey = {
  /** v1.35.4, as the API server says it. */
  readonly kubernetesVersion: string;
  readonly distribution: string;
  /** null: Liqo is not installed. */
  readonly liqoClusterId: string | null;
  readonly liqoVersion: string | null;
  /** null: ours may not look. */
  readonly podCidrs: readonly string[] | null;
  readonly serviceCidrs: readonly string[] | null;
  /** Of the cluster's own nodes that are ready and open; null: nodes may not be looked at. */
  readonly nodes: {
    readonly count: number;
    readonly allocatable: Amount;
    readonly architectures: readonly string[];
    readonly gpuModels: readonly string[];
    /** topology.kubernetes.io/zone. */
    readonly zones: readonly string[];
  } | null;
  readonly storageClasses: readonly { readonly name: string; readonly provisioner: string; readonly isDefault: boolean }[] | null;
  /** null: nothing that could be seen says which. */
  readonly cni: string | null;
};

/** Objects as read; null: they may not be looked at. */
export type Seen = {
  readonly nodes: readonly unknown[] | null;
  readonly storageClasses: readonly unknown[] | null;
  /** Names of DaemonSets, of all namespaces. */
  readonly daemonSets: readonly string[] | null;
};

const text = z.string().max(1024);
const classShape = z.object({
  metadata: z.object({ name: text, annotations: z.record(z.string(), z.string()).catch({}) }),
  provisioner: text.catch(''),
});
const annotated = z.object({ metadata: z.object({ labels: z.record(z.string(), text).catch({}), annotations: z.record(z.string(), z.string()).catch({}) }) });

/** The label that NVIDIA's and AMD's feature discovery write. */
const modelLabels = ['nvidia.com/gpu.product', 'amd.com/gpu.product-name', 'gpu.intel.com/product'];

export function surveyOf(facts: ClusterFacts, seen: Seen): Survey {
  const { gitVersion, liqo, podCidrs, serviceCidrs } = facts;
  return {
    kubernetesVersion: gitVersion,
    distribution: recognise(facts).distribution,
    liqoClusterId: liqo.clusterId,
    liqoVersion: liqo.version,
    podCidrs,
    serviceCidrs,
    nodes: seen.nodes === null ? null : nodesOf(seen.nodes),
    storageClasses: seen.storageClasses === null ? null : classesOf(seen.storageClasses),
    cni: cniOf(facts, seen),
  };
}

function nodesOf(objects: readonly unknown[]): NonNullable<Survey['nodes']> {
  const usable = objects.flatMap((object) => {
    const state = projectNode(object);
    return state === null || state.providerClusterId !== null || !state.ready || !state.open ? [] : [{ state, labels: labelsOf(object) }];
  });
  const distinct = (values: readonly (string | null | undefined)[]): string[] => [...new Set(values.flatMap((value) => value || []))].toSorted();
  return {
    count: usable.length,
    allocatable: usable.reduce((sum, { state }) => plus(sum, state.allocatable), none),
    architectures: distinct(usable.map(({ state }) => state.architecture)),
    gpuModels: distinct(usable.flatMap(({ labels }) => modelLabels.map((label) => labels[label]))),
    zones: distinct(usable.map(({ labels }) => labels['topology.kubernetes.io/zone'])),
  };
}

const labelsOf = (object: unknown): Readonly<Record<string, string>> => {
  const read = annotated.safeParse(object);
  return read.success ? read.data.metadata.labels : {};
};

const classesOf = (objects: readonly unknown[]): NonNullable<Survey['storageClasses']> =>
  objects
    .flatMap((object) => {
      const read = classShape.safeParse(object);
      if (!read.success) return [];
      const { metadata, provisioner } = read.data;
      // Liqo's own stands for classes elsewhere
      if (provisioner.startsWith('liqo.io/')) return [];
      return [{ name: metadata.name, provisioner, isDefault: metadata.annotations['storageclass.kubernetes.io/is-default-class'] === 'true' }];
    })
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));

/** What each project calls the DaemonSet that runs on every node. Canal runs both Calico and flannel, and comes first. */
const daemons: readonly (readonly [cni: string, daemonSet: RegExp])[] = [
  ['canal', /^(rke2-)?canal$/],
  ['cilium', /^cilium$/],
  ['calico', /^calico-node$/],
  ['flannel', /^kube-flannel(-ds)?$/],
  ['ovn-kubernetes', /^ovnkube-node$/],
  ['openshift-sdn', /^sdn$/],
  ['antrea', /^antrea-agent$/],
  ['kube-ovn', /^kube-ovn-cni$/],
  ['kube-router', /^kube-router$/],
  ['weave', /^weave-net$/],
  ['aws-vpc-cni', /^aws-node$/],
  ['azure-cni', /^azure-cns$/],
  ['kindnet', /^kindnet$/],
];

function cniOf({ openshift }: ClusterFacts, { daemonSets, nodes }: Seen): string | null {
  const found = daemons.find(([, name]) => daemonSets?.some((each) => name.test(each)));
  if (found !== undefined) return found[0];
  // what runs inside of k3s' own process leaves only this trace
  const isFlannel = nodes?.some((node) => {
    const read = annotated.safeParse(node);
    return read.success && Object.hasOwn(read.data.metadata.annotations, 'flannel.alpha.coreos.com/backend-type');
  });
  return isFlannel === true ? 'flannel' : (openshift?.networkType?.toLowerCase() ?? null);
}
