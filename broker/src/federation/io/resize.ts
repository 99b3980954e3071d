// The verb resize: another amount of a provider's capacity, without touching what runs there.
import { z } from 'zod';
import type { PlanOutcome, Refusal } from '../../operations/plan.ts';
import type { Performers, Verb } from '../../operations/io/performer.ts';
import { answerOf } from '../grant.ts';
import { resizePlan } from '../makePlan.ts';
import { resourcesSchema } from '../peeringRecord.ts';
import { exceeds, resourcesInWords, sameResources } from '../quantity.ts';
import { peeringsOf } from './federate.ts';
import { lookAgain } from './look.ts';
import type { FederationDeps } from './ports.ts';

export const resizeRequest = z.strictObject({
  provider: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'a cluster name: lower case letters, digits and hyphens'),
  resources: resourcesSchema.refine(({ cpuMillis, memoryBytes, pods }) => cpuMillis > 0 && memoryBytes > 0 && pods > 0, {
    message: 'CPU, memory and pods have to be more than nothing; leave the provider instead',
  }),
});

export type ResizeRequest = z.output<typeof resizeRequest>;

const planned = async (deps: FederationDeps, owner: string, { provider, resources }: ResizeRequest): Promise<PlanOutcome> => {
  const recorded = await deps.peerings.find(owner, provider);
  if (recorded?.state !== 'ready') return { kind: 'refused', reasons: [{ message: `${provider} is not federated.`, fix: `Run hanse federate ${provider}.` }] };
  const { observed, home } = await lookAgain(deps, owner, recorded);
  const slice = observed.home.slices.find(({ name }) => name === recorded.virtualNode);
  if (slice === undefined)
    return { kind: 'refused', reasons: [{ message: `The slice ${recorded.virtualNode} is not there any more.`, fix: `Run hanse federate ${provider}.` }] };
  if (sameResources(slice.asked, resources) && sameResources(recorded.resources, resources))
    return { kind: 'nothing', reason: `${provider} lends ${resourcesInWords(resources)} already.` };
  const refusals: Refusal[] = [];
  const answer = answerOf(provider, observed.provider.grant, resources);
  if (answer.kind === 'refused') refusals.push({ message: answer.why });
  const over = exceeds((await home.use()).requested, resources);
  if (over.length > 0) refusals.push({ message: `What runs at ${provider} needs more: ${over.join('; ')}.`, fix: 'Move some of it first, or keep more.' });
  if (refusals.length > 0) return { kind: 'refused', reasons: refusals };
  return { kind: 'plan', plan: resizePlan({ ...recorded, resources: slice.asked }, resources, { asked: { ...slice.asked } }) };
};

export const resizeVerb = (deps: FederationDeps, performers: Performers): Verb<ResizeRequest> => ({
  name: 'resize',
  summary: 'Borrow more or less of a provider.',
  request: resizeRequest,
  plan: (request, { owner }) => planned(deps, owner, request),
  performers,
  async stillValid(plan, { owner }) {
    const reasons = await Promise.all(
      peeringsOf(plan).map(async (peering) => {
        const { home } = await lookAgain(deps, owner, peering);
        return exceeds((await home.use()).requested, peering.resources);
      }),
    );
    const all = reasons.flat();
    return all.length === 0 ? { valid: true } : { valid: false, reasons: all };
  },
});
