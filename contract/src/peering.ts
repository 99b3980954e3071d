import { z } from 'zod';
import { label } from './base.ts';

export const resources = z.object({ cpuMillis: z.number(), memoryBytes: z.number(), pods: z.number(), gpus: z.number() }).meta({ id: 'Resources' });

/** Borrowed when nobody asks for a size. */
export const usualResources = { cpuMillis: 4000, memoryBytes: 8 * 2 ** 30, pods: 110, gpus: 0 };

export const peering = z
  .object({
    home: label,
    provider: label,
    homeClusterId: z.string(),
    providerClusterId: z.string(),
    homeNamespace: z.string(),
    providerNamespace: z.string(),
    authentication: z.enum(['handshake', 'declarative']),
    dataPlane: z.enum(['native', 'tunnel']),
    /** With a tunnel: where its server is, how large a packet may be, and how home sees the provider's pods. */
    tunnel: z
      .object({
        server: z.enum(['provider', 'home']),
        mtuBytes: z.number(),
        service: z.enum(['NodePort', 'LoadBalancer']),
        address: z.string().nullable(),
        seenAs: z.array(z.string()).readonly(),
      })
      .exactOptional(),
    virtualNode: z.string(),
    resources,
    state: z.enum(['peering', 'ready', 'leaving']),
  })
  .meta({ id: 'Peering' });

export type Peering = z.infer<typeof peering>;
