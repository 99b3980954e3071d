// An operation in the hands of this broker: what it knows of it, and how long it may trust that knowledge.
import { HanseError } from '../../errors.ts';
import type { Entry } from '../journal.ts';
import type { Plan } from '../plan.ts';
import { elapsedMs } from './clock.ts';
import type { Stopwatch } from './clock.ts';

export type Run = {
  readonly id: string;
  readonly owner: string;
  readonly plan: Plan;
  readonly fence: number;
  /** As long as the row's cursor says. */
  readonly journal: Entry[];
  cursor: number;
  cancelRequested: boolean;
  /** A person wants no other step begun. */
  isPaused: boolean;
  /** When the last successful claim or renewal was SENT: the lease counts from there here, from later in the database. */
  leasedSince: Stopwatch;
  /** Ends the attempt that is under way. */
  abort: ((reason: HanseError) => void) | null;
};

/** Below zero: lost. */
export const leaseLeftMs = (run: Pick<Run, 'leasedSince'>, leaseSeconds: number): number => leaseSeconds * 1000 - elapsedMs(run.leasedSince);

export const leaseLost = (run: Pick<Run, 'id'>): HanseError => new HanseError('LEASE_LOST', `This broker no longer holds operation ${run.id}.`);
