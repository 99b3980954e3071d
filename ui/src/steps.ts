// Plan and journal read together: how each step stands, what is waited for, and what can be done about it now.
import { z } from 'zod';
import type { Entry, OperationDetail, Step } from '../../contract/src/index.ts';

export type StepState = 'todo' | 'active' | 'waiting' | 'asking' | 'failed' | 'done' | 'undoing' | 'undone';

export type StepNow = {
  readonly index: number;
  readonly step: Step;
  readonly state: StepState;
  /** Since when it stands so. */
  readonly at: string | null;
  readonly tookMs: number | null;
  readonly attempts: number;
  readonly last: Entry | null;
};

export const stepsOf = ({ plan, journal }: Pick<OperationDetail, 'plan' | 'journal'>): StepNow[] =>
  plan.steps.map((step, index) => {
    const own = journal.filter((entry) => entry.step === index && entry.phase !== 'check');
    const last = own.at(-1) ?? null;
    const begun =
      last === null ? undefined : own.findLast(({ state, phase, attempt }) => state === 'intended' && phase === last.phase && attempt === last.attempt);
    const first = last === null ? undefined : own.find(({ state, phase }) => state === 'intended' && phase === last.phase);
    return {
      index,
      step,
      state: last === null ? 'todo' : stateOf(last),
      at: (last?.state === 'intended' ? first?.at : last?.at) ?? null,
      tookMs: last?.state === 'done' && begun ? Date.parse(last.at) - Date.parse(begun.at) : null,
      attempts: own.filter(({ state, phase }) => state === 'intended' && phase === last?.phase).length,
      last,
    };
  });

const stateOf = ({ phase, state }: Entry): StepState => {
  if (phase === 'undo') return state === 'done' ? 'undone' : state === 'asked' ? 'asking' : 'undoing';
  const states: Readonly<Record<Entry['state'], StepState>> = {
    intended: 'active',
    answered: 'active',
    done: 'done',
    failed: 'failed',
    waiting: 'waiting',
    asked: 'asking',
  };
  return states[state];
};

export const stepWords: Readonly<Record<StepState, string>> = {
  todo: 'to do',
  active: 'now',
  waiting: 'waits',
  asking: 'asks',
  failed: 'failed',
  done: 'done',
  undoing: 'being undone',
  undone: 'undone',
};

export const isPast = ({ plan, journal }: Pick<OperationDetail, 'plan' | 'journal'>): boolean => {
  const { pointOfNoReturn } = plan;
  return pointOfNoReturn !== null && journal.some(({ step, phase }) => phase === 'perform' && step >= pointOfNoReturn);
};

/** The one sentence that says where it stands. */
export const standingOf = (detail: OperationDetail, told: string | null): string => {
  const { state, question, plan, outcome } = detail;
  const now = stepsOf(detail).find((one) => ['active', 'waiting', 'asking', 'failed', 'undoing'].includes(one.state));
  if (question !== null) return question.text;
  if (detail.pause !== null) return pauseSentence(detail, now);
  if (state === 'planned') return 'Nothing happens before you approve it.';
  if (state === 'rollingBack') return `Going back: ${now?.step.undo.kind === 'undo' ? now.step.undo.title : 'what was done is undone'}.`;
  if (state === 'waiting') return `Waits for ${now?.last?.waitFor ?? 'what it needs'}.`;
  if (state === 'running') {
    if (told !== null) return sentence(told);
    if (detail.cancelRequested) return 'Will be rolled back as soon as the step that runs has ended.';
    if (plan.pointOfNoReturn === null) return 'Any failure rolls back by itself.';
    return isPast(detail)
      ? 'The point of no return is passed: from here it goes forward, or asks you.'
      : 'Any failure before the point of no return rolls back by itself.';
  }
  const failure = z.object({ failure: z.object({ message: z.string(), fix: z.string() }) }).safeParse(outcome);
  if (failure.success) return `${failure.data.failure.message} ${failure.data.failure.fix}`;
  const reason = z.object({ reason: z.string() }).safeParse(outcome);
  if (reason.success) return sentence(reason.data.reason);
  return state === 'rolledBack' ? 'Everything that it had made is taken back.' : '';
};

const pauseSentence = (detail: OperationDetail, now: StepNow | undefined): string => {
  if (detail.pause === 'requested') return `Pauses as soon as this has ended: ${now?.step.title ?? 'the step that runs'}.`;
  const next = detail.state === 'rollingBack' ? undefined : (now ?? stepsOf(detail).find((one) => one.state === 'todo'));
  return `Paused: no other step is begun${next === undefined ? '' : `. Next: ${next.step.title}`}.`;
};

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? '' : '.'}`;

export type Harm = {
  /** Requests that somebody counted during the move; null: nobody did. */
  readonly requests: { readonly total: number; readonly lost: number } | null;
  readonly interruptedMs: number | null;
  readonly readyMin: number | null;
};

const counted = z.looseObject({ requests: z.object({ total: z.number(), lost: z.number() }) });
const seen = z.looseObject({ readyMin: z.number().nullable(), interruptedMs: z.number() });

/** What was measured while it ran, from the results in the journal. */
export const harmOf = (journal: readonly Entry[]): Harm => {
  const results = journal.flatMap(({ state, result }) => (state === 'done' && result !== undefined ? [result] : []));
  const looks = results
    .flatMap((result) => nested(result))
    .flatMap((result) => {
      const parsed = seen.safeParse(result);
      return parsed.success ? [parsed.data] : [];
    });
  const counts = results.flatMap((result) => {
    const parsed = counted.safeParse(result);
    return parsed.success ? [parsed.data.requests] : [];
  });
  const lows = looks.flatMap(({ readyMin }) => readyMin ?? []);
  return {
    requests: counts.at(-1) ?? null,
    interruptedMs: looks.length === 0 ? null : looks.reduce((sum, { interruptedMs }) => sum + interruptedMs, 0),
    readyMin: lows.length === 0 ? null : Math.min(...lows),
  };
};

/** A result may hold what was seen itself, or under a word of its own. */
const nested = (result: unknown): readonly unknown[] => (typeof result === 'object' && result !== null ? [result, ...Object.values(result)] : []);
