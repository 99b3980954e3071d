// A plan is a value: printed, stored, approved and carried out as it stands. Nothing is decided while it runs.
import type { Json, JsonObject } from '../ids.ts';

/** Whose authority a step uses. `cluster` is absent for what happens in the broker itself, and for what happens at an exchange: there the title of it stands. */
export type Side = { readonly role: 'consumer' | 'provider' | 'broker' | 'exchange'; readonly cluster?: string; readonly exchange?: string };

export type Undo =
  /** What undoing the step does, in words. */
  | { readonly kind: 'undo'; readonly title: string }
  /** The step leaves nothing that would have to be undone (it reads, waits or verifies). */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'irreversible'; readonly why: string };

export type Step = {
  /** Names the performer that carries it out. */
  readonly kind: string;
  /** What it does, in words, with the names of the things it touches. */
  readonly title: string;
  readonly side: Side;
  /** Everything the performer needs; never a secret (secrets are referred to by the id of a sealed row). */
  readonly input: JsonObject;
  readonly undo: Undo;
  /** It deletes or shrinks something. */
  readonly destructive: boolean;
  /** How often a failure that may pass by itself is tried again before the step has failed. */
  readonly attempts: number;
  /** Seconds that one attempt may take altogether. */
  readonly timeoutSeconds: number;
  /** Steps with the same word keep the plan's `paceSeconds` between them. */
  readonly pace?: string;
};

export type Plan = {
  /** The verb: federate, leave, deploy, … */
  readonly kind: string;
  /** What it is about: the application, the provider, the cluster. */
  readonly subject: string;
  readonly title: string;
  readonly steps: readonly Step[];
  /** Index of the first step after which there is no way back; null: everything can be undone. Before it a failure rolls back, from it on forward or ask. */
  readonly pointOfNoReturn: number | null;
  /** What the plan was decided from, to be held against the world again before the first step and before the point of no return. */
  readonly madeFrom: JsonObject;
  /** Lines for a person: cost, prediction, who will hold which Secret, what cannot be undone. */
  readonly notes: readonly PlanNote[];
  /** Seconds to keep between two steps that carry the same `pace` word; absent: no pace. */
  readonly paceSeconds?: number;
};

export type PlanNote = { readonly topic: string; readonly text: string; readonly data?: Json };

/** What planning answers. `nothing` is not a failure: the wished state is already there. */
export type PlanOutcome =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'nothing'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reasons: readonly Refusal[] };

export type Refusal = {
  readonly message: string;
  readonly fix?: string;
  readonly place?: { readonly file?: string; readonly line?: number; readonly path?: string };
};

export type Validity = { readonly valid: true } | { readonly valid: false; readonly reasons: readonly string[] };
