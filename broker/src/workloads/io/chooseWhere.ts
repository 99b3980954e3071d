// Where a deployment runs: what is asked of the decision, and what it says.
import type { PlanOutcome } from '../../operations/index.ts';
import { explain, parseCriteria, parsePolicy, parsePreference, type Placement, type PlacementRequest } from '../../placement/index.ts';
import type { Application } from '../application.ts';
import { remoteClusterKey } from '../deployment/affinity.ts';
import { grown, joined, shrunk } from '../deployment/grow.ts';
import type { Needs } from '../deployment/needs.ts';
import { unsuitable } from '../deployment/suitable.ts';
import type { KubeManifest } from '../manifest.ts';
import type { Home } from './home.ts';
import { readNodes } from './pods.ts';
import type { DeployRequest } from './request.ts';
import type { Workplace } from './world.ts';

export type Policy = ReturnType<typeof readPolicy>;

export function readPolicy({ policy, where, prefer }: DeployRequest) {
  const read = policy && parsePolicy(policy.text, policy.file);
  return {
    criteria: [...(read?.criteria ?? []), ...parseCriteria(where, read?.criteria)],
    preferences: [...(read?.preferences ?? []), ...prefer.map(parsePreference)],
    kinds: read?.allowKinds ?? [],
    exclude: read?.exclude ?? [],
    providersMin: read?.providersMin ?? 1,
    name: read?.name,
    react: read?.react,
  };
}

type Deciding = {
  readonly owner: string;
  readonly home: Home;
  readonly before: Application | null;
  readonly needs: Needs;
  readonly policy: Policy;
  readonly accepted: { readonly manifests: readonly KubeManifest[] };
};
type Decided = { readonly kind: 'decided'; readonly placement: Placement; readonly asked: PlacementRequest };

export async function choose(work: Workplace, request: DeployRequest, deciding: Deciding): Promise<Decided | Extract<PlanOutcome, { kind: 'refused' }>> {
  const { owner, before, needs } = deciding;
  const asked = await requestOf(request, deciding);
  if (asked.kind === 'refused') return asked;
  const added = before === null ? asked.placed : grown(asked.placed, { before, needs, isNamed: request.clusters !== undefined });
  if (before !== null && added === null) {
    const kept = { ...before.request, replicas: needs.replicas, each: needs.each };
    return { kind: 'decided', placement: shrunk(before.placement, needs.replicas), asked: saysWhere(request) ? asked.placed : kept };
  }
  const placement = await work.decide(owner, added ?? asked.placed);
  if (placement.chosen === null) {
    const reasons = [...asked.unfit, ...explain(placement)].map((message) => ({ message }));
    return {
      kind: 'refused',
      reasons: [
        { message: `${request.name} can run nowhere: nothing was changed.`, fix: 'Ask less, or federate with another provider: hanse offers --explain.' },
        ...reasons,
      ],
    };
  }
  return { kind: 'decided', placement: before ? joined(before.placement, placement) : placement, asked: asked.placed };
}

/** What the decision is asked: among clusters that are federated and that the pods' own requirements leave. */
async function requestOf(
  request: DeployRequest,
  { home, needs, policy, accepted, before }: Deciding,
): Promise<{ kind: 'asked'; placed: PlacementRequest; unfit: string[] } | Extract<PlanOutcome, { kind: 'refused' }>> {
  const nodes = await readNodes(home.kube);
  const ready = home.peerings.filter(({ state }) => state === 'ready');
  const wanted = request.clusters?.toSorted() ?? (before && !saysWhere(request) ? before.clusters : ready.map(({ provider }) => provider));
  const unfederated = wanted.filter((cluster) => cluster !== home.cluster.name && !ready.some(({ provider }) => provider === cluster));
  if (unfederated.length > 0)
    return {
      kind: 'refused',
      reasons: unfederated.map((cluster) => ({
        message: `${cluster} is not federated with ${home.cluster.name}.`,
        fix: `Federate first: hanse federate ${cluster}.`,
      })),
    };
  if (wanted.length === 0)
    return {
      kind: 'refused',
      reasons: [
        {
          message: `No provider is federated with ${home.cluster.name}.`,
          fix: 'Federate first: hanse federate --where …, or name the home cluster: --clusters.',
        },
      ],
    };
  const against = unsuitable(
    accepted.manifests,
    wanted.map((cluster) => ({
      cluster,
      nodes: nodes.filter(({ labels }) => labels[remoteClusterKey] === ready.find(({ provider }) => provider === cluster)?.providerClusterId),
    })),
  );
  const unfit = against.map(({ cluster, why }) => `${cluster}: ${why}.`);
  const among = wanted.filter((cluster) => !against.some((one) => one.cluster === cluster));
  if (among.length === 0 || (request.clusters !== undefined && unfit.length > 0))
    return {
      kind: 'refused',
      reasons: [
        {
          message: `The pods of ${request.name} ask for nodes that ${among.length === 0 ? 'no cluster' : 'not every named cluster'} has; nothing was changed.`,
        },
        ...unfit.map((message) => ({ message })),
      ],
    };
  const providersMin = request.spread ?? (request.clusters === undefined ? policy.providersMin : Math.min(request.clusters.length, needs.replicas));
  const placed = {
    subject: request.name,
    replicas: needs.replicas,
    each: needs.each,
    criteria: policy.criteria,
    preferences: policy.preferences,
    providersMin,
    among,
    exclude: policy.exclude,
  };
  return { kind: 'asked', placed, unfit };
}

export const saysWhere = ({ where, prefer, policy, clusters, spread }: DeployRequest): boolean =>
  where.length > 0 || prefer.length > 0 || policy !== undefined || clusters !== undefined || spread !== undefined;
