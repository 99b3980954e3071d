// What of a consumer runs at our cluster: pods in the namespaces that Liqo made for it.
import { z } from 'zod';
import { readAmount } from '../../clusters/index.ts';
import type { Kube } from '../../clusters/io/index.ts';
import type { Running } from '../consumer.ts';

const requests = z.record(z.string(), z.union([z.string(), z.number()])).catch({});
const podShape = z.object({
  spec: z.object({ containers: z.array(z.object({ resources: z.object({ requests }).catch({ requests: {} }) })).catch([]) }).catch({ containers: [] }),
  status: z.object({ phase: z.string().catch('') }).catch({ phase: '' }),
});

/** Liqo labels a namespace that it makes with the cluster it is from; tenant namespaces carry the label too. */
export const readRunning = async (kube: Kube, consumer: string): Promise<{ readonly namespaces: readonly string[]; readonly running: Running }> => {
  const labelled = await kube.list({ apiVersion: 'v1', kind: 'Namespace', labelSelector: `liqo.io/remote-cluster-id=${consumer}` });
  const namespaces = labelled.filter(({ metadata }) => metadata.labels?.['liqo.io/tenant-namespace'] !== 'true').map(({ metadata }) => metadata.name);
  const pods = (await Promise.all(namespaces.map((namespace) => kube.list({ apiVersion: 'v1', kind: 'Pod', namespace })))).flat();
  const going = pods.flatMap((pod) => {
    const { spec, status } = podShape.parse(pod);
    return status.phase === 'Succeeded' || status.phase === 'Failed' ? [] : [spec.containers];
  });
  const asked = going.flat().map(({ resources }) => readAmount(resources.requests));
  const cpuMillis = asked.reduce((sum, one) => sum + one.cpuMillis, 0);
  const memoryBytes = asked.reduce((sum, one) => sum + one.memoryBytes, 0);
  return { namespaces: namespaces.toSorted(), running: { pods: going.length, cpuMillis, memoryBytes } };
};
