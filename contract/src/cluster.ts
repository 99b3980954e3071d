import { z } from 'zod';
import { label, list } from './base.ts';

export const evidence = z.object({ claim: z.string(), source: z.enum(['version', 'group', 'node', 'object']), value: z.string() }).meta({ id: 'Evidence' });

export const platform = z.object({ distribution: z.string(), manager: z.string(), platform: z.string(), evidence: list(evidence) }).meta({ id: 'Platform' });

export const clusterSide = z.enum(['consumer', 'provider']);

export const cluster = z
  .object({
    name: label,
    owner: z.string(),
    side: clusterSide,
    server: z.string(),
    uid: z.string().describe('UID of its namespace kube-system.'),
    liqoClusterId: z.string().nullable(),
    liqoVersion: z.string().nullable(),
    accountNamespace: z.string(),
    kubernetesVersion: z.string(),
    podCidrs: list(z.string()),
    serviceCidrs: list(z.string()),
    liqoNetworking: z.boolean(),
    platform,
    state: z.enum(['adding', 'ready', 'removing']),
  })
  .meta({ id: 'Cluster' });

export type Cluster = z.infer<typeof cluster>;
