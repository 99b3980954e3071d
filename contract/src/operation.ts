// An operation is a plan that is being carried out; its journal tells what was meant and what came of it.
import { z } from 'zod';
import { json, list, operationId, rfc3339 } from './base.ts';
import { plan } from './plan.ts';

export const operationStates = ['planned', 'running', 'waiting', 'asking', 'rollingBack', 'done', 'rolledBack', 'failed', 'discarded'] as const;
export const operationState = z.enum(operationStates).meta({ id: 'OperationState' });
export type OperationState = z.infer<typeof operationState>;

/** States that an operation never leaves. */
export const finalStates: readonly OperationState[] = ['done', 'rolledBack', 'failed', 'discarded'];

export const question = z.object({ text: z.string(), options: list(z.object({ key: z.string(), title: z.string() })) }).meta({ id: 'Question' });

export const failure = z.object({ code: z.string(), message: z.string(), fix: z.string(), retry: z.enum(['later', 'never']) }).meta({ id: 'Failure' });

export const made = z
  .object({
    cluster: z.string(),
    apiVersion: z.string(),
    kind: z.string(),
    namespace: z.string().exactOptional(),
    name: z.string(),
    uid: z.string().exactOptional(),
  })
  .meta({ id: 'Made' });

export const entry = z
  .object({
    step: z.number(),
    phase: z.enum(['perform', 'undo', 'check']),
    attempt: z.number(),
    state: z.enum(['intended', 'done', 'failed', 'waiting', 'asked', 'answered']),
    at: rfc3339,
    result: json.exactOptional(),
    made: list(made).exactOptional(),
    failure: failure.exactOptional(),
    waitFor: z.string().exactOptional(),
    wakeAt: z.string().exactOptional(),
    question: question.exactOptional(),
    answer: z.string().exactOptional(),
  })
  .meta({ id: 'JournalEntry' });

export const operation = z
  .object({
    id: operationId,
    kind: z.string(),
    subject: z.string(),
    title: z.string(),
    state: operationState,
    actor: z.string(),
    cancelRequested: z.boolean(),
    pause: z.enum(['requested', 'paused']).nullable().describe('`requested`: the step that is under way ends first.'),
    question: question.nullable(),
    outcome: json.nullable(),
    stepsDone: z.number().describe('Steps whose effect stands.'),
    stepsTotal: z.number(),
    createdAt: rfc3339,
    updatedAt: rfc3339,
  })
  .meta({ id: 'Operation' });

export const operationDetail = operation.extend({ plan, journal: list(entry) }).meta({ id: 'OperationDetail' });

export const createOperation = z
  .strictObject({
    verb: z.string().min(1).max(63),
    request: z.unknown().describe('As GET /v1/verbs describes it for the verb.'),
    dryRun: z.boolean().default(false).describe('Answer the plan and store nothing.'),
  })
  .meta({ id: 'CreateOperation' });

export const planned = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('plan'), plan, operation: operation.nullable().describe('null after a dry run') }),
    z.object({ kind: z.literal('nothing'), reason: z.string() }),
  ])
  .describe('`nothing`: the wished state is already there.')
  .meta({ id: 'Planned' });

export const answerOperation = z
  .strictObject({ answer: z.string().min(1).max(200).describe('The key of one of the options.') })
  .meta({ id: 'AnswerOperation' });

export type Question = z.infer<typeof question>;
export type Failure = z.infer<typeof failure>;
export type Made = z.infer<typeof made>;
export type Entry = z.infer<typeof entry>;
export type Operation = z.infer<typeof operation>;
export type OperationDetail = z.infer<typeof operationDetail>;
export type CreateOperation = z.infer<typeof createOperation>;
export type Planned = z.infer<typeof planned>;
