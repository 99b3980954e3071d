// The verb leave: end a peering so that nothing is left, refuse while something runs there.
import { z } from 'zod';
import { HanseError } from '../../errors.ts';
import type { Cluster } from '../../clusters/cluster.ts';
import type { Plan, PlanOutcome, Refusal } from '../../operations/plan.ts';
import type { Performers, Verb } from '../../operations/io/performer.ts';
import { leavePlan } from '../makeLeavePlan.ts';
import type { HomeObserved, Observed } from '../observed.ts';
import type { Peering } from '../peering.ts';
import { anyTunnel } from '../tunnelChanges.ts';
import { inUse } from '../use.ts';
import { peeringsOf } from './federate.ts';
import { lookAt, lookHome } from './look.ts';
import type { FederationDeps } from './ports.ts';

export const leaveRequest = z.strictObject({
  provider: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'a cluster name: lower case letters, digits and hyphens'),
  home: z.string().max(63).optional(),
  /** Move everything of ours off it first. */
  evacuate: z.boolean().default(false),
  /** The provider is gone for good: clear the home side and report what may be left there. */
  force: z.boolean().default(false),
});

export type LeaveRequest = z.output<typeof leaveRequest>;

const unknownSize: Peering['resources'] = { cpuMillis: 0, memoryBytes: 0, pods: 0, gpus: 0 };

const anythingThere = (home: HomeObserved, provider: Observed['provider'] | null): boolean =>
  home.namespaces.length > 0 ||
  home.slices.length > 0 ||
  home.virtualNodes.length > 0 ||
  home.identity !== null ||
  home.foreignCluster !== null ||
  anyTunnel(home.tunnel) ||
  (provider !== null &&
    (provider.tenant !== null ||
      provider.nonce !== null ||
      provider.foreignCluster !== null ||
      anyTunnel(provider.tunnel) ||
      provider.namespace?.labels['hanse.dev/made-for'] === 'peering'));

type Seen = { readonly peering: Peering; readonly home: HomeObserved; readonly provider: Observed['provider'] | null };

const unreachable = (error: unknown): boolean => error instanceof HanseError && (error.code === 'CLUSTER_UNREACHABLE' || error.code === 'TIMED_OUT');

/** With force the provider has to be silent: one that answers is left properly. */
const seen = async (deps: FederationDeps, owner: string, home: Cluster, provider: Cluster, force: boolean): Promise<Seen | Refusal> => {
  try {
    const { peering, observed } = await lookAt(deps, owner, home, provider, unknownSize);
    if (force) return { message: `${provider.name} answers, so it can be left properly.`, fix: 'Leave without --force.' };
    return { peering, ...observed };
  } catch (error) {
    if (!unreachable(error)) throw error;
    if (!force)
      throw new HanseError('CLUSTER_UNREACHABLE', `${provider.name} does not answer, so it cannot be left properly`, {
        fix: 'Try again when it answers; if it is gone for good, leave with --force.',
        cause: error,
      });
  }
  const recorded = await deps.peerings.find(owner, provider.name);
  if (recorded === null) return { message: `Nothing is recorded of a peering with ${provider.name}.` };
  return { peering: recorded, home: await (await lookHome(deps, owner, recorded)).observe(), provider: null };
};

const evacuation = async (deps: FederationDeps, owner: string, { provider, evacuate }: LeaveRequest): Promise<Pick<Plan, 'steps' | 'madeFrom'>> =>
  evacuate && deps.evacuation !== undefined ? await deps.evacuation.plan(owner, provider) : { steps: [], madeFrom: {} };

const planned = async (deps: FederationDeps, owner: string, request: LeaveRequest): Promise<PlanOutcome> => {
  const [home, provider] = await Promise.all([deps.clusters.home(owner, request.home), deps.clusters.find(owner, request.provider)]);
  const found = await seen(deps, owner, home, provider, request.force);
  if ('message' in found) return { kind: 'refused', reasons: [found] };
  const recorded = await deps.peerings.find(owner, provider.name);
  if (recorded === null && !anythingThere(found.home, found.provider))
    return { kind: 'nothing', reason: `${home.name} is not federated with ${provider.name}.` };
  const peering: Peering = { ...found.peering, resources: recorded?.resources ?? found.home.slices[0]?.asked ?? unknownSize, state: 'leaving' };
  const use = await (await lookHome(deps, owner, peering)).use();
  const reasons = inUse(provider.name, await deps.usersOf(owner, provider.name), use);
  const { steps, madeFrom: evacuatedFrom } = await evacuation(deps, owner, request);
  // claims are never evacuated: until volumes can be moved they keep the provider
  const standing = steps.length > 0 ? inUse(provider.name, [], { ...use, pods: [], namespaces: [] }) : reasons;
  if (!request.force && standing.length > 0) return { kind: 'refused', reasons: standing };
  const bidirectional = found.home.foreignCluster?.role === 'ConsumerAndProvider';
  const madeFrom = { ...evacuatedFrom, clusters: [home, provider].map(({ name, uid }) => ({ name, uid })) };
  return {
    kind: 'plan',
    plan: leavePlan(
      { peering, force: request.force, bidirectional, evacuation: steps, ...(recorded === null ? {} : { was: recorded.state }) },
      madeFrom,
      request.force ? reasons.map(({ message }) => message) : [],
    ),
  };
};

export const leaveVerb = (deps: FederationDeps, performers: Performers): Verb<LeaveRequest> => ({
  name: 'leave',
  summary: 'End the peering with a provider and prove that nothing is left.',
  request: leaveRequest,
  plan: (request, { owner }) => planned(deps, owner, request),
  performers,
  async stillValid(plan, { owner }) {
    const reasons = await Promise.all(
      peeringsOf(plan).map(async (peering) => {
        const { tunnel } = await (await lookHome(deps, owner, peering)).observe();
        return peering.tunnel === undefined && anyTunnel(tunnel) ? [`A tunnel to ${peering.provider} has been made since.`] : [];
      }),
    );
    const moves = plan.madeFrom['moves'] === undefined ? undefined : await deps.evacuation?.stillValid(owner, plan);
    const all = [...reasons.flat(), ...(moves?.valid === false ? moves.reasons : [])];
    return all.length === 0 ? { valid: true } : { valid: false, reasons: all };
  },
});
