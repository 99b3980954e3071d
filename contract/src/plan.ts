// A plan as it is shown before anything happens.
import { z } from 'zod';
import { json, jsonObject, list } from './base.ts';

export const side = z
  .object({
    role: z.enum(['consumer', 'provider', 'broker', 'exchange']),
    cluster: z.string().exactOptional(),
    exchange: z.string().describe('Its title, where the account at an exchange is used.').exactOptional(),
  })
  .describe('Whose authority the step uses; without a cluster or an exchange it happens in the broker.')
  .meta({ id: 'Side' });

export const undo = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('undo'), title: z.string() }),
    z.object({ kind: z.literal('nothing') }),
    z.object({ kind: z.literal('irreversible'), why: z.string() }),
  ])
  .meta({ id: 'Undo' });

export const step = z
  .object({
    kind: z.string(),
    title: z.string(),
    side,
    input: jsonObject,
    undo,
    destructive: z.boolean(),
    attempts: z.number(),
    timeoutSeconds: z.number(),
    pace: z.string().exactOptional(),
  })
  .meta({ id: 'Step' });

export const planNote = z.object({ topic: z.string(), text: z.string(), data: json.exactOptional() }).meta({ id: 'PlanNote' });

export const plan = z
  .object({
    kind: z.string(),
    subject: z.string(),
    title: z.string(),
    steps: list(step),
    pointOfNoReturn: z.number().nullable().describe('Index of the first step after which there is no way back.'),
    madeFrom: jsonObject,
    notes: list(planNote),
    paceSeconds: z.number().exactOptional(),
  })
  .meta({ id: 'Plan' });

export type Side = z.infer<typeof side>;
export type Undo = z.infer<typeof undo>;
export type Step = z.infer<typeof step>;
export type PlanNote = z.infer<typeof planNote>;
export type Plan = z.infer<typeof plan>;
