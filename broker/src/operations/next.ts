// The whole control flow of an operation: the same plan, journal and control give the same answer, in whichever broker and after whichever crash.
import { cutOffInARow, decision, entriesOf, failuresInARow, finalFailure, hasPassed, isDone, nextAttempt, wasBegun } from './history.ts';
import type { Entry, Failure, Journal, Phase, Question } from './journal.ts';
import type { Plan, Step } from './plan.ts';

/** What is not in the journal. `now` in RFC 3339, UTC, by the clock that also stamped the journal. */
export type Control = { readonly cancelRequested: boolean; readonly now: string };

export type Action =
  | { readonly do: 'perform' | 'undo'; readonly step: number; readonly attempt: number }
  /** Hold the plan against the world, before this step. */
  | { readonly do: 'checkStillValid'; readonly step: number; readonly attempt: number }
  | { readonly do: 'wait'; readonly until: string }
  /** `asked`: the question stands in the journal already. */
  | { readonly do: 'ask'; readonly step: number; readonly phase: 'perform' | 'undo'; readonly question: Question; readonly asked: boolean }
  /** So many attempts in a row were cut off that the step may be what ends the broker: journalled as a failure, in place of one more. */
  | { readonly do: 'fail'; readonly step: number; readonly phase: 'perform' | 'undo'; readonly failure: Failure }
  | { readonly do: 'finish'; readonly outcome: 'done' | 'rolledBack' | 'failed' };

/** Between a check and the step it was made for; longer ago (a crash came between) it is made again. */
const checkHoldsMs = 60_000;
const checkAttempts = 5;
/** Undoing is tried at least so often before a person is asked. */
const undoAttemptsMin = 3;
/** Brokers are also ended by other things than the step, and now and then one after the other. */
const cutOffMax = 8;

export function nextAction(plan: Plan, journal: Journal, control: Control): Action {
  if (mustRollBack(plan, journal, control)) return unwind(plan, journal, control);
  const done = new Set(journal.filter((entry) => entry.phase === 'perform' && entry.state === 'done').map((entry) => entry.step));
  const index = plan.steps.findIndex((_, step) => !done.has(step));
  const step = plan.steps[index];
  return step ? forward(plan, journal, control, { step, index }) : { do: 'finish', outcome: 'done' };
}

/** Read from facts that never leave the journal, so that a roll-back once begun is never forgotten. */
export function mustRollBack(plan: Plan, journal: Journal, control: Pick<Control, 'cancelRequested'>): boolean {
  if (journal.some((entry) => entry.phase === 'undo')) return true;
  if (hasPassed(plan, journal)) return false;
  return control.cancelRequested || rollBackReason(plan, journal) !== undefined;
}

/** The failure that ended the way forward before the point of no return. */
export function rollBackReason(plan: Plan, journal: Journal): Failure | undefined {
  const failed = new Set(journal.filter((entry) => entry.state === 'failed').map((entry) => entry.step));
  for (const index of failed) {
    const attempts = plan.steps[index]?.attempts ?? 1;
    const last = finalFailure(entriesOf(journal, index, 'perform'), attempts) ?? finalFailure(entriesOf(journal, index, 'check'), checkAttempts);
    if (last) return last.failure;
  }
  return undefined;
}

type Place = { readonly step: Step; readonly index: number };

function forward(plan: Plan, journal: Journal, control: Control, { step, index }: Place): Action {
  const entries = entriesOf(journal, index, 'perform');
  if (decision(entries) === 'giveUp') return { do: 'finish', outcome: 'failed' };
  const failed = finalFailure(entries, step.attempts);
  if (failed) return { do: 'ask', step: index, phase: 'perform', question: whatAfterFailure(step, failed), asked: false };
  const standing =
    cutOff(step, entries, { index, phase: 'perform' }) ?? holdUp(entries, control, { index, phase: 'perform' }) ?? paced(plan, journal, control, step);
  if (standing) return standing;
  return check(plan, journal, control, index) ?? { do: 'perform', step: index, attempt: nextAttempt(entries) };
}

/** Before the first step and before the point of no return, unless that step has begun. */
function check(plan: Plan, journal: Journal, control: Control, index: number): Action | null {
  if ((index !== 0 && index !== plan.pointOfNoReturn) || wasBegun(journal, index)) return null;
  const entries = entriesOf(journal, index, 'check');
  const last = journal.at(-1);
  if (last?.phase === 'check' && last.state === 'done' && last.step === index && millisSince(last.at, control) <= checkHoldsMs) return null;
  return holdUp(entries, control, { index, phase: 'check' }) ?? { do: 'checkStillValid', step: index, attempt: failuresInARow(entries).length + 1 };
}

/** In exact reverse, the failed step too: whatever was begun may have had effects. */
function unwind(plan: Plan, journal: Journal, control: Control): Action {
  const index = plan.steps.findLastIndex((step, at) => isToUndo(step, journal, at));
  const step = plan.steps[index];
  if (!step) return { do: 'finish', outcome: leftBehind(plan, journal).length > 0 ? 'failed' : 'rolledBack' };
  const entries = entriesOf(journal, index, 'undo');
  const failed = finalFailure(entries, Math.max(step.attempts, undoAttemptsMin));
  if (failed) return { do: 'ask', step: index, phase: 'undo', question: whatAfterFailedUndo(step, failed), asked: false };
  return (
    cutOff(step, entries, { index, phase: 'undo' }) ??
    holdUp(entries, control, { index, phase: 'undo' }) ?? { do: 'undo', step: index, attempt: nextAttempt(entries) }
  );
}

const isToUndo = (step: Step, journal: Journal, index: number): boolean =>
  step.undo.kind === 'undo' && wasBegun(journal, index) && !isDone(journal, index, 'undo') && !wasLeft(journal, index);

const wasLeft = (journal: Journal, index: number): boolean => decision(entriesOf(journal, index, 'undo')) === 'leave';

/** Steps whose effects a person decided to leave as they are. */
export const leftBehind = (plan: Plan, journal: Journal): readonly Step[] =>
  plan.steps.filter((_, index) => wasLeft(journal, index) && !isDone(journal, index, 'undo'));

type Effort = { readonly index: number; readonly phase: 'perform' | 'undo' };

function cutOff(step: Step, entries: readonly Entry[], { index, phase }: Effort): Action | null {
  const times = cutOffInARow(entries);
  if (times < cutOffMax) return null;
  const message = `“${step.title}” was begun ${times} times in a row, and each time the broker ended in the midst of it.`;
  const fix = 'Look into the log of the broker for how it ended.';
  return { do: 'fail', step: index, phase, failure: { code: 'INTERNAL', message, fix, retry: 'never' } };
}

/** An open question, or a time that has not come. */
function holdUp(entries: readonly Entry[], control: Control, at: { readonly index: number; readonly phase: Phase }): Action | null {
  const last = entries.findLast((entry) => entry.state !== 'intended');
  if (last?.state === 'asked' && last.question && at.phase !== 'check')
    return { do: 'ask', step: at.index, phase: at.phase, question: last.question, asked: true };
  if (entries.at(-1) === last && last?.wakeAt !== undefined && last.wakeAt > control.now) return { do: 'wait', until: last.wakeAt };
  return null;
}

function paced(plan: Plan, journal: Journal, control: Control, step: Step): Action | null {
  if (plan.paceSeconds === undefined || step.pace === undefined) return null;
  const last = journal.findLast((entry) => entry.phase === 'perform' && entry.state === 'done' && plan.steps[entry.step]?.pace === step.pace);
  if (!last) return null;
  const until = new Date(Date.parse(last.at) + plan.paceSeconds * 1000).toISOString();
  return until > control.now ? { do: 'wait', until } : null;
}

const millisSince = (at: string, control: Control): number => Date.parse(control.now) - Date.parse(at);

const whatAfterFailure = (step: Step, failed: Entry): Question => ({
  text: `“${step.title}” failed after the point of no return: ${failed.failure?.message ?? 'for an unknown reason'}`,
  options: [
    { key: 'retry', title: 'Try the step again' },
    { key: 'giveUp', title: 'Take over: everything stays as it is now, and the operation ends as failed' },
  ],
});

const whatAfterFailedUndo = (step: Step, failed: Entry): Question => ({
  text: `Undoing “${step.title}” failed: ${failed.failure?.message ?? 'for an unknown reason'}`,
  options: [
    { key: 'retry', title: 'Try to undo it again' },
    { key: 'leave', title: 'Take this step over: what it did stays, the steps before it are undone, and the operation ends as failed' },
  ],
});
