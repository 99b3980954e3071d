// What is free on the home cluster: what its own nodes can hold, less what pods have asked for there.
import { z } from 'zod';
import type { Fact } from '../../catalogue/index.ts';
import { readAmount } from '../../clusters/index.ts';
import type { Cluster } from '../../clusters/index.ts';
import type { Clusters } from '../../clusters/io/index.ts';
import { less, localityFacts, nothing, observedFact, observedFacts, plus } from '../assemble.ts';
import type { Resources } from '../placement.ts';

const amounts = z.record(z.string(), z.union([z.string(), z.number()])).default({});
const node = z.object({
  metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
  spec: z.object({ unschedulable: z.boolean().default(false) }).default({ unschedulable: false }),
  status: z.object({ allocatable: amounts }),
});
const container = z.object({ resources: z.object({ requests: amounts }).optional() });
const pod = z.object({
  spec: z.object({ nodeName: z.string().optional(), containers: z.array(container) }),
  status: z.object({ phase: z.string().optional() }).optional(),
});

/** Liqo's virtual nodes stand for providers: they are not the home cluster's own. */
const isOwn = ({ metadata: { labels } }: z.infer<typeof node>): boolean => labels['liqo.io/type'] !== 'virtual-node';

export async function observeHome(
  clusters: Clusters,
  owner: string,
  cluster: Cluster,
): Promise<{ readonly name: string; readonly free: Resources; readonly facts: readonly Fact[] }> {
  const kube = await clusters.kube(owner, cluster.name);
  const [nodeObjects, podObjects] = await Promise.all([kube.list({ apiVersion: 'v1', kind: 'Node' }), kube.list({ apiVersion: 'v1', kind: 'Pod' })]);
  const nodes = z
    .array(node)
    .parse(nodeObjects)
    .filter(isOwn)
    .filter(({ spec }) => !spec.unschedulable);
  const names = new Set(nodes.map(({ metadata }) => metadata.name));
  const pods = z
    .array(pod)
    .parse(podObjects)
    .filter(({ spec, status }) => names.has(spec.nodeName ?? '') && status?.phase !== 'Succeeded' && status?.phase !== 'Failed');
  const whole = nodes.map(({ status }) => readAmount(status.allocatable)).reduce(plus, nothing);
  const asked = pods
    .map(({ spec }) => ({ ...spec.containers.map(({ resources }) => readAmount(resources?.requests ?? {})).reduce(plus, nothing), pods: 1 }))
    .reduce(plus, nothing);
  const regions = nodes.flatMap(({ metadata }) => metadata.labels['topology.kubernetes.io/region'] ?? []);
  const architectures = new Set(nodes.flatMap(({ metadata }) => metadata.labels['kubernetes.io/arch'] ?? []));
  return {
    name: cluster.name,
    free: less(whole, asked),
    facts: [...observedFacts(cluster), ...localityFacts(cluster.name, regions), ...[...architectures].map((arch) => observedFact(cluster.name, 'arch', arch))],
  };
}
