// How an application is doing, as a value, and where the world differs from what was decided.
import type { Application } from './application.ts';
import { titleOf } from './deployment/makePlan.ts';

export type PodFacts = {
  readonly name: string;
  readonly uid: string;
  /** Our name of the cluster; null: not scheduled yet. */
  readonly cluster: string | null;
  /** Pending, Running, Succeeded, Failed, Unknown. */
  readonly phase: string;
  readonly isReady: boolean;
  readonly isEnding: boolean;
  readonly restarts: number;
  /** null: for nothing. */
  readonly waitsFor: string | null;
};

export type WorkloadFacts = { readonly kind: string; readonly name: string; readonly wanted: number; readonly ready: number; readonly updated: number };
export type EndpointFacts = { readonly service: string; readonly ready: number; readonly addresses: readonly string[] };

export type Observed = {
  readonly pods: readonly PodFacts[];
  readonly workloads: readonly WorkloadFacts[];
  readonly endpoints: readonly EndpointFacts[];
  /** Names of the clusters that the namespace is open to; null: there is no offloading. */
  readonly openTo: readonly string[] | null;
  /** Objects of the record that are not at the home cluster. */
  readonly missing: readonly string[];
  /** Secrets that Liqo reflects although no pod refers to them. */
  readonly strayedSecrets: readonly string[];
};

export type ApplicationStatus = {
  readonly name: string;
  readonly state: Application['state'];
  readonly home: string;
  readonly namespace: string;
  readonly placement: readonly { readonly cluster: string; readonly planned: number; readonly pods: number; readonly ready: number }[];
  readonly workloads: readonly WorkloadFacts[];
  readonly endpoints: readonly EndpointFacts[];
  readonly pods: readonly PodFacts[];
  /** Sentences; empty: the world is as decided. */
  readonly drift: readonly string[];
};

export function statusOf(application: Application, observed: Observed): ApplicationStatus {
  const { name, state, home, namespace, clusters, placement } = application;
  const planned = new Map((placement.chosen ?? []).map(({ cluster, replicas }) => [cluster, replicas]));
  const living = observed.pods.filter(isLiving);
  const seen = living.flatMap(({ cluster }) => cluster ?? []);
  const names = [...new Set([...clusters, ...seen])].sort();
  return {
    name,
    state,
    home,
    namespace,
    placement: names.map((cluster) => {
      const there = living.filter((pod) => pod.cluster === cluster);
      return { cluster, planned: planned.get(cluster) ?? 0, pods: there.length, ready: there.filter(({ isReady }) => isReady).length };
    }),
    workloads: observed.workloads,
    endpoints: observed.endpoints,
    pods: observed.pods,
    drift: driftOf(application, observed),
  };
}

/** Neither ended nor ending. */
export const isLiving = ({ phase, isEnding }: PodFacts): boolean => !isEnding && phase !== 'Succeeded' && phase !== 'Failed';

/** Pods at a cluster that was not chosen: there must never be one. */
export const astray = (pods: readonly PodFacts[], clusters: readonly string[]): readonly PodFacts[] =>
  pods.filter((pod) => isLiving(pod) && pod.cluster !== null && !clusters.includes(pod.cluster));

function driftOf(application: Application, { pods, workloads, openTo, missing, strayedSecrets }: Observed): string[] {
  const { clusters, home, manifests, state } = application;
  const remote = clusters.filter((cluster) => cluster !== home);
  const extra = (openTo ?? []).filter((cluster) => !remote.includes(cluster));
  const closed = remote.filter((cluster) => !(openTo ?? []).includes(cluster));
  return [
    ...astray(pods, clusters).map(({ name, cluster }) => `Pod ${name} is at ${cluster}, which was not chosen.`),
    ...(extra.length > 0 && state !== 'migrating'
      ? [`The namespace is open to ${extra.join(', ')}, which ${extra.length === 1 ? 'was' : 'were'} not chosen.`]
      : []),
    ...(closed.length > 0 ? [`The namespace is not open to ${closed.join(', ')}.`] : []),
    ...missing.map((object) => `${object} is not at ${home} any more.`),
    ...manifests
      .map((manifest) => ({ title: titleOf(manifest), found: workloads.find(({ kind, name }) => kind === manifest.kind && name === manifest.metadata.name) }))
      .flatMap(({ title, found }) => (found && found.ready < found.wanted ? [`${title} has ${found.ready} of ${found.wanted} replicas ready.`] : [])),
    ...strayedSecrets.map((name) => `Secret ${name} goes to ${remote.join(', ')} although no pod refers to it.`),
  ];
}
