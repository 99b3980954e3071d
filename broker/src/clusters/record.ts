// A cluster as its row keeps it: what everyone may know (cluster.ts), and what is needed to speak to it and to leave it.
import { z } from 'zod';
import { clusterName, ownerId } from '../ids.ts';
import type { Cluster } from './cluster.ts';
import { managerRef } from './entry.ts';

const evidence = z.object({ claim: z.string(), source: z.enum(['version', 'group', 'node', 'object']), value: z.string() });

const standing = z.object({
  ca: z.string(),
  tlsServerName: z.string().nullable(),
  /** The operation that adds it. */
  operation: z.string(),
  /** UID of the namespace of our account; null: not made yet. */
  accountUid: z.string().nullable(),
  /** UID of the tenant namespace at a provider, if it was made for us; null: there is none of ours, and none is deleted with the account. */
  tenantUid: z.string().nullable(),
  /** RFC 3339. */
  tokenEndsAt: z.string().nullable(),
  /** RFC 3339: half of the token's life is over. */
  renewAt: z.string().nullable(),
  /** Who made its machines, with the id of the sealed row that has the credential; null: nobody whom we can ask. */
  manager: managerRef.extend({ secret: z.string() }).nullable().default(null),
});

const shape = z.object({
  cluster: z.object({
    name: z.string(),
    owner: z.string(),
    side: z.enum(['consumer', 'provider']),
    server: z.string(),
    uid: z.string(),
    liqoClusterId: z.string().nullable(),
    liqoVersion: z.string().nullable(),
    accountNamespace: z.string(),
    kubernetesVersion: z.string(),
    podCidrs: z.array(z.string()),
    serviceCidrs: z.array(z.string()),
    liqoNetworking: z.boolean(),
    platform: z.object({ distribution: z.string(), manager: z.string(), platform: z.string(), evidence: z.array(evidence) }),
    state: z.enum(['adding', 'ready', 'removing']),
  }),
  standing,
});

export type Standing = z.infer<typeof standing>;
export type ClusterRecord = { readonly cluster: Cluster; readonly standing: Standing };

export const readRecord = (value: unknown): ClusterRecord => {
  const { cluster, standing: kept } = shape.parse(value);
  return { cluster: { ...cluster, name: clusterName(cluster.name), owner: ownerId(cluster.owner) }, standing: kept };
};
