// A Peering as it was stored or written into a plan, parsed again before it is trusted.
import { z } from 'zod';
import type { Peering } from './peering.ts';

const name = z.string().min(1).max(253);
const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

export const resourcesSchema = z.object({ cpuMillis: count, memoryBytes: count, pods: count, gpus: count });

export const peeringSchema = z.object({
  home: name,
  provider: name,
  homeClusterId: name,
  providerClusterId: name,
  homeNamespace: name,
  providerNamespace: name,
  authentication: z.enum(['handshake', 'declarative']),
  dataPlane: z.literal('native'),
  virtualNode: name,
  resources: resourcesSchema,
  state: z.enum(['peering', 'ready', 'leaving']),
});

export const parsePeering = (record: unknown): Peering => peeringSchema.parse(record);
