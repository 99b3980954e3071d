// What a capability gives to the engine: one performer for each kind of step, one verb for each kind of plan.
import type { z } from 'zod';
import type { Json, OperationId, OwnerId } from '../../ids.ts';
import type { Made, Question } from '../journal.ts';
import type { Plan, PlanOutcome, Step, Validity } from '../plan.ts';

/**
 * Held before every effect on the outside. Throws LEASE_LOST unless the lease outlasts a request with that time limit, so that a broker that was paused
 * and wakes up touches nothing. The Kubernetes client calls it right before the bytes of a changing request leave.
 */
export type EffectGuard = (timeLimitMs: number) => void;

export type StepContext = {
  readonly operation: OperationId;
  readonly owner: OwnerId;
  readonly plan: Plan;
  readonly step: Step;
  readonly index: number;
  /** Counted from 1. */
  readonly attempt: number;
  /** Aborted when the lease is lost, the operation is cancelled or the broker stops. */
  readonly signal: AbortSignal;
  readonly guard: EffectGuard;
  /** Result of the last finished attempt of a step (by index), undefined if it was not done. */
  result(index: number): Json | undefined;
  /** Everything that any step of this operation recorded as made. */
  made(): readonly Made[];
  /** What a person answered to this step's question, once. */
  readonly answer: string | undefined;
  /** A line for those who watch; not journalled. `fraction` from 0 to 1. */
  progress(message: string, fraction?: number): void;
};

export type Outcome =
  | { readonly kind: 'done'; readonly result?: Json; readonly made?: readonly Made[] }
  /** Nothing can be done for now; the engine lets go and comes back. For waits of seconds and more; shorter ones are awaited in the performer. */
  | { readonly kind: 'wait'; readonly reason: string; readonly seconds: number }
  | { readonly kind: 'ask'; readonly question: Question };

export type Performer = {
  /** Idempotent: run again after a crash at any place it finds out what is already there and completes it. */
  perform(context: StepContext): Promise<Outcome>;
  /** Idempotent too, also when perform never ran or ran by half. Absent when the step's undo is `nothing` or `irreversible`. */
  undo?(context: StepContext): Promise<Outcome>;
};

export type Performers = Readonly<Record<string, Performer>>;

/** A verb of the product: how its request looks, how a plan is made of it, and who carries out its steps. */
export type Verb<Request = unknown> = {
  readonly name: string;
  /** For the CLI's and the API's help: one sentence. */
  readonly summary: string;
  readonly request: z.ZodType<Request>;
  /** Reads what it must, decides purely, changes nothing. */
  plan(request: Request, by: { readonly owner: OwnerId; readonly actor: string }): Promise<PlanOutcome>;
  readonly performers: Performers;
  /** Holds the plan against the world of now: before the first step and again before the point of no return. */
  stillValid?(plan: Plan, by: { readonly owner: OwnerId }): Promise<Validity>;
};
