// Who uses a cluster of ours, as its provider sees it.
import { z } from 'zod';
import { list, operationId, rfc3339 } from './base.ts';

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
    standing: z
      .enum(['open', 'cordoned', 'draining', 'ended'])
      .describe('cordoned: nothing new is lent, what runs stays; draining: it is asked to move away; ended: what it had here was cut.'),
    federatedSince: rfc3339.nullable().describe('null: it has an account here and is not federated.'),
    plan: operationId.nullable().describe('The operation of its own Hanse under which it was admitted, as the label on its Tenant says.'),
    namespaces: list(z.string()).describe('Namespaces of our cluster that are its.'),
    running: z.object({ pods: z.number(), cpuMillis: z.number(), memoryBytes: z.number() }).describe('Its pods in them, and what they request.'),
    wishes: list(z.object({ name: z.string(), resources: z.record(z.string(), z.string()), state: z.enum(['lent', 'denied', 'asked']) })),
  })
  .meta({ id: 'Consumer' });

export type Consumer = z.infer<typeof consumer>;
