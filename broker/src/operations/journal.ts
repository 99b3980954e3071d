// The journal of an operation: for every step the intention before the effect, the result after it.
import type { ErrorCode } from '../errors.ts';
import type { Json } from '../ids.ts';

/** `check`: the plan was held against the world before the step. */
export type Phase = 'perform' | 'undo' | 'check';

/** An object that a step made outside, so that its absence can be proved at the end. */
export type Made = {
  readonly cluster: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
};

export type Failure = { readonly code: ErrorCode; readonly message: string; readonly fix: string; readonly retry: 'later' | 'never' };

export type Entry = {
  readonly step: number;
  readonly phase: Phase;
  /** Counted from 1. */
  readonly attempt: number;
  readonly state: 'intended' | 'done' | 'failed' | 'waiting' | 'asked' | 'answered';
  /** RFC 3339. */
  readonly at: string;
  readonly result?: Json;
  readonly made?: readonly Made[];
  readonly failure?: Failure;
  /** With `waiting`: what is waited for. */
  readonly waitFor?: string;
  /** With `waiting`, and with `failed` where it is tried again: not before (RFC 3339). */
  readonly wakeAt?: string;
  readonly question?: Question;
  /** With `answered`: the key of the chosen option. */
  readonly answer?: string;
};

/** In the order in which it was written. */
export type Journal = readonly Entry[];

export type Question = { readonly text: string; readonly options: readonly { readonly key: string; readonly title: string }[] };
