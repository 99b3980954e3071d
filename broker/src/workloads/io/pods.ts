// Pods and nodes of the home cluster as values.
import { z } from 'zod';
import type { Kube, KubeObject } from '../../clusters/io/index.ts';
import type { Peering } from '../../federation/index.ts';
import { remoteClusterKey } from '../deployment/affinity.ts';
import type { NodeFacts } from '../deployment/nodeMatch.ts';
import type { PodFacts } from '../status.ts';

const condition = z.looseObject({ type: z.string(), status: z.string(), reason: z.string().nullish(), message: z.string().nullish() });
const waiting = z.looseObject({ reason: z.string().nullish(), message: z.string().nullish() });
const containerStatus = z.looseObject({ name: z.string(), restartCount: z.number().catch(0), state: z.looseObject({ waiting: waiting.nullish() }).nullish() });
const pod = z.looseObject({
  spec: z.looseObject({ nodeName: z.string().nullish() }),
  status: z
    .looseObject({
      phase: z.string().nullish(),
      reason: z.string().nullish(),
      podIP: z.string().nullish(),
      conditions: z.array(condition).nullish(),
      containerStatuses: z.array(containerStatus).nullish(),
      initContainerStatuses: z.array(containerStatus).nullish(),
    })
    .nullish(),
});

/** Which cluster a node stands for: by name of the node. */
export type NodeClusters = ReadonlyMap<string, string>;

export async function readNodes(kube: Kube): Promise<NodeFacts[]> {
  const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' });
  return nodes.map(({ metadata }) => ({ name: metadata.name, labels: metadata.labels ?? {} }));
}

export function clustersOfNodes(nodes: readonly NodeFacts[], home: string, peerings: readonly Peering[]): NodeClusters {
  const names = new Map(peerings.map(({ providerClusterId, provider }) => [providerClusterId, provider]));
  return new Map(
    nodes.map(({ name, labels }) => {
      const id = labels[remoteClusterKey];
      return [name, id === undefined ? home : (names.get(id) ?? id)];
    }),
  );
}

export async function readPods(kube: Kube, namespace: string, clusters: NodeClusters): Promise<PodFacts[]> {
  const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace });
  return pods.map((object) => podFacts(object, clusters)).sort((one, other) => (one.name < other.name ? -1 : 1));
}

export function podFacts(object: KubeObject, clusters: NodeClusters): PodFacts {
  const { spec, status } = pod.parse(object);
  const node = spec.nodeName ?? null;
  const isReady = status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
  return {
    name: object.metadata.name,
    uid: object.metadata.uid ?? '',
    cluster: node === null ? null : (clusters.get(node) ?? `node ${node}`),
    phase: status?.phase ?? 'Unknown',
    isReady,
    isEnding: object.metadata.deletionTimestamp !== undefined,
    restarts: statusesOf(status).reduce((sum, { restartCount }) => sum + restartCount, 0),
    waitsFor: isReady ? null : waitsFor(status),
  };
}

type Status = z.infer<typeof pod>['status'];

const statusesOf = (status: Status) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];

function waitsFor(status: Status): string {
  const blocked = statusesOf(status).find(({ state }) => state?.waiting && state.waiting.reason !== 'PodInitializing')?.state?.waiting;
  const unscheduled = status?.conditions?.find(({ type, status: value }) => type === 'PodScheduled' && value === 'False');
  return said(blocked) ?? said(unscheduled) ?? status?.reason ?? (status?.phase === 'Running' ? 'not ready yet' : (status?.phase ?? 'not started yet'));
}

const said = (found: { reason?: string | null | undefined; message?: string | null | undefined } | null | undefined): string | undefined => {
  const text = [found?.reason, found?.message?.split('\n')[0]].filter(Boolean).join(': ');
  return text === '' ? undefined : text.slice(0, 300);
};
