// The stored pictures of clusters, as decisions read them.
import { z } from 'zod';
import type { Store } from '../../store/io/store.ts';
import type { ClusterSnapshot } from '../snapshot.ts';

const amount = z.object({ cpuMillis: z.number(), memoryBytes: z.number(), pods: z.number(), gpus: z.number() });
const capacity = z.object({ allocatable: amount, free: amount });
const shape: z.ZodType<ClusterSnapshot> = z.object({
  cluster: z.string(),
  side: z.enum(['consumer', 'provider']),
  health: z.object({ state: z.enum(['connected', 'unreachable', 'refused']), detail: z.string() }),
  kubernetesVersion: z.string(),
  liqoVersion: z.string().nullable(),
  podCidrs: z.array(z.string()),
  serviceCidrs: z.array(z.string()),
  nodes: z
    .array(
      z.object({
        name: z.string(),
        providerClusterId: z.string().nullable(),
        ready: z.boolean(),
        open: z.boolean(),
        architecture: z.string().nullable(),
        region: z.string().nullable(),
        allocatable: amount,
      }),
    )
    .nullable(),
  own: capacity.nullable(),
  providers: z.record(z.string(), capacity),
  managed: z
    .object({
      pools: z.array(z.object({ name: z.string(), key: z.string(), wanted: z.number(), fixed: z.string().nullable(), drains: z.boolean() })),
      nodes: z.array(z.object({ name: z.string(), ready: z.boolean() })),
    })
    .nullable()
    .exactOptional(),
});

export type StoredSnapshot = { readonly seq: number; readonly at: Date; readonly snapshot: ClusterSnapshot };

/** The newest of each cluster, by name. The highest `seq` is the version that a decision names. */
export const latestSnapshots = async (store: Store, owner: string): Promise<StoredSnapshot[]> => {
  const rows = await store.db
    .selectFrom('snapshot')
    .distinctOn('cluster')
    .select(['seq', 'at', 'data'])
    .where('owner', '=', owner)
    .where('cluster', '<>', '*') // the pictures of all clusters together, which decisions store beside these
    .orderBy('cluster')
    .orderBy('seq', 'desc')
    .execute();
  return rows.map(({ seq, at, data }) => ({ seq, at, snapshot: shape.parse(data) }));
};
