// The states of an operation as a whole, and what is told about it when it changes.
import type { AuditDraft } from '../audit/chain.ts';
import type { Json, JsonObject } from '../ids.ts';
import { hasPassed, isDone, wasBegun } from './history.ts';
import type { Entry, Journal } from './journal.ts';
import { leftBehind, rollBackReason } from './next.ts';
import type { Plan, Step } from './plan.ts';

export type OperationState = 'planned' | 'running' | 'waiting' | 'asking' | 'rollingBack' | 'done' | 'rolledBack' | 'failed' | 'discarded';

/** What an operation is to those who only watch: whose, what, about what. */
export type About = { readonly id: string; readonly owner: string; readonly plan: Plan };

export const auditDraft = ({ id, owner, plan }: About, actor: string, action: string, detail: JsonObject = {}): AuditDraft => ({
  owner,
  actor,
  action: `operation.${action}`,
  subject: id,
  // what it is stays readable, whatever came of it
  detail: { ...detail, kind: plan.kind, about: plan.subject },
});

/** What the audit log is told with an entry: only turning points, each once. */
export function auditsOf(about: About, journal: Journal, entry: Entry): readonly AuditDraft[] {
  const by = (action: string, detail: JsonObject = {}): AuditDraft => auditDraft(about, 'broker', action, detail);
  const isFirst = !journal.some(({ phase, state }) => phase === entry.phase && state === 'intended');
  const step = about.plan.steps[entry.step]?.title ?? '';
  if (entry.state === 'asked') return [by('asked', { step, question: entry.question?.text ?? '' })];
  if (entry.state !== 'intended') return [];
  if (entry.phase === 'undo') return isFirst ? [by('rollingBack', { reason: reasonOf(about.plan, journal) })] : [];
  const passes = !hasPassed(about.plan, journal) && hasPassed(about.plan, [entry]);
  return [...(isFirst ? [by('started')] : []), ...(passes ? [by('passedPointOfNoReturn', { step })] : [])];
}

const reasonOf = (plan: Plan, journal: Journal): string => rollBackReason(plan, journal)?.message ?? 'cancelled';

/** What watchers are told with an entry. */
export function eventOf(plan: Plan, entry: Entry): JsonObject {
  const { step, phase, attempt, state, failure, waitFor, wakeAt, question, answer } = entry;
  const title = titleOf(plan, entry);
  const told: Record<string, Json | undefined> = { step, steps: plan.steps.length, phase, attempt, state, title, failure, waitFor, wakeAt, question, answer };
  return Object.fromEntries(Object.entries(told).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}

function titleOf(plan: Plan, { step, phase }: Entry): string {
  const at = plan.steps[step];
  if (phase === 'check') return 'hold the plan against the world of now';
  return phase === 'undo' && at?.undo.kind === 'undo' ? at.undo.title : (at?.title ?? '');
}

const titlesOf = (steps: readonly Step[]): string[] => steps.map(({ title }) => title);

/** What a person took over: from the point of no return on everything that was begun, before it what an undo was asked to leave. */
const takenOver = (plan: Plan, journal: Journal): readonly Step[] =>
  hasPassed(plan, journal) ? plan.steps.filter((step, index) => step.undo.kind === 'undo' && wasBegun(journal, index)) : leftBehind(plan, journal);

/** What came of an operation: stored with it, shown at its end. `leftBehind`, `notDone`: titles of steps. */
export function outcomeOf(plan: Plan, journal: Journal, kind: 'done' | 'rolledBack' | 'failed'): JsonObject {
  if (kind === 'done') return { kind };
  const failure = rollBackReason(plan, journal) ?? (hasPassed(plan, journal) ? journal.findLast((entry) => entry.failure)?.failure : undefined);
  const left = kind === 'failed' ? titlesOf(takenOver(plan, journal)) : [];
  const open = kind === 'failed' && hasPassed(plan, journal) ? titlesOf(plan.steps.filter((_, index) => !isDone(journal, index, 'perform'))) : [];
  return {
    kind,
    ...(failure ? { failure } : { cancelled: true }),
    ...(left.length > 0 ? { leftBehind: left } : {}),
    ...(open.length > 0 ? { notDone: open } : {}),
  };
}
