// The journal of an operation: for every step the intention before the effect, the result after it.
import type { ErrorCode } from '../errors.ts';
import type { Json } from '../ids.ts';

export type Phase = 'perform' | 'undo';

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
  readonly state: 'intended' | 'done' | 'failed' | 'waiting' | 'asked';
  /** RFC 3339. */
  readonly at: string;
  readonly result?: Json;
  readonly made?: readonly Made[];
  readonly failure?: Failure;
  /** With `waiting`: what is waited for, and until when at the earliest (RFC 3339). */
  readonly waitFor?: string;
  readonly wakeAt?: string;
  readonly question?: Question;
};

/** In the order in which it was written. */
export type Journal = readonly Entry[];

export type Question = { readonly text: string; readonly options: readonly { readonly key: string; readonly title: string }[] };
