// A Peering as it was stored or written into a plan, parsed again before it is trusted.
import { z } from 'zod';
import type { Peering } from './peering.ts';

const name = z.string().min(1).max(253);
const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

export const resourcesSchema = z.object({ cpuMillis: count, memoryBytes: count, pods: count, gpus: count });

const ranges = z.array(z.string().max(64)).max(100);

const tunnelSchema = z.object({
  server: z.enum(['provider', 'home']),
  mtuBytes: z.number().int().min(576).max(65_535),
  service: z.enum(['NodePort', 'LoadBalancer']),
  address: name.nullable(),
  seenAs: ranges,
});

export const peeringSchema = z.object({
  home: name,
  provider: name,
  homeClusterId: name,
  providerClusterId: name,
  homeNamespace: name,
  providerNamespace: name,
  authentication: z.enum(['handshake', 'declarative']),
  dataPlane: z.enum(['native', 'tunnel']),
  tunnel: tunnelSchema.exactOptional(),
  virtualNode: name,
  resources: resourcesSchema,
  state: z.enum(['peering', 'ready', 'leaving']),
});

export const parsePeering = (record: unknown): Peering => peeringSchema.parse(record);
