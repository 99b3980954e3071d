// The credential that was handed in: sealed for one operation, used for its steps, forgotten by the last of them or by the undoing of the first.
import { z } from 'zod';
import type { StepContext } from '../../operations/io/performer.ts';
import type { Store } from '../../store/io/store.ts';
import type { Allowed } from '../address.ts';
import type { Access } from '../kubeconfig.ts';
import { connectKube, type KubeConnection } from './kubernetes/client.ts';
import type { Kube } from './kubernetes/kube.ts';

export const bootstrapPurpose = 'bootstrap';

const credential = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('token'), token: z.string() }),
  z.object({ kind: z.literal('certificate'), cert: z.string(), key: z.string() }),
]);

export type Endpoint = { readonly cluster: string; readonly server: string; readonly ca: string; readonly tlsServerName: string | null };

export const sealBootstrap = (store: Store, owner: string, access: Access): Promise<string> =>
  store.seal(owner, bootstrapPurpose, JSON.stringify(access.credential));

export const connectWith = (endpoint: Endpoint, given: Access['credential'], allowedAddresses: Allowed): KubeConnection =>
  connectKube({
    cluster: endpoint.cluster,
    server: endpoint.server,
    ca: endpoint.ca,
    allowedAddresses,
    credential: given.kind === 'token' ? { kind: 'token', token: () => given.token } : given,
    ...(endpoint.tlsServerName === null ? {} : { tlsServerName: endpoint.tlsServerName }),
  });

type Bootstrap = { readonly store: Store; readonly allowedAddresses: Allowed };

/** NOT_FOUND when it was forgotten already. Changes are held against the step's guard. */
export const withBootstrap = async <Value>(
  { store, allowedAddresses }: Bootstrap,
  { owner, guard, signal }: Pick<StepContext, 'owner' | 'guard' | 'signal'>,
  { endpoint, secret }: { readonly endpoint: Endpoint; readonly secret: string },
  use: (kube: Kube) => Promise<Value>,
): Promise<Value> => {
  const connection = connectWith(endpoint, credential.parse(JSON.parse(await store.unseal(owner, secret))), allowedAddresses);
  try {
    return await use(connection.with({ guard, signal }));
  } finally {
    await connection.close();
  }
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
