// cluster-add: from a kubeconfig that was handed in to an account of our own.
import { z } from 'zod';
import { HanseError } from '../../errors.ts';
import { clusterName } from '../../ids.ts';
import type { Outcome, Performer, Verb } from '../../operations/io/performer.ts';
import { type Account, accountNamespaces, accountOf } from '../account.ts';
import { draftAdd } from '../addPlan.ts';
import { readKubeconfig } from '../kubeconfig.ts';
import { type AddDependencies, accountStep, readStep } from './accountSteps.ts';
import { connectWith, sealBootstrap, withBootstrap } from './bootstrap.ts';
import type { Kube } from './kubernetes/kube.ts';
import { askRights, observe, type Wanted } from './observe.ts';
import type { ClusterRegistry } from './clusters.ts';
import { findRow, saveRow } from './rows.ts';
import { requestToken, verifyAccount } from './token.ts';

export const addRequest = z.strictObject({
  name: z.string().min(1).max(63),
  side: z.enum(['consumer', 'provider']),
  /** The text of the file. */
  kubeconfig: z
    .string()
    .min(1)
    .max(256 * 1024),
  context: z.string().max(253).optional(),
  /** Which home cluster a provider is added for; needed when there are several. */
  home: z.string().max(63).optional(),
});
export type AddRequest = z.infer<typeof addRequest>;

const right = (verb: string, group: string, resource: string): Wanted => ({ verb, group, resource, namespace: null });
const rbac = 'rbac.authorization.k8s.io';

/** What the handed-in credential must be able to do. */
const neededToAdd: readonly Wanted[] = [
  right('create', '', 'namespaces'),
  right('delete', '', 'namespaces'),
  right('create', '', 'serviceaccounts'),
  right('create', '', 'serviceaccounts/token'),
  right('create', '', 'secrets'),
  right('create', '', 'configmaps'),
  ...['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'].map((resource) => right('create', rbac, resource)),
  right('create', 'admissionregistration.k8s.io', 'validatingadmissionpolicies'),
  right('create', 'admissionregistration.k8s.io', 'validatingadmissionpolicybindings'),
];

/** What no standing account of ours may ever do. */
const neverStanding: readonly Wanted[] = [
  right('update', 'certificates.k8s.io', 'certificatesigningrequests/approval'),
  right('patch', 'certificates.k8s.io', 'certificatesigningrequests/approval'),
  right('approve', 'certificates.k8s.io', 'signers'),
  right('escalate', rbac, 'clusterroles'),
  right('bind', rbac, 'clusterroles'),
  right('impersonate', '', 'users'),
];

const checkStanding = async (kube: Kube): Promise<void> => {
  const rights = await askRights(kube, neverStanding);
  const excess = rights.filter(({ allowed }) => allowed).map(({ verb, resource }) => `${verb} ${resource}`);
  if (excess.length === 0) return;
  throw new HanseError('PREFLIGHT_FAILED', `${kube.cluster}: our own account may ${excess.join(', ')}, which no standing account of Hanse accepts`, {
    fix: 'Some other role at the cluster grants this to every account; take it away there.',
  });
};

const existingOf = async (kube: Kube, account: Account) => {
  const found = await Promise.all(accountNamespaces(account, '').map(({ metadata: { name } }) => kube.get({ apiVersion: 'v1', kind: 'Namespace', name })));
  return found.flatMap((namespace) => {
    if (namespace === null) return [];
    const labels = namespace.metadata.labels ?? {};
    return [{ name: namespace.metadata.name, operation: labels['hanse.dev/operation'] ?? null, liqo: labels['liqo.io/tenant-namespace'] === 'true' }];
  });
};

const tokenStep = ({ store, allowedAddresses, drop }: AddDependencies): Performer => ({
  async perform(context): Promise<Outcome> {
    const { record, account, endpoint, bootstrap } = readStep(context);
    const { owner, name } = record.cluster;
    const row = await findRow(store, owner, name);
    if (row === null) throw new HanseError('CONFLICT', `The cluster ${name} was removed while it was being added.`);
    if (row.secret !== null) return { kind: 'done' };
    const token = await withBootstrap({ store, allowedAddresses }, context, { endpoint, secret: bootstrap }, (kube) => requestToken(kube, account));
    const own = connectWith(endpoint, { kind: 'token', token: token.token }, allowedAddresses);
    try {
      const kube = own.with({ guard: context.guard, signal: context.signal });
      await verifyAccount(kube, account);
      await checkStanding(kube);
    } finally {
      await own.close();
    }
    await store.db.transaction().execute(async (tx) => {
      const secret = await store.seal(owner, 'cluster-token', token.token, tx);
      const { cluster, standing } = row.record;
      await saveRow(tx, { cluster: { ...cluster, state: 'ready' }, standing: { ...standing, tokenEndsAt: token.endsAt, renewAt: token.renewAt } }, secret);
    });
    return { kind: 'done', result: { validUntil: token.endsAt } };
  },
  async undo(context): Promise<Outcome> {
    const { owner, name } = readStep(context).record.cluster;
    const row = await findRow(store, owner, name);
    if (row?.secret == null || row.record.standing.operation !== context.operation) return { kind: 'done' };
    const { record, secret } = row;
    await drop(owner, name);
    await store.db.transaction().execute(async (tx) => {
      await saveRow(tx, { ...record, cluster: { ...record.cluster, state: 'adding' } }, null);
      await store.forget(owner, secret, tx);
    });
    return { kind: 'done' };
  },
});

const forgetStep = ({ store }: AddDependencies): Performer => ({
  async perform(context): Promise<Outcome> {
    const { record, bootstrap } = readStep(context);
    await store.forget(record.cluster.owner, bootstrap);
    return { kind: 'done' };
  },
});

export const addVerb = (dependencies: AddDependencies & { readonly clusters: ClusterRegistry }): Verb<AddRequest> => ({
  name: 'cluster-add',
  summary: 'Add a cluster: recognise it, check it, and trade the kubeconfig for an account of our own with the least rights.',
  request: addRequest,
  async plan(request, { owner }) {
    const { store, allowedAddresses, clusters } = dependencies;
    const now = Date.now();
    const outcome = readKubeconfig(request.kubeconfig, {
      allowed: allowedAddresses,
      now,
      ...(request.context === undefined ? {} : { context: request.context }),
    });
    if (outcome.kind === 'rejected') {
      const more = outcome.faults;
      throw new HanseError(
        'KUBECONFIG_REJECTED',
        `The kubeconfig was rejected: ${more.map(({ message, place }) => `${place?.path ?? 'line'}${place?.line === undefined ? '' : ` (line ${place.line})`}: ${message}`).join('; ')}`,
        {
          faults: more,
          ...(more[0]?.place === undefined ? {} : { place: more[0].place }),
          ...(more[0]?.fix === undefined ? {} : { fix: more[0].fix }),
        },
      );
    }
    const { access } = outcome;
    const home = request.side === 'provider' ? await clusters.home(owner, request.home) : null;
    const endpoint = { cluster: request.name, server: access.server, ca: access.ca, tlsServerName: access.tlsServerName };
    const connection = connectWith(endpoint, access.credential, allowedAddresses);
    try {
      const facts = await observe(connection, { wanted: neededToAdd, credentialEndsAt: access.expiresAt });
      const account = accountOf(request.side, home?.liqoClusterId ?? null);
      const existing = await existingOf(connection, account);
      const known = await clusters.list(owner);
      const draft = draftAdd({ owner, name: clusterName(request.name), side: request.side, home, access, facts, known, existing, now });
      if (draft.kind === 'refused') return { kind: 'refused', reasons: draft.reasons };
      return { kind: 'plan', plan: draft.plan(await sealBootstrap(store, owner, access)) };
    } finally {
      await connection.close();
    }
  },
  performers: { 'cluster-account': accountStep(dependencies), 'cluster-token': tokenStep(dependencies), 'cluster-forget-bootstrap': forgetStep(dependencies) },
});
