// The operations that are in this broker's hands, each carried on by itself.
import { setTimeout as pause } from 'node:timers/promises';
import { HanseError } from '../../errors.ts';
import { hasPassed } from '../history.ts';
import { mustRollBack } from '../next.ts';
import { carryOut } from './carryOut.ts';
import type { Parting, Workshop } from './carryOut.ts';
import { leaseLeftMs, leaseLost } from './run.ts';
import type { Run } from './run.ts';

export type Hands = {
  readonly runs: ReadonlyMap<string, Run>;
  /** Still this incarnation's in the database, but let go here: to be claimed anew, which reads them again. */
  readonly orphans: Set<string>;
  take(run: Run): void;
  /** Those whose lease was renewed, or lost, by what the database said; and whose time is over by our own clock. */
  review(held: readonly Run[], kept: ReadonlySet<string>): void;
  dropLost(): void;
  /** Ends everything at the next place where it can be taken up again. Answers what was held. */
  emptied(): Promise<readonly Run[]>;
};

export type HandsOptions = {
  readonly shop: Workshop;
  isStopping(): boolean;
  /** Work may be due. */
  wake(): void;
  /** Longer waits are left to the engine's own clock. */
  readonly pollMs: number;
};

export function createHands({ shop, isStopping, wake, pollMs }: HandsOptions): Hands {
  const runs = new Map<string, Run>();
  const partings = new Set<Promise<void>>();
  const orphans = new Set<string>();

  const carry = async (run: Run): Promise<void> => {
    const parting = await carryOut(shop, run, isStopping).catch((error: unknown): Parting => {
      shop.log.warn({ operation: run.id, err: error }, 'operation was let go');
      return { kind: 'letGo' };
    });
    runs.delete(run.id);
    if (parting.kind === 'letGo') {
      orphans.add(run.id);
      if (!isStopping()) void pause(pollMs / 4, undefined, { ref: false }).then(wake);
    } else if (parting.wakeAt !== null) wakeBy(parting.wakeAt);
  };
  const wakeBy = (at: string): void => {
    const ms = Date.parse(at) - shop.clock.nowMs();
    if (ms < pollMs) setTimeout(wake, Math.max(0, ms) + 1).unref();
  };
  const abandon = (run: Run): void => {
    shop.log.warn({ operation: run.id }, 'lease lost');
    run.abort?.(leaseLost(run));
  };

  return {
    runs,
    orphans,
    take(run) {
      // Two at once would be two effects at once: what is still in hand here is not taken again.
      if (runs.has(run.id)) return;
      runs.set(run.id, run);
      const parting: Promise<void> = carry(run).finally(() => partings.delete(parting));
      partings.add(parting);
    },
    review(held, kept) {
      for (const run of held) {
        if (!kept.has(run.id)) abandon(run);
        else if (isTurnedBack(run)) run.abort?.(new HanseError('CANCELLED', 'It was cancelled.'));
      }
    },
    dropLost() {
      for (const run of runs.values()) if (leaseLeftMs(run, shop.leaseSeconds) < 0) abandon(run);
    },
    async emptied() {
      const held = [...runs.values()];
      for (const run of held) run.abort?.(leaseLost(run));
      await Promise.all(partings);
      return held;
    },
  };
}

/** Cancelled while there is a way back: the attempt on the way forward that is under way ends. */
const isTurnedBack = (run: Run): boolean =>
  run.cancelRequested && !hasPassed(run.plan, run.journal) && !mustRollBack(run.plan, run.journal, { cancelRequested: false });
