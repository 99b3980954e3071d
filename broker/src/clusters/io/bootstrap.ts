// The credential that was handed in: sealed for one operation, used for its steps, forgotten by the last of them or by the undoing of the first.
import { z } from 'zod';
import type { StepContext } from '../../operations/io/performer.ts';
import type { Store } from '../../store/io/store.ts';
import type { Allowed } from '../address.ts';
import type { Access } from '../kubeconfig.ts';
import { connectKube, type KubeConnection } from './kubernetes/client.ts';
import type { Kube } from './kubernetes/kube.ts';
import { openOneSession } from './managers/opennebula.ts';
import { openRancherSession } from './managers/rancher.ts';
import { revokeOpenshift } from './platforms/openshift.ts';

export const bootstrapPurpose = 'bootstrap';

const shape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('token'), token: z.string() }),
  z.object({ kind: z.literal('certificate'), cert: z.string(), key: z.string() }),
  /** A token that was made for us, and is taken back. */
  z.object({ kind: z.literal('openshift'), token: z.string() }),
  z.object({ kind: z.literal('rancher'), url: z.string(), ca: z.string().nullable(), token: z.string(), cluster: z.string() }),
  z.object({ kind: z.literal('opennebula'), url: z.string(), ca: z.string().nullable(), oneks: z.string().nullable(), auth: z.string(), cluster: z.string() }),
]);
export type Bootstrap = z.infer<typeof shape>;

export type Endpoint = { readonly cluster: string; readonly server: string; readonly ca: string; readonly tlsServerName: string | null };

export const sealBootstrap = (store: Store, owner: string, bootstrap: Bootstrap): Promise<string> =>
  store.seal(owner, bootstrapPurpose, JSON.stringify(bootstrap));

export const connectWith = (endpoint: Endpoint, given: Access['credential'], allowedAddresses: Allowed): KubeConnection =>
  connectKube({
    cluster: endpoint.cluster,
    server: endpoint.server,
    ca: endpoint.ca,
    allowedAddresses,
    credential: given.kind === 'token' ? { kind: 'token', token: () => given.token } : given,
    ...(endpoint.tlsServerName === null ? {} : { tlsServerName: endpoint.tlsServerName }),
  });

type Keeper = { readonly store: Store; readonly allowedAddresses: Allowed };
type By = Pick<StepContext, 'owner' | 'guard' | 'signal'>;

const unseal = async ({ store }: Keeper, owner: string, secret: string): Promise<Bootstrap> => shape.parse(JSON.parse(await store.unseal(owner, secret)));

/** What is needed of a manager afterwards; null: none stands behind the cluster. NOT_FOUND when it was forgotten already. */
export const managerCredential = async (keeper: Keeper, owner: string, secret: string): Promise<string | null> => {
  const bootstrap = await unseal(keeper, owner, secret);
  if (bootstrap.kind === 'rancher') return bootstrap.token;
  return bootstrap.kind === 'opennebula' ? bootstrap.auth : null;
};

/** Access for as long as it is used; a manager is asked for it anew each time, and it must lead where the plan said. */
const openSession = async (bootstrap: Bootstrap, { server }: Endpoint, allowed: Allowed, { guard, signal }: By) => {
  const rules = { allowed, now: Date.now(), server, guard, signal };
  if (bootstrap.kind === 'rancher') return openRancherSession(bootstrap, bootstrap.cluster, rules);
  if (bootstrap.kind === 'opennebula') return openOneSession(bootstrap, bootstrap.cluster, rules);
  const credential: Access['credential'] = bootstrap.kind === 'certificate' ? bootstrap : { kind: 'token', token: bootstrap.token };
  return { access: { credential }, end: async (): Promise<void> => {} };
};

/** NOT_FOUND when it was forgotten already. Changes are held against the step's guard. */
export const withBootstrap = async <Value>(
  keeper: Keeper,
  by: By,
  { endpoint, secret }: { readonly endpoint: Endpoint; readonly secret: string },
  use: (kube: Kube) => Promise<Value>,
): Promise<Value> => {
  const { guard, signal } = by;
  const session = await openSession(await unseal(keeper, by.owner, secret), endpoint, keeper.allowedAddresses, by);
  const connection = connectWith(endpoint, session.access.credential, keeper.allowedAddresses);
  try {
    return await use(connection.with({ guard, signal }));
  } finally {
    await connection.close();
    // a manager that does not answer now ends its token itself, later
    await session.end().catch(() => {});
  }
};

/** Forgets it, and takes back what was made for us with it. Ends well also when the cluster does not answer: such a token ends by itself within a day. */
export const endBootstrap = async (keeper: Keeper, by: By, { endpoint, secret }: { readonly endpoint: Endpoint; readonly secret: string }): Promise<void> => {
  const bootstrap = await unseal(keeper, by.owner, secret).catch(() => null);
  if (bootstrap?.kind === 'openshift') {
    await withBootstrap(keeper, by, { endpoint, secret }, (kube) => revokeOpenshift(kube, bootstrap.token)).catch(() => {});
  }
  await keeper.store.forget(by.owner, secret);
};

// Twice as long as a plan can wait for its approval.
const sweepAfterMs = 2 * 60 * 60 * 1000;

/** Credentials of plans that were shown and never carried out. */
export const sweepBootstraps = async (store: Store): Promise<void> => {
  await store.db
    .deleteFrom('secret')
    .where('purpose', '=', bootstrapPurpose)
    .where('created_at', '<', new Date(Date.now() - sweepAfterMs))
    .where(({ not, exists, selectFrom, ref, lit }) =>
      not(
        exists(
          selectFrom('operation')
            .select(lit(1).as('one'))
            .whereRef('operation.owner', '=', ref('secret.owner'))
            .where('operation.kind', '=', 'cluster-add')
            .where('operation.state', 'in', ['running', 'waiting', 'asking', 'rollingBack']),
        ),
      ),
    )
    .execute();
};
