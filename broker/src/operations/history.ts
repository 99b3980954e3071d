// What a journal tells about one step: how often it was tried, how it stands, what it answered.
import { isUnanswered } from '../errors.ts';
import type { Json } from '../ids.ts';
import type { Entry, Journal, Made, Phase } from './journal.ts';
import type { Plan } from './plan.ts';

export const entriesOf = (journal: Journal, step: number, phase: Phase): readonly Entry[] =>
  journal.filter((entry) => entry.step === step && entry.phase === phase);

export const isDone = (journal: Journal, step: number, phase: Phase): boolean =>
  journal.some((entry) => entry.step === step && entry.phase === phase && entry.state === 'done');

/** It may have had effects: the intention was written, whatever came of it. */
export const wasBegun = (journal: Journal, step: number): boolean =>
  journal.some((entry) => entry.step === step && entry.phase === 'perform' && entry.state === 'intended');

export const nextAttempt = (entries: readonly Entry[]): number => entries.filter((entry) => entry.state === 'intended').length + 1;

/** Failures in a row, without anything better between them; an attempt that a crash cut off counts neither way (`cutOffInARow`). */
export function failuresInARow(entries: readonly Entry[]): readonly Entry[] {
  const results = entries.filter((entry) => entry.state !== 'intended');
  const lastOther = results.findLastIndex((entry) => entry.state !== 'failed');
  return results.slice(lastOther + 1);
}

/** Attempts that a crash cut off, since the last of which anything is known. */
export const cutOffInARow = (entries: readonly Entry[]): number => entries.length - 1 - entries.findLastIndex((entry) => entry.state !== 'intended');

/** A step that waits for long is not attempted often; that somebody is silent for a moment, as when an API server starts anew, ends no step: so many times it is asked again. */
const unansweredMin = 5;

/** A failure that no further attempt is left for: the last of so many, or one that does not pass by itself. */
export function finalFailure(entries: readonly Entry[], attempts: number): Entry | undefined {
  const failures = failuresInARow(entries);
  const last = failures.at(-1);
  if (last?.failure === undefined) return last;
  const { code, retry } = last.failure;
  const most = isUnanswered(code) ? Math.max(attempts, unansweredMin) : attempts;
  return failures.length >= most || retry !== 'later' ? last : undefined;
}

/** The engine asks after a failure has been written; a performer asks in the midst of an attempt. */
export function isEngineQuestion(entries: readonly Entry[], asked: Entry): boolean {
  return entries[entries.indexOf(asked) - 1]?.state === 'failed';
}

/** What a person answered to the engine's question about this step, last. */
export function decision(entries: readonly Entry[]): string | undefined {
  const asked = entries.findLast((entry) => entry.state === 'asked');
  return asked && isEngineQuestion(entries, asked) ? answerTo(entries, asked) : undefined;
}

/** What a person answered to the performer's own question, until it asks again. */
export function answerFor(entries: readonly Entry[]): string | undefined {
  const asked = entries.findLast((entry) => entry.state === 'asked' && !isEngineQuestion(entries, entry));
  return asked && answerTo(entries, asked);
}

const answerTo = (entries: readonly Entry[], asked: Entry): string | undefined =>
  entries.slice(entries.indexOf(asked) + 1).find((entry) => entry.state === 'answered')?.answer;

export const resultOf = (journal: Journal, step: number): Json | undefined =>
  journal.findLast((entry) => entry.step === step && entry.phase === 'perform' && entry.state === 'done')?.result;

export const madeBy = (journal: Journal): readonly Made[] => journal.flatMap((entry) => entry.made ?? []);

/** Some effect from the point of no return on may have happened. */
export const hasPassed = (plan: Plan, journal: Journal): boolean => {
  const { pointOfNoReturn } = plan;
  return pointOfNoReturn !== null && journal.some((entry) => entry.phase === 'perform' && entry.state === 'intended' && entry.step >= pointOfNoReturn);
};
