// The steps of leaving: gate, take away in the safe order, prove.
import { z } from 'zod';
import { HanseError } from '../../errors.ts';
import type { Json } from '../../ids.ts';
import type { Made } from '../../operations/journal.ts';
import type { Outcome, StepContext } from '../../operations/io/performer.ts';
import { kinds } from '../planSteps.ts';
import { peeringTitle } from '../names.ts';
import type { Peering } from '../peering.ts';
import type { Remainder, Search } from '../sides.ts';
import { inUse } from '../use.ts';
import { poll } from './liqo/objects.ts';
import type { FederationDeps } from './ports.ts';
import { done, type Stage } from './stage.ts';

type Act = { readonly perform: (stage: Stage) => Promise<Outcome>; readonly undo?: (stage: Stage) => Promise<Outcome> };

const gateResult = z.object({
  requests: z.array(z.object({ kind: z.string(), name: z.string(), uid: z.string(), namespace: z.string().optional() })),
  unseen: z.array(z.string()),
});

const namesProvider = z.object({ peering: z.object({ provider: z.string() }) });

/** What the gate noted, as long as it can be told from another provider's. */
const notedByGate = ({ plan, result }: StepContext, peering: Peering): { requests: readonly Remainder[]; unseen: readonly string[] } => {
  const index = plan.steps.findIndex(({ kind, input }) => kind === kinds.gate && namesProvider.safeParse(input).data?.peering.provider === peering.provider);
  const noted = gateResult.safeParse(result(index));
  if (!noted.success) return { requests: [], unseen: [] };
  const requests = noted.data.requests.map(({ kind, name, uid }) => ({ kind, name, uid }));
  return { requests, unseen: noted.data.unseen };
};

const refuseWhileUsed = async ({ usersOf }: FederationDeps, { context: { owner }, home, peering }: Stage): Promise<readonly string[]> => {
  const [applications, use] = await Promise.all([usersOf(owner, peering.provider), (await home()).use()]);
  const reasons = inUse(peering.provider, applications, use);
  if (reasons.length > 0)
    throw new HanseError('REFUSED', reasons.map(({ message }) => message).join(' '), { fix: `Move what runs there first, or leave with --evacuate.` });
  return use.unseen;
};

const gate = (deps: FederationDeps): Act => ({
  async perform(stage) {
    const { input, home, provider, peering, context } = stage;
    const leaving = () => deps.peerings.put(context.owner, { ...peering, state: 'leaving' });
    if (input.force) {
      await leaving();
      return done([], { requests: [], unseen: [`everything at ${peering.provider}, which does not answer`] });
    }
    const requestsThere = async () => (await provider()).certificateRequests(await (await home()).certificateRequests());
    const [unseenUse, { found, unseen }] = await Promise.all([refuseWhileUsed(deps, stage), requestsThere()]);
    await leaving();
    const requests: Json = found.map(({ kind, name, uid }) => ({ kind, name, uid }));
    return done([], { requests, unseen: [...unseenUse, ...unseen] });
  },
  async undo({ input: { was }, peering, context: { owner } }) {
    await (was === undefined ? deps.peerings.forget(owner, peering) : deps.peerings.put(owner, { ...peering, state: was }));
    return done();
  },
});

const endSlices = (deps: FederationDeps): Act => ({
  async perform(stage) {
    if (!stage.input.force) await refuseWhileUsed(deps, stage);
    await (await stage.home()).beginEndSlices();
    return done();
  },
});

/**
 * Kubernetes lets at least five seconds pass before it empties a namespace, so its deletion is asked for as soon as no workload can be lost by it: the node is drained. What is still replicated then
 * ends meanwhile; where it takes longer, its finalizers hold it, and Liqo's credential with it, until the provider has it no more.
 */
const endNodes: Act = {
  async perform({ home, provider, input, peering }) {
    const ours = await home();
    await ours.endAndDrainNodes();
    // a tunnel ends before the namespaces that hold its gateways: what Liqo wrote into the nodes for them is taken back by the gateways themselves
    const theyStay = input.bidirectional || peering.tunnel !== undefined;
    const begin = async (): Promise<unknown> =>
      theyStay ? null : Promise.all([ours.beginEndNamespace({}), input.force ? false : (await provider()).beginEndNamespace({})]);
    await Promise.all([ours.endReplicated(), begin()]);
    await ours.nodesGone();
    return done();
  },
};

const endIdentity: Act = {
  async perform({ home }) {
    const ours = await home();
    await Promise.all([ours.endIdentity({}), ours.endAnswer({})]);
    return done();
  },
};

const endForeignClusters: Act = {
  async perform({ home, provider, input: { at } }) {
    await (at === 'home' ? await home() : await provider()).endForeignCluster();
    return done();
  },
};

const endRequests: Act = {
  async perform({ context, home, provider, peering }) {
    const [ours, theirs] = await Promise.all([home(), provider()]);
    const noted = notedByGate(context, peering).requests;
    // and those that were renewed since
    const { found } = await theirs.certificateRequests(await ours.certificateRequests());
    await theirs.endCertificateRequests([...noted, ...found.filter(({ uid }) => !noted.some((one) => one.uid === uid))]);
    return done();
  },
};

const endNamespaces: Act = {
  async perform({ home, provider, input: { force } }) {
    const sides = [await home(), ...(force ? [] : [await provider()])];
    await Promise.all(
      sides.map(async (side) => {
        await side.beginEndNamespace({});
        await side.namespaceGone();
        // Liqo makes it anew as long as anything of the peering is left to see
        await side.endForeignCluster();
      }),
    );
    return done();
  },
};

const nameOf = ({ cluster, kind, namespace, name }: Made): string => `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name} at ${cluster}`;

const settledInSeconds = 30;

/** Waits out Kubernetes' garbage collector, which takes away what hung on the objects that were deleted. */
const nothingLeft = async (search: () => Promise<readonly Search[]>, peering: Peering): Promise<readonly string[]> => {
  let left: readonly Made[] = [];
  try {
    return await poll(
      'nothing to be left',
      peeringTitle(peering),
      async () => {
        const searched = await search();
        left = searched.flatMap(({ found }) => found);
        return left.length > 0 ? null : searched.flatMap(({ unseen }) => unseen);
      },
      settledInSeconds,
    );
  } catch (error) {
    if (left.length === 0) throw error;
    throw new HanseError('CONFLICT', `Something is left of ${peeringTitle(peering)}: ${left.map(nameOf).join(', ')}`, {
      fix: 'Look at who keeps these objects, remove what holds them, then retry.',
    });
  }
};

const proveAbsence = ({ madeFor }: FederationDeps): Act => ({
  async perform({ context, home, provider, peering, input: { force, bidirectional } }) {
    const made = [...context.made(), ...(madeFor === undefined ? [] : await madeFor(context.owner, peering.provider))];
    const sides = [await home(), ...(force ? [] : [await provider()])];
    const unseen = bidirectional
      ? ['what the other direction of this peering uses']
      : await nothingLeft(() => Promise.all(sides.map((side) => side.search(made))), peering);
    const all = [...new Set([...notedByGate(context, peering).unseen, ...unseen])];
    return done([], { absent: true, unseen: all });
  },
});

const forget = ({ reservations, peerings }: FederationDeps): Act => ({
  async perform({ context: { owner }, peering }) {
    await reservations.free(owner, peering.provider);
    await peerings.forget(owner, peering);
    return done();
  },
});

export const endPerformers = (deps: FederationDeps): Readonly<Record<string, Act>> => ({
  [kinds.gate]: gate(deps),
  [kinds.declareGone]: {
    async perform({ home }) {
      await (await home()).declareGone();
      return done();
    },
  },
  [kinds.endSlices]: endSlices(deps),
  [kinds.endNodes]: endNodes,
  [kinds.endIdentity]: endIdentity,
  [kinds.endTenant]: {
    async perform({ provider }) {
      await (await provider()).end({});
      return done();
    },
  },
  [kinds.endForeignClusters]: endForeignClusters,
  [kinds.endRequests]: endRequests,
  [kinds.endNamespaces]: endNamespaces,
  [kinds.proveAbsence]: proveAbsence(deps),
  [kinds.forget]: forget(deps),
});
