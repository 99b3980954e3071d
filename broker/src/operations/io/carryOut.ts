// Carries one operation on, action by action, until it ends, waits, asks or is no longer ours.
import { HanseError } from '../../errors.ts';
import { ownerId } from '../../ids.ts';
import { entriesOf, failuresInARow, hasPassed, nextAttempt } from '../history.ts';
import type { Entry, Phase } from '../journal.ts';
import { mustRollBack, nextAction } from '../next.ts';
import type { Action } from '../next.ts';
import { auditDraft, auditsOf, eventOf, outcomeOf } from '../state.ts';
import { carryOutAttempt, toFailure } from './attempt.ts';
import type { Result } from './attempt.ts';
import type { DatabaseClock } from './clock.ts';
import type { Verb } from './performer.ts';
import type { ProgressLog } from './progress.ts';
import type { Run } from './run.ts';
import type { Write, Writer } from './writer.ts';

export type EngineVerb = Pick<Verb, 'name' | 'performers' | 'stillValid'>;

export type EngineLog = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

export type Workshop = {
  readonly verbs: ReadonlyMap<string, EngineVerb>;
  readonly writer: Writer;
  readonly clock: DatabaseClock;
  readonly leaseSeconds: number;
  readonly progress: ProgressLog;
  readonly log: EngineLog;
  /** Seconds before the attempt after so many failures in a row. */
  backoffSeconds(failures: number): number;
};

/** `released`: the database says where it stands, and when it goes on (`wakeAt`). `letGo`: it has to be read again before anything is done. */
export type Parting = { readonly kind: 'released'; readonly wakeAt: string | null } | { readonly kind: 'letGo' };

const letGo: Parting = { kind: 'letGo' };
const checkSeconds = 60;

export async function carryOut(shop: Workshop, run: Run, isStopping: () => boolean): Promise<Parting> {
  while (!isStopping()) {
    const action = next(shop, run);
    const parting = await (isEffect(action) ? (run.isPaused ? rest(shop, run) : take(shop, run, action)) : part(shop, run, action));
    if (parting) return parting;
  }
  return letGo;
}

const next = (shop: Workshop, run: Run): Action => nextAction(run.plan, run.journal, { cancelRequested: run.cancelRequested, now: shop.clock.now() });

type EffectAction = Extract<Action, { attempt: number }>;
const isEffect = (action: Action): action is EffectAction => action.do === 'perform' || action.do === 'undo' || action.do === 'checkStillValid';

/** Between two steps, in nobody's hands: who resumes it lets a broker claim it again. */
async function rest(shop: Workshop, run: Run): Promise<Parting> {
  const state = working(run, run.journal, false);
  const isWritten = await write(shop, run, { state, release: true, event: { kind: 'state', data: { state, pause: 'paused' } } });
  return isWritten ? { kind: 'released', wakeAt: null } : letGo;
}

async function take(shop: Workshop, run: Run, action: EffectAction): Promise<Parting | null> {
  if (action.do === 'checkStillValid') return record(shop, run, await check(shop, run, action));
  const at = { step: action.step, phase: action.do, attempt: action.attempt };
  const parting = await record(shop, run, { ...at, state: 'intended', at: shop.clock.now() });
  if (parting) return parting;
  // Cancelled while the intention was written: there is no effect to begin with any more.
  if (next(shop, run).do !== action.do) return null;
  const result = await perform(shop, run, action.do, action);
  if (result.kind === 'letGo') return letGo;
  return record(shop, run, toEntry(shop, run, at, result));
}

async function perform(shop: Workshop, run: Run, phase: 'perform' | 'undo', { step: index, attempt }: EffectAction): Promise<Result> {
  const progress = shop.progress({ id: run.id, owner: run.owner, step: index });
  const kind = run.plan.steps[index]?.kind ?? '';
  const performers = shop.verbs.get(run.plan.kind)?.performers ?? {};
  const performer = Object.hasOwn(performers, kind) ? performers[kind] : undefined;
  const result = await carryOutAttempt({ run, index, phase, attempt, performer, leaseSeconds: shop.leaseSeconds, progress: progress.say });
  await progress.end();
  if (result.kind === 'failed' && result.defect !== undefined)
    shop.log.error({ operation: run.id, step: index, kind, phase, err: result.defect }, 'step met a defect');
  return result;
}

type At = { readonly step: number; readonly phase: Phase; readonly attempt: number };

function toEntry(shop: Workshop, run: Run, at: At, result: Exclude<Result, { kind: 'letGo' }>): Entry {
  const entry = { ...at, at: shop.clock.now() };
  switch (result.kind) {
    case 'done':
      return { ...entry, state: 'done', ...(result.result === undefined ? {} : { result: result.result }), ...(result.made ? { made: result.made } : {}) };
    case 'wait':
      return { ...entry, state: 'waiting', waitFor: result.reason, wakeAt: later(shop, result.seconds) };
    case 'ask':
      return { ...entry, state: 'asked', question: result.question };
    case 'failed': {
      const failures = failuresInARow(entriesOf(run.journal, at.step, at.phase)).length + 1;
      const again = result.failure.retry === 'later' ? { wakeAt: later(shop, shop.backoffSeconds(failures)) } : {};
      return { ...entry, state: 'failed', failure: result.failure, ...again };
    }
  }
}

const later = (shop: Workshop, seconds: number): string => new Date(shop.clock.nowMs() + Math.max(0, seconds) * 1000).toISOString();

async function check(shop: Workshop, run: Run, action: EffectAction): Promise<Entry> {
  const at: At = { step: action.step, phase: 'check', attempt: action.attempt };
  try {
    const validity = (await withinTime(shop.verbs.get(run.plan.kind)?.stillValid?.(run.plan, { owner: ownerId(run.owner) }))) ?? { valid: true };
    if (validity.valid) return toEntry(shop, run, at, { kind: 'done' });
    return toEntry(shop, run, at, { kind: 'failed', failure: toFailure(new HanseError('STALE_PLAN', validity.reasons.join(' '))) });
  } catch (error) {
    if (!(error instanceof HanseError)) shop.log.error({ operation: run.id, err: error }, 'check of a plan met a defect');
    return toEntry(shop, run, at, { kind: 'failed', failure: toFailure(error) });
  }
}

async function withinTime<T>(work: Promise<T> | undefined): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new HanseError('TIMED_OUT', `The plan could not be held against the world within ${checkSeconds} s.`)),
      checkSeconds * 1000,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Journals the entry, and with it whatever follows from it without another effect: waiting for a time or an answer. */
async function record(shop: Workshop, run: Run, entry: Entry): Promise<Parting | null> {
  const journal = [...run.journal, entry];
  const then = nextAction(run.plan, journal, { cancelRequested: run.cancelRequested, now: shop.clock.now() });
  const isOpenQuestion = then.do === 'ask' && then.asked;
  const rests = then.do === 'wait' || isOpenQuestion;
  const wakeAt = then.do === 'wait' ? then.until : null;
  const written = await write(shop, run, {
    entry,
    state: isOpenQuestion ? 'asking' : working(run, journal, then.do === 'wait'),
    passing: !hasPassed(run.plan, run.journal) && hasPassed(run.plan, journal),
    cancellable: !hasPassed(run.plan, journal) && !mustRollBack(run.plan, journal, { cancelRequested: false }),
    release: rests,
    wakeAt,
    question: isOpenQuestion ? then.question : null,
    event: { kind: 'step', data: eventOf(run.plan, entry) },
    audits: auditsOf(run, run.journal, entry),
  });
  if (!written) return letGo;
  run.journal.push(entry);
  run.cursor += 1;
  return rests ? { kind: 'released', wakeAt } : null;
}

const working = (run: Run, journal: readonly Entry[], waits: boolean): 'running' | 'waiting' | 'rollingBack' => {
  if (mustRollBack(run.plan, journal, run)) return 'rollingBack';
  return waits ? 'waiting' : 'running';
};

/** Actions without an effect. */
async function part(shop: Workshop, run: Run, action: Exclude<Action, EffectAction>): Promise<Parting | null> {
  switch (action.do) {
    case 'wait': {
      const cancellable = !hasPassed(run.plan, run.journal) && !mustRollBack(run.plan, run.journal, { cancelRequested: false });
      const isWritten = await write(shop, run, { state: working(run, run.journal, true), cancellable, release: true, wakeAt: action.until });
      return isWritten ? { kind: 'released', wakeAt: action.until } : letGo;
    }
    case 'ask': {
      const entry: Entry = { step: action.step, phase: action.phase, attempt: 1, state: 'asked', at: shop.clock.now(), question: action.question };
      if (!action.asked) return record(shop, run, entry);
      const isWritten = await write(shop, run, { state: 'asking', release: true, question: action.question });
      return isWritten ? { kind: 'released', wakeAt: null } : letGo;
    }
    case 'fail': {
      const attempt = nextAttempt(entriesOf(run.journal, action.step, action.phase));
      return record(shop, run, { step: action.step, phase: action.phase, attempt, state: 'failed', at: shop.clock.now(), failure: action.failure });
    }
    case 'finish': {
      const outcome = outcomeOf(run.plan, run.journal, action.outcome);
      const audits = [auditDraft(run, 'broker', action.outcome, outcome)];
      const isWritten = await write(shop, run, {
        state: action.outcome,
        release: true,
        outcome,
        event: { kind: 'state', data: { state: action.outcome, outcome } },
        audits,
      });
      shop.log.info({ operation: run.id, kind: run.plan.kind, outcome: action.outcome }, 'operation ended');
      return isWritten ? { kind: 'released', wakeAt: null } : letGo;
    }
  }
}

async function write(shop: Workshop, run: Run, what: Partial<Write> & Pick<Write, 'state'>): Promise<boolean> {
  const nothing = { entry: null, passing: false, cancellable: false, release: false, wakeAt: null, question: null, outcome: null, event: null, audits: [] };
  const { isWritten, cancelRequested, isPaused } = await shop.writer.write({ ...nothing, ...what, id: run.id, fence: run.fence, cursor: run.cursor });
  run.cancelRequested ||= cancelRequested;
  if (isWritten) run.isPaused = isPaused;
  return isWritten;
}
