import { z } from 'zod';
import { label, list } from './base.ts';
import { placement } from './placement.ts';

export const applicationState = z.enum(['deploying', 'running', 'migrating', 'deleting']);

/** Without its manifests: they may hold what a reader need not see. */
export const application = z
  .object({ name: label, namespace: z.string(), home: label, clusters: list(z.string()), state: applicationState, placement })
  .meta({ id: 'Application' });

export const podStatus = z
  .object({ name: z.string(), workload: z.string(), cluster: z.string().nullable(), phase: z.string(), ready: z.boolean(), restarts: z.number() })
  .meta({ id: 'PodStatus' });

export const applicationStatus = z
  .object({
    name: label,
    namespace: z.string(),
    home: label,
    state: applicationState,
    clusters: list(z.string()).describe('Where it may run.'),
    workloads: list(z.object({ kind: z.string(), name: z.string(), wanted: z.number(), ready: z.number() })),
    pods: list(podStatus),
    notes: list(z.string()).describe('What deserves attention, as sentences.'),
  })
  .meta({ id: 'ApplicationStatus' });

export const explanation = z.object({ application: label, sentences: list(z.string()), placement }).meta({ id: 'Explanation' });

export type Application = z.infer<typeof application>;
export type ApplicationStatus = z.infer<typeof applicationStatus>;
export type Explanation = z.infer<typeof explanation>;
