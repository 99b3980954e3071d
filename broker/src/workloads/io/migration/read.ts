// Reads from the home cluster what a move is decided from.
import { z } from 'zod';
import type { Kube, KubeObject } from '../../../clusters/io/index.ts';
import type { Application } from '../../application.ts';
import { at, type Fields, fieldsOf, listOf, textOf } from '../../json.ts';
import type { ClaimFacts, Facts, Labels, MovingDeployment, PodAtSource, Selector } from '../../migration/facts.ts';
import type { NodeClusters } from '../pods.ts';

const count = z.number().catch(0);
const labels = z.record(z.string(), z.string()).catch({});
const deploymentSchema = z.looseObject({
  spec: z.looseObject({
    replicas: z.number().catch(1),
    paused: z.boolean().catch(false),
    strategy: z.looseObject({ type: z.enum(['RollingUpdate', 'Recreate']).catch('RollingUpdate') }).catch({ type: 'RollingUpdate' }),
    template: z.looseObject({ metadata: z.looseObject({ labels }).catch({ labels: {} }), spec: z.record(z.string(), z.unknown()) }),
  }),
  status: z
    .looseObject({ observedGeneration: count, replicas: count, updatedReplicas: count, readyReplicas: count, availableReplicas: count })
    .catch({ observedGeneration: 0, replicas: 0, updatedReplicas: 0, readyReplicas: 0, availableReplicas: 0 }),
});

export function deploymentFacts(object: KubeObject): MovingDeployment & { readonly isAvailable: boolean } {
  const { spec, status } = deploymentSchema.parse(object);
  const { name, uid = '', generation = 0 } = object.metadata;
  const isSettled =
    status.observedGeneration >= generation &&
    status.updatedReplicas === spec.replicas &&
    status.replicas === spec.replicas &&
    status.readyReplicas === spec.replicas;
  return {
    name,
    uid,
    replicas: spec.replicas,
    strategy: spec.strategy.type,
    isPaused: spec.paused,
    isSettled,
    isAvailable: isSettled && status.availableReplicas === spec.replicas,
    labels: spec.template.metadata.labels,
    spec: spec.template.spec,
  };
}

const podSchema = z.looseObject({
  spec: z.looseObject({ nodeName: z.string().nullish() }),
  status: z.looseObject({ phase: z.string().nullish(), conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).nullish() }).nullish(),
});

export function podAtSource(object: KubeObject, clusters: NodeClusters): PodAtSource & { readonly isReady: boolean } {
  const { spec, status } = podSchema.parse(object);
  const owner = object.metadata.ownerReferences?.find(({ controller }) => controller === true);
  return {
    name: object.metadata.name,
    uid: object.metadata.uid ?? '',
    cluster: typeof spec.nodeName === 'string' ? (clusters.get(spec.nodeName) ?? `node ${spec.nodeName}`) : null,
    phase: status?.phase ?? 'Unknown',
    labels: object.metadata.labels ?? {},
    owner: owner ? { kind: owner.kind, name: owner.name } : null,
    isReady:
      object.metadata.deletionTimestamp === undefined && (status?.conditions ?? []).some(({ type, status: value }) => type === 'Ready' && value === 'True'),
  };
}

/** `namespace` absent: of every namespace. */
export async function readClaimFacts(kube: Kube, clusters: NodeClusters, namespace?: string): Promise<ClaimFacts[]> {
  const claims = await kube.list({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...(namespace === undefined ? {} : { namespace }) });
  return claims.map((object) => {
    const node = object.metadata.annotations?.['volume.kubernetes.io/selected-node'];
    return {
      namespace: object.metadata.namespace ?? '',
      name: object.metadata.name,
      size: textOf(at(object, ['spec', 'resources', 'requests', 'storage'])) ?? 'unknown size',
      cluster: node === undefined ? null : (clusters.get(node) ?? node),
      isBound: textOf(at(object, ['spec', 'volumeName'])) !== undefined,
    };
  });
}

const texts = (value: unknown): Labels =>
  Object.fromEntries(Object.entries(fieldsOf(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));

export async function readServices(kube: Kube, namespace: string): Promise<Selector[]> {
  const services = await kube.list({ apiVersion: 'v1', kind: 'Service', namespace });
  return services.map((object) => ({ name: object.metadata.name, selector: texts(at(object, ['spec', 'selector'])) }));
}

export async function readPolicyKeys(kube: Kube, namespace: string): Promise<string[]> {
  const policies = await kube.list({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespace });
  return [...new Set(policies.flatMap((policy) => selectorKeys(policy['spec'])))].sort();
}

/** Keys of every label selector anywhere in it. */
function selectorKeys(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(selectorKeys);
  return Object.entries(fieldsOf(value)).flatMap(([key, inner]) => {
    if (key === 'matchLabels') return Object.keys(fieldsOf(inner));
    if (key === 'matchExpressions') return listOf(inner).flatMap((expression) => textOf(fieldsOf(expression)['key']) ?? []);
    return selectorKeys(inner);
  });
}

export async function readFacts(kube: Kube, application: Application, nodes: NodeClusters): Promise<Facts> {
  const { name, namespace, home, clusters } = application;
  const all = (apiVersion: string, kind: string): Promise<KubeObject[]> => kube.list({ apiVersion, kind, namespace });
  const [deployments, sets, crons, jobs, pods, scalers] = await Promise.all([
    all('apps/v1', 'Deployment'),
    all('apps/v1', 'StatefulSet'),
    all('batch/v1', 'CronJob'),
    all('batch/v1', 'Job'),
    all('v1', 'Pod'),
    all('autoscaling/v2', 'HorizontalPodAutoscaler'),
  ]);
  const [claims, services, policyKeys] = await Promise.all([
    readClaimFacts(kube, nodes, namespace),
    readServices(kube, namespace),
    readPolicyKeys(kube, namespace),
  ]);
  const running = jobs.filter((job) => !listOf(at(job, ['status', 'conditions'])).some((condition) => isEnd(fieldsOf(condition))));
  return {
    application: name,
    namespace,
    home,
    clusters,
    deployments: deployments.map(deploymentFacts),
    others: [...sets, ...crons, ...running].map(({ kind, metadata }) => ({ kind, name: metadata.name })),
    pods: pods.map((pod) => podAtSource(pod, nodes)),
    claims,
    services,
    policyKeys,
    scaled: scalers.flatMap((scaler) =>
      at(scaler, ['spec', 'scaleTargetRef', 'kind']) === 'Deployment' ? (textOf(at(scaler, ['spec', 'scaleTargetRef', 'name'])) ?? []) : [],
    ),
  };
}

const isEnd = (condition: Fields): boolean => (condition['type'] === 'Complete' || condition['type'] === 'Failed') && condition['status'] === 'True';
