// The verb federate: peer with providers by name or by criteria, until their virtual nodes are Ready at home.
import { z } from 'zod';
import type { Cluster } from '../../clusters/cluster.ts';
import type { JsonObject } from '../../ids.ts';
import type { PlanNote, PlanOutcome, Refusal } from '../../operations/plan.ts';
import type { Performers, Verb } from '../../operations/io/performer.ts';
import { answerOf } from '../grant.ts';
import { type Federating, federatePlan } from '../makePlan.ts';
import type { Peering } from '../peering.ts';
import { peeringSchema, resourcesSchema } from '../peeringRecord.ts';
import { collisions } from '../ranges.ts';
import { seenElsewhere } from '../tunnel.ts';
import { wantedChanges } from '../wantedChanges.ts';
import { join, type Joined } from './join.ts';
import { type Looked, lookAgain, lookAt, rangesOf } from './look.ts';
import type { FederationDeps } from './ports.ts';

const clusterWord = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'a cluster name: lower case letters, digits and hyphens');

export const federateRequest = z
  .strictObject({
    home: clusterWord.optional(),
    providers: z.array(clusterWord).max(50).default([]),
    /** Criteria, as in `hanse offers --where`. */
    where: z.array(z.string().max(500)).max(50).default([]),
    /** Of each slice; absent: what there is, else 4 CPU, 8 GiB, 110 pods, or less where the provider lends less. */
    resources: resourcesSchema.optional(),
  })
  .refine(({ providers, where }) => providers.length > 0 || where.length > 0, { message: 'name providers, or criteria that choose them' });

export type FederateRequest = z.output<typeof federateRequest>;

const usual: Peering['resources'] = { cpuMillis: 4000, memoryBytes: 8 * 2 ** 30, pods: 110, gpus: 0 };

/** Nobody asked for a size: what is lent already, else the usual, else as much as the provider lets go. */
const sized = ({ peering, observed: { home, provider } }: Looked): Peering => {
  const slice = home.slices.find(({ name }) => name === peering.virtualNode);
  if (slice !== undefined) return { ...peering, resources: slice.asked };
  const { cpuMillisMax = usual.cpuMillis, memoryBytesMax = usual.memoryBytes, podsMax = usual.pods } = provider.grant;
  return {
    ...peering,
    resources: {
      cpuMillis: Math.min(usual.cpuMillis, cpuMillisMax),
      memoryBytes: Math.min(usual.memoryBytes, memoryBytesMax),
      pods: Math.min(usual.pods, podsMax),
      gpus: 0,
    },
  };
};

type Considered = { readonly federating: Federating; readonly refusals: readonly Refusal[] };

const consider = async ({ looked, because }: Exclude<Joined, { kind: 'refused' }>, wanted: Peering['resources'] | null): Promise<Considered> => {
  const peering = wanted === null ? sized(looked) : looked.peering;
  const changes = wantedChanges(peering, looked.observed, await looked.home.publicKey(), wanted);
  const answer = answerOf(peering.provider, looked.observed.provider.grant, peering.resources);
  const refusals: Refusal[] = changes.contradictions.map(({ message, fix }) => ({ message, fix }));
  if (answer.kind === 'refused' && changes.missing.length > 0) refusals.push({ message: answer.why, fix: `Ask ${peering.provider}.` });
  return { federating: { peering: { ...peering, authentication: changes.authentication }, changes, ...(because === undefined ? {} : { because }) }, refusals };
};

/** Home, the new providers, and those that are federated already, as far as plain routes lead to their pods; and what home sees through tunnels. */
const rangeRefusals = async (deps: FederationDeps, owner: string, home: Cluster, routed: readonly Cluster[], asked: readonly string[]): Promise<Refusal[]> => {
  const standing = (await deps.peerings.list(owner)).filter((one) => one.home === home.name && !asked.includes(one.provider));
  const known = await deps.clusters.list(owner);
  const others = known.filter(({ name }) => standing.some(({ provider, tunnel }) => provider === name && tunnel === undefined));
  const met = collisions([home, ...routed, ...others].map(rangesOf)).map((message) => ({
    message,
    fix: 'Choose another provider, or have one side use other ranges: only a tunnel that translates addresses could join these.',
  }));
  const ranges = routed.flatMap(({ name, podCidrs }) => podCidrs.map((range) => ({ what: `the pods of ${name}`, range })));
  const seen = standing.flatMap(({ provider, tunnel }) =>
    seenElsewhere(tunnel?.seenAs ?? [], ranges).map((meeting) => ({
      message: `${home.name} sees the pods of ${provider} through its tunnel at addresses that are in use: ${meeting}.`,
      fix: `Leave ${provider}, name the range in ipam.reservedSubnets of Liqo at ${home.name}, and federate both again.`,
    })),
  );
  return [...met, ...seen];
};

type Chosen = { readonly providers: readonly string[]; readonly notes: readonly PlanNote[] };

const chosen = async (deps: FederationDeps, owner: string, { providers, where }: FederateRequest): Promise<Chosen | Refusal> => {
  if (where.length === 0) return { providers: [...new Set(providers)], notes: [] };
  if (deps.choose === undefined) return { message: 'This broker cannot choose by criteria.', fix: 'Name the providers.' };
  const { clusters, placement } = await deps.choose(owner, where);
  if (clusters.length === 0 && providers.length === 0)
    return { message: `No provider satisfies ${where.join(', ')}.`, fix: 'Run hanse offers with the same criteria and --explain.' };
  return {
    providers: [...new Set([...providers, ...clusters])],
    notes: [{ topic: 'choice', text: `Chosen by ${where.join(', ')}: ${clusters.join(', ')}.`, data: placement }],
  };
};

const madeFrom = (home: Cluster, providers: readonly Cluster[], considered: readonly Considered[]): JsonObject => ({
  clusters: [home, ...providers].map(({ name, uid }) => ({ name, uid })),
  missing: Object.fromEntries(considered.map(({ federating: { peering, changes } }) => [peering.provider, [...changes.missing]])),
});

/** What stands according to the records; undefined: nothing does. */
const recordedReady = async (deps: FederationDeps, owner: string, { peering }: Federating): Promise<Peering['resources'] | undefined> => {
  const recorded = await deps.peerings.find(owner, peering.provider);
  return recorded?.state === 'ready' ? recorded.resources : undefined;
};

const planned = async (deps: FederationDeps, owner: string, request: FederateRequest): Promise<PlanOutcome> => {
  const choice = await chosen(deps, owner, request);
  if ('message' in choice) return { kind: 'refused', reasons: [choice] };
  const home = await deps.clusters.home(owner, request.home);
  const providers = await Promise.all(choice.providers.map((name) => deps.clusters.find(owner, name)));
  const consumers = providers
    .filter(({ side }) => side !== 'provider')
    .map(({ name }): Refusal => ({ message: `${name} was added as a consumer, not as a provider.` }));
  if (consumers.length > 0) return { kind: 'refused', reasons: consumers };
  const lans = (await deps.lanPaths?.(owner, home.name, choice.providers)) ?? {};
  const joined = await Promise.all(
    providers.map(async (provider) =>
      join(await lookAt(deps, owner, home, provider, request.resources ?? usual), { home, provider, lan: lans[provider.name] ?? null }),
    ),
  );
  const routed = providers.filter((_, index) => joined[index]?.kind === 'native');
  const met = [...joined.flatMap((one) => (one.kind === 'refused' ? one.reasons : [])), ...(await rangeRefusals(deps, owner, home, routed, choice.providers))];
  if (met.length > 0) return { kind: 'refused', reasons: met };
  const considered = await Promise.all(joined.flatMap((one) => (one.kind === 'refused' ? [] : [consider(one, request.resources ?? null)])));
  const reasons = considered.flatMap(({ refusals }) => refusals);
  if (reasons.length > 0) return { kind: 'refused', reasons };
  const ready = await Promise.all(considered.map(({ federating }) => recordedReady(deps, owner, federating)));
  const open = considered
    .map(({ federating }, index): Federating => ({ ...federating, ...(ready[index] === undefined ? {} : { former: ready[index] }) }))
    .filter(({ changes, former }) => changes.missing.length > 0 || former === undefined);
  if (open.length === 0)
    return { kind: 'nothing', reason: `${home.name} is federated with ${choice.providers.join(', ')} already, and the virtual nodes are Ready.` };
  return { kind: 'plan', plan: federatePlan(open, madeFrom(home, providers, considered), choice.notes) };
};

const stepPeering = z.object({ peering: peeringSchema });

/** The peerings a plan is about, each once. */
export const peeringsOf = (plan: { readonly steps: readonly { readonly input: unknown }[] }): readonly Peering[] => {
  const all = plan.steps.flatMap(({ input }) => {
    const parsed = stepPeering.safeParse(input);
    return parsed.success ? [parsed.data.peering] : [];
  });
  return [...new Map(all.map((peering) => [peering.provider, peering])).values()];
};

export const federateVerb = (deps: FederationDeps, performers: Performers): Verb<FederateRequest> => ({
  name: 'federate',
  summary: 'Peer the home cluster with providers, by name or by criteria, until their virtual nodes are Ready.',
  request: federateRequest,
  plan: (request, { owner }) => planned(deps, owner, request),
  performers,
  async stillValid(plan, { owner }) {
    const reasons = await Promise.all(
      peeringsOf(plan).map(async (peering) => {
        const looked = await lookAgain(deps, owner, peering);
        const { contradictions } = wantedChanges(peering, looked.observed, await looked.home.publicKey(), peering.resources);
        const answer = answerOf(peering.provider, looked.observed.provider.grant, peering.resources);
        return [...contradictions.map(({ message }) => message), ...(answer.kind === 'refused' ? [answer.why] : [])];
      }),
    );
    const all = reasons.flat();
    return all.length === 0 ? { valid: true } : { valid: false, reasons: all };
  },
});
