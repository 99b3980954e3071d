// One attempt of one step: the performer with its context, its time limit and its end.
import { HanseError } from '../../errors.ts';
import type { Json, OperationId, OwnerId } from '../../ids.ts';
import { operationId, ownerId } from '../../ids.ts';
import { answerFor, entriesOf, madeBy, resultOf } from '../history.ts';
import type { Failure } from '../journal.ts';
import type { Step } from '../plan.ts';
import type { EffectGuard, Outcome, Performer, StepContext } from './performer.ts';
import { leaseLeftMs, leaseLost } from './run.ts';
import type { Run } from './run.ts';

export type Attempt = {
  readonly run: Run;
  readonly index: number;
  readonly phase: 'perform' | 'undo';
  readonly attempt: number;
  readonly performer: Performer | undefined;
  readonly leaseSeconds: number;
  progress(message: string, fraction?: number): void;
};

/** What came of it; `letGo`: nothing may be said about it, another broker, or this one later, finds out. */
export type Result = Outcome | { readonly kind: 'failed'; readonly failure: Failure; readonly defect?: unknown } | { readonly kind: 'letGo' };

/** A performer that does not end when told to is left behind after this time; its guard has closed then. */
const graceMs = 5_000;
const messageMax = 4_000;

export async function carryOutAttempt(attempt: Attempt): Promise<Result> {
  const { run, index } = attempt;
  const step = run.plan.steps[index];
  const act = step && verbOf(attempt);
  if (!step || !act)
    return { kind: 'failed', failure: toFailure(new HanseError('REFUSED', `This broker has no way to carry out a step of kind “${step?.kind}”.`)) };

  const controller = new AbortController();
  const { signal } = controller;
  let isOver = false;
  run.abort = (reason) => controller.abort(reason);
  const guard: EffectGuard = (timeLimitMs) => {
    if (isOver || leaseLeftMs(run, attempt.leaseSeconds) < timeLimitMs) throw leaseLost(run);
    signal.throwIfAborted();
  };
  const timer = setTimeout(() => controller.abort(tooLong(step)), step.timeoutSeconds * 1000);
  try {
    const context = contextOf(attempt, step, { signal, guard, isOver: () => isOver });
    return await Promise.race([act(context).catch((error: unknown) => failedWith(error, signal)), abandoned(signal)]);
  } finally {
    isOver = true;
    run.abort = null;
    clearTimeout(timer);
    controller.abort(leaseLost(run)); // what it left running ends
  }
}

function verbOf({ phase, performer }: Attempt): ((context: StepContext) => Promise<Outcome>) | undefined {
  if (phase === 'perform') return performer && (async (context) => performer.perform(context));
  const undo = performer?.undo;
  return undo && (async (context) => undo.call(performer, context));
}

type Bounds = { readonly signal: AbortSignal; readonly guard: EffectGuard; isOver(): boolean };

function contextOf({ run, index, phase, attempt, progress }: Attempt, step: Step, { signal, guard, isOver }: Bounds): StepContext {
  const operation: OperationId = operationId(run.id);
  const owner: OwnerId = ownerId(run.owner);
  return {
    operation,
    owner,
    plan: run.plan,
    step,
    index,
    attempt,
    signal,
    guard,
    result: (of: number): Json | undefined => resultOf(run.journal, of),
    made: () => madeBy(run.journal),
    answer: answerFor(entriesOf(run.journal, index, phase)),
    progress: (message, fraction) => {
      if (!isOver()) progress(message, fraction);
    },
  };
}

function failedWith(error: unknown, signal: AbortSignal): Result {
  const reason = signal.aborted && signal.reason instanceof HanseError ? signal.reason : error;
  if (reason instanceof HanseError) return reason.code === 'LEASE_LOST' ? { kind: 'letGo' } : { kind: 'failed', failure: toFailure(reason) };
  return { kind: 'failed', failure: toFailure(error), defect: error };
}

const abandoned = (signal: AbortSignal): Promise<Result> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => setTimeout(() => resolve(failedWith(signal.reason, signal)), graceMs).unref(), { once: true });
  });

const tooLong = (step: Step): HanseError => new HanseError('TIMED_OUT', `“${step.title}” did not end within ${step.timeoutSeconds} s.`);

/** A defect's own words stay in the log: they could hold anything. */
export function toFailure(error: unknown): Failure {
  const known = error instanceof HanseError ? error : new HanseError('INTERNAL', 'The step met a defect in Hanse.');
  return { code: known.code, message: known.message.slice(0, messageMax), fix: known.fix.slice(0, messageMax), retry: known.retry };
}
