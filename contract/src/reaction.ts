// What was seen that calls for a new decision, and what came of it.
import { z } from 'zod';
import { label, list, operationId, rfc3339 } from './base.ts';

export const reactionCauses = ['unreachable', 'circuit', 'price', 'proof', 'cordoned', 'draining'] as const;
export const reactionStates = ['watching', 'heldBack', 'warned', 'closed', 'asking', 'acting', 'refused', 'over'] as const;

export const reaction = z
  .object({
    id: z.string(),
    cause: z
      .enum(reactionCauses)
      .describe(
        'unreachable: it does not answer; circuit: its attachment is degraded; price: another is better now; proof: it no longer shows what a policy asks; cordoned: it lends nothing new; draining: it asks us to move away.',
      ),
    provider: label,
    application: label.nullable().describe('null: everything that runs there.'),
    state: z
      .enum(reactionStates)
      .describe(
        'watching: not for long enough yet; heldBack: a limit forbids a plan now; warned: nothing is planned; closed: nothing new goes there, what runs stays; asking: a plan waits to be approved; acting: a plan was approved by the policy; refused: no plan can be made; over: the cause is gone.',
      ),
    found: z.string().describe('What was seen, as a sentence.'),
    because: list(z.string()).describe('Why it was decided so, as sentences.'),
    since: rfc3339,
    holdUntil: rfc3339.describe('Nothing is decided before: it may pass by itself.'),
    decidedAt: rfc3339.nullable(),
    overAt: rfc3339.nullable(),
    operation: operationId.nullable().describe('The plan that was made.'),
  })
  .meta({ id: 'Reaction' });

export type Reaction = z.infer<typeof reaction>;
