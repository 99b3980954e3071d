// cluster-remove: our account and everything that came with it leave the cluster.
import { z } from 'zod';
import { HanseError } from '../../errors.ts';
import type { Outcome, Performer, StepContext, Verb } from '../../operations/io/performer.ts';
import type { Store } from '../../store/io/store.ts';
import { accountOf, type Account } from '../account.ts';
import type { Allowed } from '../address.ts';
import type { ClusterRecord } from '../record.ts';
import { planRemove, type Uses } from '../removePlan.ts';
import type { ClusterRegistry } from './clusters.ts';
import { endManager } from './managers/managers.ts';
import type { Kube, Ref } from './kubernetes/kube.ts';
import { dropRow, findRow, listRows, saveRow } from './rows.ts';

export const removeRequest = z.strictObject({
  name: z.string().min(1).max(63),
  /** The cluster is gone for good: forget it without touching it. */
  force: z.boolean().default(false),
});
export type RemoveRequest = z.infer<typeof removeRequest>;

type Dependencies = { readonly store: Store; readonly clusters: ClusterRegistry; readonly allowedAddresses: Allowed };

const inputShape = z.object({ name: z.string() });
const applicationShape = z.object({ clusters: z.array(z.string()) });

const usesOf = async (store: Store, owner: string, { cluster }: ClusterRecord): Promise<Uses> => {
  const peerings = await store.db.selectFrom('peering').select(['home', 'provider', 'state']).where('owner', '=', owner).execute();
  const applications = await store.db.selectFrom('application').select(['name', 'home', 'record']).where('owner', '=', owner).execute();
  const rows = await listRows(store, owner);
  return {
    peerings,
    applications: applications.map(({ name, home, record }) => ({ name, home, clusters: applicationShape.safeParse(record).data?.clusters ?? [] })),
    providers: rows.flatMap(({ record }) =>
      cluster.side === 'consumer' && record.cluster.accountNamespace === `hanse-${cluster.liqoClusterId ?? ''}` ? [record.cluster.name] : [],
    ),
  };
};

/** null: it is forgotten already. */
const recordOf = async (store: Store, { step, owner }: Pick<StepContext, 'step' | 'owner'>): Promise<ClusterRecord | null> =>
  (await findRow(store, owner, inputShape.parse(step.input).name))?.record ?? null;

const accountOfRecord = ({ cluster }: ClusterRecord): Account =>
  accountOf(cluster.side, cluster.side === 'provider' ? cluster.accountNamespace.slice('hanse-'.length) : null);

const retire =
  ({ store }: Dependencies, from: 'ready' | 'removing', to: 'ready' | 'removing') =>
  async (context: StepContext): Promise<Outcome> => {
    const record = await recordOf(store, context);
    if (record !== null && record.cluster.state === from) {
      if (to === 'removing') {
        const uses = await usesOf(store, context.owner, record);
        const outcome = planRemove(record, uses, false);
        if (outcome.kind === 'refused') throw new HanseError('STALE_PLAN', outcome.reasons.map(({ message }) => message).join('; '));
      }
      await saveRow(store.db, { ...record, cluster: { ...record.cluster, state: to } });
    }
    return { kind: 'done' };
  };

const goneSeconds = 120;

const namespaceRef = (name: string): Ref => ({ apiVersion: 'v1', kind: 'Namespace', name });

const leftBehind = async (kube: Kube, namespace: string): Promise<readonly string[]> => {
  const found = await Promise.all(['Tenant', 'ResourceSlice'].map((kind) => kube.list({ apiVersion: 'authentication.liqo.io/v1beta1', kind, namespace })));
  return found.flat().map(({ kind, metadata }) => `${kind} ${metadata.name}`);
};

const tenantGone = ({ store, clusters }: Dependencies): Performer => ({
  async perform(context): Promise<Outcome> {
    const record = await recordOf(store, context);
    const { tenant } = record === null ? { tenant: null } : accountOfRecord(record);
    const uid = record?.standing.tenantUid ?? null;
    if (record === null || tenant === null || uid === null) return { kind: 'done' };
    const kube = (await clusters.kube(context.owner, record.cluster.name)).with(context);
    const ref = namespaceRef(tenant.namespace);
    const there = await kube.get(ref);
    if (there?.metadata.uid !== uid) return { kind: 'done' };
    if (there.metadata.deletionTimestamp === undefined) {
      const left = await leftBehind(kube, tenant.namespace);
      if (left.length > 0) {
        throw new HanseError('REFUSED', `${record.cluster.name}: ${tenant.namespace} still has ${left.join(', ')}: a peering that this broker does not know`, {
          fix: `End it first (hanse leave ${record.cluster.name}, or liqoctl unpeer).`,
        });
      }
      await kube.delete(ref, { uid });
    }
    await kube.until(ref, (object) => object?.metadata.uid !== uid, {
      what: `namespace ${tenant.namespace} to be gone`,
      timeoutSeconds: goneSeconds,
      by: 'poll',
    });
    return { kind: 'done' };
  },
});

/** With the namespace go our rights and our tokens: each of the three is the answer that was waited for. */
const isFarewell = (error: unknown): boolean => error instanceof HanseError && (error.code === 'CLUSTER_UNAUTHORIZED' || error.code === 'CLUSTER_FORBIDDEN');

const accountGone = ({ store, clusters }: Dependencies): Performer => ({
  async perform(context): Promise<Outcome> {
    const record = await recordOf(store, context);
    const uid = record?.standing.accountUid ?? null;
    if (record === null || uid === null) return { kind: 'done' };
    const kube = (await clusters.kube(context.owner, record.cluster.name)).with(context);
    const ref = namespaceRef(record.cluster.accountNamespace);
    try {
      const there = await kube.get(ref);
      if (there?.metadata.uid === uid && there.metadata.deletionTimestamp === undefined) await kube.delete(ref, { uid });
      await kube.until(ref, (object) => object?.metadata.uid !== uid, { what: `namespace ${ref.name} to be gone`, timeoutSeconds: goneSeconds, by: 'poll' });
    } catch (error) {
      if (!isFarewell(error)) throw error;
    }
    return { kind: 'done', result: { notSeen: `what ${record.cluster.name} collects after its namespace ${ref.name}` } };
  },
});

const forgetCluster = ({ store, clusters, allowedAddresses }: Dependencies): Performer => ({
  async perform(context): Promise<Outcome> {
    const { owner } = context;
    const { name } = inputShape.parse(context.step.input);
    await clusters.drop(owner, name);
    const manager = (await findRow(store, owner, name))?.record.standing.manager ?? null;
    if (manager !== null) await endManager(manager, await store.unseal(owner, manager.secret), allowedAddresses, context);
    await dropRow(store, owner, name);
    return { kind: 'done' };
  },
});

export const removeVerb = (dependencies: Dependencies): Verb<RemoveRequest> => ({
  name: 'cluster-remove',
  summary: 'Remove a cluster: delete our account there and everything that came with it.',
  request: removeRequest,
  async plan({ name, force }, { owner }) {
    await dependencies.clusters.find(owner, name);
    const row = await findRow(dependencies.store, owner, name);
    if (row === null) return { kind: 'nothing', reason: `There is no cluster ${name}.` };
    return planRemove(row.record, await usesOf(dependencies.store, owner, row.record), force);
  },
  performers: {
    'cluster-retire': { perform: retire(dependencies, 'ready', 'removing'), undo: retire(dependencies, 'removing', 'ready') },
    'cluster-tenant-gone': tenantGone(dependencies),
    'cluster-account-gone': accountGone(dependencies),
    'cluster-forget': forgetCluster(dependencies),
  },
});
