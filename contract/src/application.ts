import { z } from 'zod';
import { label, list } from './base.ts';
import { placement } from './placement.ts';

export const applicationState = z.enum(['deploying', 'running', 'migrating', 'deleting']);

/** Without its manifests: they may hold what a reader need not see. */
export const application = z
  .object({ name: label, namespace: z.string(), home: label, clusters: list(z.string()), state: applicationState, placement })
  .meta({ id: 'Application' });

export const podStatus = z
  .object({
    name: z.string(),
    uid: z.string(),
    cluster: z.string().nullable().describe('Our name of the cluster; null: not scheduled yet.'),
    phase: z.string(),
    isReady: z.boolean(),
    isEnding: z.boolean(),
    restarts: z.number(),
    waitsFor: z.string().nullable(),
  })
  .meta({ id: 'PodStatus' });

export const workloadStatus = z
  .object({ kind: z.string(), name: z.string(), wanted: z.number(), ready: z.number(), updated: z.number() })
  .meta({ id: 'WorkloadStatus' });

export const applicationStatus = z
  .object({
    name: label,
    state: applicationState,
    home: label,
    namespace: z.string(),
    placement: list(z.object({ cluster: z.string(), planned: z.number(), pods: z.number(), ready: z.number() })),
    workloads: list(workloadStatus),
    endpoints: list(z.object({ service: z.string(), ready: z.number(), addresses: list(z.string()) })),
    pods: list(podStatus),
    drift: list(z.string()).describe('Where the world differs from what was decided, as sentences.'),
  })
  .meta({ id: 'ApplicationStatus' });

export const explanation = z.object({ application: label, sentences: list(z.string()), placement }).meta({ id: 'Explanation' });

export type Application = z.infer<typeof application>;
export type ApplicationStatus = z.infer<typeof applicationStatus>;
export type Explanation = z.infer<typeof explanation>;
