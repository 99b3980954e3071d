// What a provider does with its own cluster: see who uses it, and give each consumer its word. With the provider's own account there, as any home cluster has it.
import { z } from 'zod';
import { grantName, quantityValue } from '../../clusters/index.ts';
import type { Clusters, Kube } from '../../clusters/io/index.ts';
import { HanseError } from '../../errors.ts';
import type { Outcome, Performer, StepContext, Verb } from '../../operations/io/performer.ts';
import { type Consumer, consumerOf, type Grant, grantData, standings, type Tenant, tenantOf, tenantPrefix } from '../consumer.ts';
import { planGrant, sameGrant } from '../grantPlan.ts';
import { readRunning } from './running.ts';

const quantity = z
  .string()
  .max(32)
  .refine((text) => text === '' || quantityValue(text) !== null, 'must be a quantity as Kubernetes writes it, or empty');

export const lendRequest = z
  .strictObject({
    /** The consumer's Liqo cluster id. */
    consumer: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,46}[a-z0-9])?$/, 'must be a Liqo cluster id'),
    /** Our cluster that lends, when there are several. */
    cluster: z.string().max(63).optional(),
    answer: z.enum(['yes', 'ask', 'no']).optional(),
    reason: z.string().max(500).optional(),
    /** Limits of what is lent; '' takes one away. */
    maxCpu: quantity.optional(),
    maxMemory: quantity.optional(),
    maxPods: quantity.optional(),
    standing: z
      .enum(standings)
      .optional()
      .describe('cordoned: nothing new is lent; draining: it is asked to move away; ended: what it has here is cut; open: none of these.'),
    force: z.boolean().optional().describe('End also what runs still, and what was not asked to move away.'),
  })
  .refine(({ consumer: _, cluster: __, force: ___, ...word }) => Object.keys(word).length > 0, 'says nothing: needs an answer, a reason or a limit');
export type LendRequest = z.infer<typeof lendRequest>;

const authentication = 'authentication.liqo.io/v1beta1';
const grantRef = (namespace: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: grantName });

const tenantsIn = async (kube: Kube, namespace: string): Promise<Tenant[]> =>
  (await kube.list({ apiVersion: authentication, kind: 'Tenant', namespace })).flatMap((object) => tenantOf(object) ?? []);

const consumersOf = async (kube: Kube, cluster: string): Promise<Consumer[]> => {
  const namespaces = await kube.list({ apiVersion: 'v1', kind: 'Namespace', labelSelector: 'liqo.io/tenant-namespace=true' });
  const found = await Promise.all(
    namespaces.map(async ({ metadata }): Promise<Consumer[]> => {
      const namespace = metadata.name;
      const consumer = metadata.labels?.['liqo.io/remote-cluster-id'] ?? namespace.slice(tenantPrefix.length);
      const [grant, tenants, slices] = await Promise.all([
        kube.get(grantRef(namespace)),
        tenantsIn(kube, namespace),
        kube.list({ apiVersion: authentication, kind: 'ResourceSlice', namespace }),
      ]);
      // with neither it is the namespace of a provider that we use ourselves
      if (grant === null && tenants.length === 0) return [];
      const about = { cluster, consumer, namespace, since: metadata.creationTimestamp, grant: grantData(grant), slices, tenant: tenants[0] ?? null };
      return [consumerOf({ ...about, ...(await readRunning(kube, consumer)) })];
    }),
  );
  return found.flat().toSorted((a, b) => (a.consumer < b.consumer ? -1 : 1));
};

/** Of every cluster of our own. */
export const createConsumers = (clusters: Clusters) => ({
  async list(owner: string): Promise<Consumer[]> {
    const own = (await clusters.list(owner)).filter(({ side, state }) => side === 'consumer' && state === 'ready');
    return (await Promise.all(own.map(async ({ name }) => consumersOf(await clusters.kube(owner, name), name)))).flat();
  },
});

const words = z.record(z.string(), z.string());
const inputShape = z.object({ cluster: z.string(), namespace: z.string(), before: words.nullable(), after: words });

/** Ensures that it says `to`; STALE_PLAN when it says neither that nor `from`: somebody else gave another word meanwhile. */
const write = async (kube: Kube, namespace: string, { from, to }: { readonly from: Grant | null; readonly to: Grant | null }): Promise<Outcome> => {
  const there = await kube.get(grantRef(namespace));
  const now = there === null ? null : (grantData(there) ?? {});
  if (sameGrant(now, to)) return { kind: 'done' };
  if (!sameGrant(now, from)) throw new HanseError('STALE_PLAN', `${kube.cluster}: ConfigMap ${namespace}/${grantName} was changed by somebody else meanwhile.`);
  if (to === null) {
    if (there?.metadata.uid !== undefined) await kube.delete(grantRef(namespace), { uid: there.metadata.uid });
  } else if (there === null) {
    const labels = { 'app.kubernetes.io/managed-by': 'hanse' };
    await kube.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: grantName, namespace, labels }, data: to });
  } else await kube.replace({ ...there, data: to });
  return { kind: 'done' };
};

const grantStep = (clusters: Clusters): Performer => {
  const at = async (context: StepContext) => {
    const input = inputShape.parse(context.step.input);
    return { ...input, kube: (await clusters.kube(context.owner, input.cluster)).with(context) };
  };
  return {
    async perform(context) {
      const { kube, namespace, before, after } = await at(context);
      return write(kube, namespace, { from: before, to: after });
    },
    async undo(context) {
      const { kube, namespace, before, after } = await at(context);
      return write(kube, namespace, { from: after, to: before });
    },
  };
};

const tenantInput = z.object({ cluster: z.string(), namespace: z.string(), name: z.string(), from: z.string(), to: z.string() });

/** Ensures the condition `to`; STALE_PLAN when it is neither that nor `from`. A Tenant that is gone needs nothing: its consumer has left. */
const setCondition = async (
  kube: Kube,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  from: string,
  to: string,
): Promise<Outcome> => {
  const there = await kube.get({ apiVersion: authentication, kind: 'Tenant', namespace, name });
  const now = there === null ? to : (tenantOf(there)?.condition ?? to);
  if (there === null || now === to) return { kind: 'done' };
  if (now !== from) throw new HanseError('STALE_PLAN', `${kube.cluster}: Tenant ${namespace}/${name} was set to ${now} by somebody else meanwhile.`);
  await kube.replace({ ...there, spec: { ...Object(there['spec']), tenantCondition: to } });
  return { kind: 'done' };
};

const tenantStep = (clusters: Clusters): Performer => {
  const at = async (context: StepContext) => {
    const input = tenantInput.parse(context.step.input);
    return { ...input, kube: (await clusters.kube(context.owner, input.cluster)).with(context) };
  };
  return {
    async perform(context) {
      const { kube, from, to, ...which } = await at(context);
      return setCondition(kube, which, from, to);
    },
    async undo(context) {
      const { kube, from, to, ...which } = await at(context);
      return setCondition(kube, which, to, from);
    },
  };
};

const plannedFrom = z.object({ consumer: z.string(), cluster: z.string(), ends: z.boolean() });

export const lendVerb = (clusters: Clusters): Verb<LendRequest> => ({
  name: 'lend',
  summary: 'As a provider: accept, refuse, limit, cordon, drain or end a consumer.',
  request: lendRequest,
  async plan({ consumer, cluster, force, ...word }, { owner }) {
    const { name } = await clusters.home(owner, cluster);
    const kube = await clusters.kube(owner, name);
    const all = await consumersOf(kube, name);
    const found = all.find((one) => one.consumer === consumer);
    if (found === undefined) {
      const there = all.length === 0 ? 'it has none' : `there is ${all.map((one) => one.consumer).join(', ')}`;
      throw new HanseError('NOT_FOUND', `${name} has no consumer ${consumer}; ${there}.`, {
        fix: 'A consumer is there once it was given an account: hanse cluster add … --side provider, at the consumer.',
      });
    }
    const { namespace, running } = found;
    const [grant, [tenant = null]] = await Promise.all([kube.get(grantRef(namespace)), tenantsIn(kube, namespace)]);
    return planGrant({ cluster: name, consumer, namespace, before: grantData(grant), tenant, running }, word, force);
  },
  performers: { 'lending-grant': grantStep(clusters), 'lending-tenant': tenantStep(clusters) },
  async stillValid(plan, { owner }) {
    const { consumer, cluster, ends } = plannedFrom.parse(plan.madeFrom);
    if (!ends) return { valid: true };
    const { running } = await readRunning(await clusters.kube(owner, cluster), consumer);
    return running.pods === 0 ? { valid: true } : { valid: false, reasons: [`${running.pods} pods of ${consumer} run at ${cluster} again.`] };
  },
});
