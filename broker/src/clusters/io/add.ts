// cluster-add: from what was handed in, a kubeconfig or the way through a manager, to an account of our own.
import { z } from 'zod';
import { HanseError } from '../../errors.ts';
import { clusterName } from '../../ids.ts';
import type { Outcome, Performer, Verb } from '../../operations/io/performer.ts';
import { type Account, accountNamespaces, accountOf } from '../account.ts';
import { draftAdd } from '../addPlan.ts';
import { opennebulaEntry, openshiftEntry, rancherEntry } from '../entry.ts';
import { type AddDependencies, accountStep, readStep, rightsStep } from './accountSteps.ts';
import { connectWith, endBootstrap, managerCredential, sealBootstrap, withBootstrap } from './bootstrap.ts';
import { enter } from './enter.ts';
import { endManager, keepManager } from './managers/managers.ts';
import type { Kube } from './kubernetes/kube.ts';
import { askRights, observe, type Wanted } from './observe.ts';
import type { ClusterRegistry } from './clusters.ts';
import { findRow, saveRow } from './rows.ts';
import { requestToken, verifyAccount, verifyLimits } from './token.ts';

const request = z.strictObject({
  name: z.string().min(1).max(63),
  side: z.enum(['consumer', 'provider']),
  /** The text of the file. */
  kubeconfig: z
    .string()
    .min(1)
    .max(256 * 1024)
    .optional(),
  context: z.string().max(253).optional(),
  /** Which home cluster a provider is added for; needed when there are several. */
  home: z.string().max(63).optional(),
  /** Instead of a kubeconfig. */
  openshift: openshiftEntry.optional(),
  rancher: rancherEntry.optional(),
  opennebula: opennebulaEntry.optional(),
});
const ways = ['kubeconfig', 'openshift', 'rancher', 'opennebula'] as const;
export const addRequest = request.refine((given) => ways.filter((way) => given[way] !== undefined).length === 1, `needs exactly one of ${ways.join(', ')}`);
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
    const { record, account, endpoint, bootstrap, manager, policies } = readStep(context);
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
      if (policies) await verifyLimits(kube, account);
    } finally {
      await own.close();
    }
    const given = manager === null ? null : await managerCredential({ store, allowedAddresses }, owner, bootstrap);
    const kept = manager === null || given === null ? null : await keepManager(manager, given, allowedAddresses, context);
    await store.db.transaction().execute(async (tx) => {
      const secret = await store.seal(owner, 'cluster-token', token.token, tx);
      const { cluster, standing } = row.record;
      const asked = manager === null || kept === null ? null : { ...manager, secret: await store.seal(owner, 'manager', kept, tx) };
      const after = { ...standing, tokenEndsAt: token.endsAt, renewAt: token.renewAt, manager: asked };
      await saveRow(tx, { cluster: { ...cluster, state: 'ready' }, standing: after }, secret);
    });
    return { kind: 'done', result: { validUntil: token.endsAt } };
  },
  async undo(context): Promise<Outcome> {
    const { owner, name } = readStep(context).record.cluster;
    const row = await findRow(store, owner, name);
    if (row?.secret == null || row.record.standing.operation !== context.operation) return { kind: 'done' };
    const { record, secret } = row;
    await drop(owner, name);
    const { manager, ...standing } = record.standing;
    if (manager !== null) await endManager(manager, await store.unseal(owner, manager.secret), allowedAddresses, context);
    await store.db.transaction().execute(async (tx) => {
      await saveRow(tx, { standing: { ...standing, manager: null }, cluster: { ...record.cluster, state: 'adding' } }, null);
      await store.forget(owner, secret, tx);
      if (manager !== null) await store.forget(owner, manager.secret, tx);
    });
    return { kind: 'done' };
  },
});

const forgetStep = (dependencies: AddDependencies): Performer => ({
  async perform(context): Promise<Outcome> {
    const { endpoint, bootstrap } = readStep(context);
    await endBootstrap(dependencies, context, { endpoint, secret: bootstrap });
    return { kind: 'done' };
  },
});

export const addVerb = (dependencies: AddDependencies & { readonly clusters: ClusterRegistry }): Verb<AddRequest> => ({
  name: 'cluster-add',
  summary: 'Add a cluster: recognise it, check it, and trade what was handed in for an account of our own with the least rights.',
  request: addRequest,
  async plan(request, { owner }) {
    const { store, allowedAddresses, clusters } = dependencies;
    const now = Date.now();
    const home = request.side === 'provider' ? await clusters.home(owner, request.home) : null;
    const entered = await enter(request.name, request, { allowed: allowedAddresses, now });
    const { access, manager, notes } = entered;
    const endpoint = { cluster: request.name, server: access.server, ca: access.ca, tlsServerName: access.tlsServerName };
    const connection = connectWith(endpoint, access.credential, allowedAddresses);
    let planned = false;
    try {
      const facts = await observe(connection, { wanted: neededToAdd, credentialEndsAt: access.expiresAt });
      const account = accountOf(request.side, home?.liqoClusterId ?? null);
      const existing = await existingOf(connection, account);
      const known = await clusters.list(owner);
      const draft = draftAdd({ owner, name: clusterName(request.name), side: request.side, home, access, facts, known, existing, manager, notes, now });
      if (draft.kind === 'refused') return { kind: 'refused', reasons: draft.reasons };
      const plan = draft.plan(await sealBootstrap(store, owner, entered.bootstrap));
      planned = true;
      return { kind: 'plan', plan };
    } finally {
      // what was made at a manager in order to look ends there by itself if it cannot be taken back now
      await (planned ? entered.end() : entered.leave()).catch(() => {});
      await connection.close();
    }
  },
  performers: {
    'cluster-account': accountStep(dependencies),
    'cluster-rights': rightsStep(dependencies),
    'cluster-token': tokenStep(dependencies),
    'cluster-forget-bootstrap': forgetStep(dependencies),
  },
});
