// Waiting until every replica is ready, telling at which cluster which pod waits for what.
import { z } from 'zod';
import type { Kube, KubeObject } from '../../clusters/io/index.ts';
import { HanseError } from '../../errors.ts';
import type { Application } from '../application.ts';
import { groupKind } from '../deployment/podTemplate.ts';
import { isLiving, type PodFacts, type WorkloadFacts } from '../status.ts';
import { objectOf, refOf } from './objects.ts';
import { type NodeClusters, podFacts, readPods } from './pods.ts';

const number = z.number().catch(0);
const schema = z.looseObject({
  metadata: z.looseObject({ generation: number }),
  spec: z.looseObject({ replicas: z.number().catch(1), parallelism: z.number().nullish() }),
  status: z
    .looseObject({
      observedGeneration: number,
      replicas: number,
      updatedReplicas: number,
      readyReplicas: number,
      availableReplicas: number,
      ready: number,
      succeeded: number,
      currentRevision: z.string().nullish(),
      updateRevision: z.string().nullish(),
    })
    .catch({ observedGeneration: 0, replicas: 0, updatedReplicas: 0, readyReplicas: 0, availableReplicas: 0, ready: 0, succeeded: 0 }),
});

const reviews: Readonly<Record<string, (object: z.infer<typeof schema>) => WorkloadFacts & { settled: boolean }>> = {
  'apps/Deployment': ({ metadata, spec, status }) => ({
    ...facts(spec.replicas, status.readyReplicas, status.updatedReplicas),
    settled:
      status.observedGeneration >= metadata.generation &&
      status.updatedReplicas === spec.replicas &&
      status.availableReplicas === spec.replicas &&
      status.replicas === spec.replicas,
  }),
  'apps/StatefulSet': ({ metadata, spec, status }) => ({
    ...facts(spec.replicas, status.readyReplicas, status.updatedReplicas),
    settled:
      status.observedGeneration >= metadata.generation &&
      status.readyReplicas === spec.replicas &&
      (status.updateRevision === status.currentRevision || status.updatedReplicas === spec.replicas),
  }),
  // A Job that ended well has nothing to wait for; one that runs is as deployed as it can be.
  'batch/Job': ({ spec, status }) => {
    const wanted = spec.parallelism ?? 1;
    return { ...facts(wanted, status.ready + status.succeeded, wanted), settled: status.ready + status.succeeded >= Math.min(wanted, 1) };
  },
};

const facts = (wanted: number, ready: number, updated: number) => ({ kind: '', name: '', wanted, ready, updated });

/** null: the kind has no replicas to wait for. */
export function reviewWorkload(object: KubeObject): (WorkloadFacts & { readonly settled: boolean }) | null {
  const review = reviews[groupKind(object)];
  return review ? { ...review(schema.parse(object)), kind: object.kind, name: object.metadata.name } : null;
}

export type Rollout = {
  readonly application: Application;
  readonly nodes: NodeClusters;
  readonly timeoutSeconds: number;
  progress(message: string, fraction?: number): void;
};

/** TIMED_OUT tells of every pod that is not ready where it is and what it waits for. */
export async function untilRolledOut(kube: Kube, { application, nodes, timeoutSeconds, progress }: Rollout): Promise<void> {
  const workloads = application.manifests.filter((manifest) => Object.hasOwn(reviews, groupKind(manifest))).map((manifest) => refOf(objectOf(manifest)));
  const stop = new AbortController();
  const told = tell(kube, application, { nodes, progress, signal: stop.signal });
  try {
    await Promise.all(
      workloads.map((ref) =>
        kube.until(ref, (object) => object !== null && reviewWorkload(object)?.settled === true, {
          what: `${ref.kind} ${ref.name} to have every replica ready`,
          timeoutSeconds,
        }),
      ),
    );
  } catch (error) {
    if (!(error instanceof HanseError) || error.code !== 'TIMED_OUT') throw error;
    const pods = await readPods(kube, application.namespace, nodes);
    throw new HanseError('TIMED_OUT', `${application.name} did not become ready within ${timeoutSeconds} s. ${waitingText(pods)}`, {
      cause: error,
      fix: 'Mend what the pods wait for, and deploy again.',
    });
  } finally {
    stop.abort();
    await told;
  }
}

type Telling = { readonly nodes: NodeClusters; readonly signal: AbortSignal; progress(message: string, fraction?: number): void };

/** Progress is a courtesy: when the watch fails, the wait goes on without it. */
async function tell(kube: Kube, { namespace, clusters }: Application, { nodes, signal, progress }: Telling): Promise<void> {
  const pods = new Map<string, PodFacts>();
  let last = '';
  try {
    for await (const { type, object } of kube.watch({ apiVersion: 'v1', kind: 'Pod', namespace }, { signal })) {
      if (type === 'DELETED') pods.delete(object.metadata.name);
      else pods.set(object.metadata.name, podFacts(object, nodes));
      const line = progressText([...pods.values()], clusters);
      if (line !== last) progress(line, fractionOf([...pods.values()]));
      last = line;
    }
  } catch {
    // the wait itself reports what is wrong with the cluster
  }
}

const fractionOf = (pods: readonly PodFacts[]): number => {
  const living = pods.filter(isLiving);
  return living.length === 0 ? 0 : living.filter(({ isReady }) => isReady).length / living.length;
};

/** `pc 2 of 3 ready, pd 1 of 3 ready; web-5d7 (pd) waits for ErrImagePull: …`. */
export function progressText(pods: readonly PodFacts[], clusters: readonly string[]): string {
  const living = pods.filter(isLiving);
  const counts = clusters.map((cluster) => {
    const there = living.filter((pod) => pod.cluster === cluster);
    return `${cluster} ${there.filter(({ isReady }) => isReady).length} of ${there.length} ready`;
  });
  const first = living.find(({ waitsFor }) => waitsFor !== null);
  return `${counts.join(', ')}${first ? `; ${podText(first)}` : ''}`;
}

const podText = ({ name, cluster, waitsFor }: PodFacts): string => `${name} (${cluster ?? 'not placed'}) waits: ${waitsFor ?? 'nothing'}`;

export function waitingText(pods: readonly PodFacts[]): string {
  const waiting = pods.filter((pod) => isLiving(pod) && pod.waitsFor !== null);
  const shown = waiting.slice(0, 5).map(podText).join('; ');
  return waiting.length === 0
    ? 'No pod was made at all.'
    : `${waiting.length} ${waiting.length === 1 ? 'pod is' : 'pods are'} not ready: ${shown}${waiting.length > 5 ? '; …' : ''}.`;
}
