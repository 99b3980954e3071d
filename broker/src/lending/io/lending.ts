// What a provider does with its own cluster: see who uses it, and give each consumer its word. With the provider's own account there, as any home cluster has it.
import { z } from 'zod';
import { grantName, quantityValue } from '../../clusters/index.ts';
import type { Clusters, Kube } from '../../clusters/io/index.ts';
import { HanseError } from '../../errors.ts';
import type { Outcome, Performer, StepContext, Verb } from '../../operations/io/performer.ts';
import { type Consumer, consumerOf, type Grant, grantData, tenantPrefix } from '../consumer.ts';
import { planGrant, sameGrant } from '../grantPlan.ts';

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
  })
  .refine(({ consumer: _, cluster: __, ...word }) => Object.keys(word).length > 0, 'says nothing: needs an answer, a reason or a limit');
export type LendRequest = z.infer<typeof lendRequest>;

const grantRef = (namespace: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: grantName });

const consumersOf = async (kube: Kube, cluster: string): Promise<Consumer[]> => {
  const namespaces = await kube.list({ apiVersion: 'v1', kind: 'Namespace', labelSelector: 'liqo.io/tenant-namespace=true' });
  const found = await Promise.all(
    namespaces.map(async ({ metadata }): Promise<Consumer[]> => {
      const namespace = metadata.name;
      const inside = { apiVersion: 'authentication.liqo.io/v1beta1', namespace };
      const [grant, tenants, slices] = await Promise.all([
        kube.get(grantRef(namespace)),
        kube.list({ ...inside, kind: 'Tenant' }),
        kube.list({ ...inside, kind: 'ResourceSlice' }),
      ]);
      // with neither it is the namespace of a provider that we use ourselves
      if (grant === null && tenants.length === 0) return [];
      const consumer = metadata.labels?.['liqo.io/remote-cluster-id'] ?? namespace.slice(tenantPrefix.length);
      return [consumerOf({ cluster, consumer, namespace, since: metadata.creationTimestamp, grant: grantData(grant), slices })];
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

export const lendVerb = (clusters: Clusters): Verb<LendRequest> => ({
  name: 'lend',
  summary: 'As a provider: accept, refuse or limit a consumer.',
  request: lendRequest,
  async plan({ consumer, cluster, ...word }, { owner }) {
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
    const before = grantData(await kube.get(grantRef(found.namespace)));
    return planGrant({ cluster: name, consumer, namespace: found.namespace, before }, word);
  },
  performers: { 'lending-grant': grantStep(clusters) },
});
