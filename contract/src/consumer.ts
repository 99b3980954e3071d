// Who uses a cluster of ours, as its provider sees it.
import { z } from 'zod';
import { list, rfc3339 } from './base.ts';

const limit = z.string().nullable().describe('The most that is lent, as Kubernetes writes quantities.');

export const consumer = z
  .object({
    cluster: z.string().describe('Our cluster.'),
    consumer: z.string().describe('Its Liqo cluster id.'),
    namespace: z.string(),
    since: rfc3339.nullable(),
    answer: z.enum(['yes', 'ask', 'no']).describe('What its Hanse reads before it federates or borrows more.'),
    reason: z.string().nullable(),
    maxCpu: limit,
    maxMemory: limit,
    maxPods: limit,
    wishes: list(z.object({ name: z.string(), resources: z.record(z.string(), z.string()), state: z.enum(['lent', 'denied', 'asked']) })),
  })
  .meta({ id: 'Consumer' });

export type Consumer = z.infer<typeof consumer>;
