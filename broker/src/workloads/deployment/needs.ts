// How many replicas an application has and what one of them needs, as the placement asks it.
import { readQuantity } from '../../clusters/quantity.ts';
import type { Resources } from '../../placement/index.ts';
import { at } from '../json.ts';
import type { KubeManifest } from '../manifest.ts';
import { type Container, groupKind, type PodSpec, readPods } from './podTemplate.ts';

/** Assumed for a container that requests nothing: enough for a small service, and small enough not to exclude edge sites. */
export const assumed = { cpuMillis: 100, memoryBytes: 128 * 2 ** 20 } as const;

export type Workload = {
  readonly kind: string;
  readonly name: string;
  readonly replicas: number;
  readonly each: Resources;
  readonly assumed: readonly string[];
};

export type Needs = {
  readonly workloads: readonly Workload[];
  readonly replicas: number;
  /** Of the largest replica, so that whatever lands anywhere fits. */
  readonly each: Resources;
  /** Sentences about what had to be assumed. */
  readonly assumptions: readonly string[];
};

export function needsOf(manifests: readonly KubeManifest[]): Needs {
  const workloads = manifests.flatMap((manifest) => workloadOf(manifest, manifests));
  const largest = (field: keyof Resources): number => workloads.reduce((most, { each }) => Math.max(most, each[field]), 0);
  return {
    workloads,
    replicas: workloads.reduce((sum, { replicas }) => sum + replicas, 0),
    each: { cpuMillis: largest('cpuMillis'), memoryBytes: largest('memoryBytes'), pods: workloads.length > 0 ? 1 : 0, gpus: largest('gpus') },
    assumptions: workloads.flatMap((workload) => workload.assumed),
  };
}

function workloadOf(manifest: KubeManifest, manifests: readonly KubeManifest[]): Workload[] {
  const reading = readPods(manifest);
  if (reading.kind !== 'pods') return [];
  const { each, missing } = needsOfPod(reading.spec);
  const name = `${manifest.kind} ${manifest.metadata.name}`;
  const assumptions = missing.map(
    (container) =>
      `${name}: container ${container} requests no CPU or memory; ${assumed.cpuMillis / 1000} CPU and ${assumed.memoryBytes / 2 ** 20} MiB are assumed where it says nothing.`,
  );
  return [{ kind: manifest.kind, name: manifest.metadata.name, replicas: replicasOf(manifest, manifests), each, assumed: assumptions }];
}

function replicasOf(manifest: KubeManifest, manifests: readonly KubeManifest[]): number {
  const key = groupKind(manifest);
  const count = (path: readonly string[], otherwise: number): number => {
    const value = at(manifest, path);
    return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : otherwise;
  };
  if (key === 'batch/Job') return count(['spec', 'parallelism'], 1);
  if (key === 'batch/CronJob') return count(['spec', 'jobTemplate', 'spec', 'parallelism'], 1);
  const scaler = manifests.find(
    (other) =>
      groupKind(other) === 'autoscaling/HorizontalPodAutoscaler' &&
      at(other, ['spec', 'scaleTargetRef', 'kind']) === manifest.kind &&
      at(other, ['spec', 'scaleTargetRef', 'name']) === manifest.metadata.name,
  );
  const most = at(scaler, ['spec', 'maxReplicas']);
  return typeof most === 'number' ? most : count(['spec', 'replicas'], 1);
}

/** The larger of what the containers need together and what the hungriest init container needs, sidecars on both sides, as the scheduler counts. */
function needsOfPod(spec: PodSpec): { each: Resources; missing: string[] } {
  const sidecars = spec.initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const inits = spec.initContainers.filter(({ restartPolicy }) => restartPolicy !== 'Always');
  const running = [...spec.containers, ...sidecars].map(requestsOf);
  const total = (field: 'cpuMillis' | 'memoryBytes' | 'gpus'): number => {
    const beside = sidecars.map(requestsOf).reduce((sum, needs) => sum + needs[field], 0);
    const starting = inits.map(requestsOf).reduce((most, needs) => Math.max(most, needs[field] + beside), 0);
    return Math.max(
      running.reduce((sum, needs) => sum + needs[field], 0),
      starting,
    );
  };
  const overhead = { cpuMillis: readQuantity(spec.overhead?.['cpu'] ?? '0', 1000) ?? 0, memoryBytes: readQuantity(spec.overhead?.['memory'] ?? '0') ?? 0 };
  const missing = [...spec.containers, ...sidecars].filter((container) => requestsOf(container).isAssumed).map(({ name }) => name);
  return {
    each: { cpuMillis: total('cpuMillis') + overhead.cpuMillis, memoryBytes: total('memoryBytes') + overhead.memoryBytes, pods: 1, gpus: total('gpus') },
    missing,
  };
}

type Requests = { readonly cpuMillis: number; readonly memoryBytes: number; readonly gpus: number; readonly isAssumed: boolean };

/** A limit without a request is its request: Kubernetes' own default. */
function requestsOf({ resources }: Container): Requests {
  const asked = { ...resources?.limits, ...resources?.requests };
  const cpu = asked['cpu'] === undefined ? null : readQuantity(asked['cpu'], 1000);
  const memory = asked['memory'] === undefined ? null : readQuantity(asked['memory']);
  // Extended resources of device plug-ins: nvidia.com/gpu, amd.com/gpu.
  const gpus = Object.entries(asked).reduce((sum, [name, amount]) => (name.endsWith('/gpu') ? sum + (readQuantity(amount) ?? 0) : sum), 0);
  return { cpuMillis: cpu ?? assumed.cpuMillis, memoryBytes: memory ?? assumed.memoryBytes, gpus, isAssumed: cpu === null || memory === null };
}
