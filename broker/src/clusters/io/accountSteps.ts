// Makes our account at a cluster, and takes it away again.
import { z } from 'zod';
import { HanseError } from '../../errors.ts';
import type { Made } from '../../operations/journal.ts';
import type { Outcome, Performer, StepContext } from '../../operations/io/performer.ts';
import type { Store } from '../../store/io/store.ts';
import { type Account, accountNamespaces, accountObjects, accountOf } from '../account.ts';
import type { Allowed } from '../address.ts';
import type { Manifest } from '../manifest.ts';
import { type ClusterRecord, readRecord } from '../record.ts';
import { managerRef, type ManagerRef } from '../entry.ts';
import { endBootstrap, type Endpoint, withBootstrap } from './bootstrap.ts';
import type { Kube, KubeObject, Metadata, Ref } from './kubernetes/kube.ts';
import { claimRow, findRow, saveRow } from './rows.ts';

export type AddDependencies = { readonly store: Store; readonly allowedAddresses: Allowed; drop(owner: string, name: string): Promise<void> };

const inputShape = z.object({
  cluster: z.unknown(),
  homeClusterId: z.string().nullable(),
  endpoint: z.object({ cluster: z.string(), server: z.string(), ca: z.string(), tlsServerName: z.string().nullable() }),
  bootstrap: z.string(),
  manager: managerRef.nullable().default(null),
  policies: z.boolean(),
  adopted: z.boolean(),
});

export type AddStep = {
  readonly record: ClusterRecord;
  readonly account: Account;
  readonly endpoint: Endpoint;
  readonly bootstrap: string;
  readonly manager: ManagerRef | null;
  readonly policies: boolean;
  readonly adopted: boolean;
};

export const readStep = ({ step, operation }: Pick<StepContext, 'step' | 'operation'>): AddStep => {
  const { cluster, homeClusterId, endpoint, ...rest } = inputShape.parse(step.input);
  const { ca, tlsServerName } = endpoint;
  const standing = { ca, tlsServerName, operation, accountUid: null, tenantUid: null, tokenEndsAt: null, renewAt: null, manager: null };
  const record = readRecord({ cluster, standing });
  return { record, account: accountOf(record.cluster.side, homeClusterId), endpoint, ...rest };
};

const refOf = ({ apiVersion, kind, metadata: { namespace, name } }: Manifest): Ref => ({
  apiVersion,
  kind,
  name,
  ...(namespace === undefined ? {} : { namespace }),
});

/** A manifest as an object: the same, without its readonly. */
const objectOf = (manifest: Manifest): KubeObject => {
  const { ownerReferences, labels, annotations, ...metadata } = manifest.metadata;
  const copied: Metadata = {
    ...metadata,
    ...(labels === undefined ? {} : { labels: { ...labels } }),
    ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
    ...(ownerReferences === undefined ? {} : { ownerReferences: ownerReferences.map((owner) => ({ ...owner })) }),
  };
  return { ...manifest, metadata: copied };
};

const madeBy = (object: KubeObject | null): string | undefined => object?.metadata.labels?.['hanse.dev/operation'];

/** Ours if this operation made it; OBJECT_NOT_OURS if anybody else did. */
const ensure = async (kube: Kube, manifest: Manifest, operation: string): Promise<KubeObject> => {
  const there = await kube.get(refOf(manifest));
  if (there === null) return kube.create(objectOf(manifest));
  if (madeBy(there) === operation) return there;
  const { namespace, name } = manifest.metadata;
  throw new HanseError(
    'OBJECT_NOT_OURS',
    `${kube.cluster}: ${manifest.kind} ${namespace === undefined ? '' : `${namespace}/`}${name} exists already and was not made by this operation`,
  );
};

const madeOf = (cluster: string, { apiVersion, kind, metadata: { namespace, name, uid } }: KubeObject): Made => ({
  cluster,
  apiVersion,
  kind,
  name,
  ...(namespace === undefined ? {} : { namespace }),
  ...(uid === undefined ? {} : { uid }),
});

const uidOf = (object: KubeObject): string => object.metadata.uid ?? '';

const makeAccount = async (
  kube: Kube,
  step: AddStep,
  context: StepContext,
): Promise<{ accountUid: string; tenantUid: string | null; made: readonly Made[] }> => {
  const { operation } = context;
  const [own, tenant] = accountNamespaces(step.account, operation);
  if (own === undefined) throw new Error('an account without a namespace');
  const account = await ensure(kube, own, operation);
  const tenantNamespace = tenant === undefined || step.adopted ? null : await ensure(kube, tenant, operation);
  const made = [account, ...(tenantNamespace === null ? [] : [tenantNamespace])];
  const objects = accountObjects(step.account, { operation, ownerUid: uidOf(account), policies: step.policies });
  for (const [index, manifest] of objects.entries()) {
    made.push(await ensure(kube, manifest, operation));
    context.progress(`${manifest.kind} ${manifest.metadata.name}`, (index + 1) / objects.length);
  }
  return {
    accountUid: uidOf(account),
    tenantUid: tenantNamespace === null ? null : uidOf(tenantNamespace),
    made: made.map((object) => madeOf(step.endpoint.cluster, object)),
  };
};

const goneSeconds = 90;

/** The namespaces and, by their ownership, everything else; ends when none of it is there. */
const removeAccount = async (kube: Kube, step: AddStep, operation: string): Promise<void> => {
  const namespaces = accountNamespaces(step.account, operation).map(refOf);
  const deleted: Ref[] = [];
  for (const ref of namespaces.toReversed()) {
    const there = await kube.get(ref);
    if (there === null || madeBy(there) !== operation) continue;
    await kube.delete(ref, { uid: uidOf(there) });
    deleted.push(ref);
  }
  for (const ref of deleted) await kube.until(ref, (object) => object === null, { what: `namespace ${ref.name} to be gone`, timeoutSeconds: goneSeconds });
  for (const manifest of accountObjects(step.account, { operation, ownerUid: '', policies: step.policies })) {
    const ref = refOf(manifest);
    await kube.until(ref, (object) => madeBy(object) !== operation, { what: `${ref.kind} ${ref.name} to be collected`, timeoutSeconds: goneSeconds });
  }
};

const notFound = (error: unknown): boolean => error instanceof HanseError && error.code === 'NOT_FOUND';

export const accountStep = (dependencies: AddDependencies): Performer => ({
  async perform(context): Promise<Outcome> {
    const step = readStep(context);
    const kept = await claimRow(dependencies.store, step.record);
    const { accountUid, tenantUid, made } = await withBootstrap(dependencies, context, { endpoint: step.endpoint, secret: step.bootstrap }, (kube) =>
      makeAccount(kube, step, context),
    );
    await saveRow(dependencies.store.db, { ...kept, standing: { ...kept.standing, accountUid, tenantUid } });
    return { kind: 'done', made };
  },
  async undo(context): Promise<Outcome> {
    const step = readStep(context);
    const { owner, name } = step.record.cluster;
    try {
      await withBootstrap(dependencies, context, { endpoint: step.endpoint, secret: step.bootstrap }, (kube) => removeAccount(kube, step, context.operation));
    } catch (error) {
      // forgotten only after everything was removed: the undoing was interrupted after that
      if (!notFound(error)) throw error;
    }
    const row = await findRow(dependencies.store, owner, name);
    if (row?.record.standing.operation === context.operation) {
      await dependencies.store.db.deleteFrom('cluster').where('owner', '=', owner).where('name', '=', name).execute();
    }
    await endBootstrap(dependencies, context, { endpoint: step.endpoint, secret: step.bootstrap });
    return { kind: 'done' };
  },
});

/** What the account may do, and what limits it. Not the account itself, and not the provider's word. */
const rightsKinds: ReadonlySet<string> = new Set([
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'Role',
  'RoleBinding',
  'ClusterRole',
  'ClusterRoleBinding',
]);

/** For an account that stands, of an earlier version maybe. */
export const rightsStep = (dependencies: AddDependencies): Performer => ({
  async perform(context): Promise<Outcome> {
    const step = readStep(context);
    const { owner, name } = step.record.cluster;
    const row = await findRow(dependencies.store, owner, name);
    const { accountUid = null, operation = '' } = row?.record.standing ?? {};
    if (accountUid === null) throw new HanseError('CONFLICT', `The cluster ${name} was removed meanwhile.`);
    await withBootstrap(dependencies, context, { endpoint: step.endpoint, secret: step.bootstrap }, async (kube) => {
      const { namespace } = step.account;
      const there = await kube.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
      if (there?.metadata.uid !== accountUid)
        throw new HanseError('STALE_PLAN', `${name}: namespace ${namespace} is not the one that was made for our account.`, {
          fix: 'Remove the cluster (hanse cluster remove --force) and add it again.',
        });
      const objects = accountObjects(step.account, { operation, ownerUid: accountUid, policies: step.policies });
      for (const manifest of objects.filter(({ kind }) => rightsKinds.has(kind))) await kube.apply(objectOf(manifest), { force: true });
    });
    return { kind: 'done' };
  },
});
