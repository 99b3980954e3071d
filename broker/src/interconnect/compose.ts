// Layer 2 and peering as one plan: circuits are ordered once the provider has accepted and before anything of the peering is made; they are cancelled when
// nothing of the peering is left.
import type { Plan, PlanNote, PlanOutcome, Refusal, Step } from '../operations/plan.ts';

/** `none`: layer 2 is not configured for all of them, or stands already. */
export type LanPlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'steps'; readonly steps: readonly Step[]; readonly notes: readonly PlanNote[] }
  | { readonly kind: 'refused'; readonly reasons: readonly Refusal[] };

export type About = { readonly home: string; readonly providers: readonly string[] };

const acceptKind = 'federation.accept';

const alone = (kind: string, title: string, subject: string, lan: Extract<LanPlan, { kind: 'steps' }>, pointOfNoReturn: number | null): PlanOutcome => ({
  kind: 'plan',
  plan: { kind, subject, title, steps: lan.steps, pointOfNoReturn, madeFrom: {}, notes: lan.notes },
});

const isEmpty = (lan: LanPlan): boolean => lan.kind === 'none' || (lan.kind === 'steps' && lan.steps.length === 0);

/** The notes of layer 2 come first: they say what is paid. */
const withSteps = (plan: Plan, lan: Extract<LanPlan, { kind: 'steps' }>, at: number): PlanOutcome => ({
  kind: 'plan',
  plan: { ...plan, steps: [...plan.steps.slice(0, at), ...lan.steps, ...plan.steps.slice(at)], notes: [...lan.notes, ...plan.notes] },
});

export const federateWith = (outcome: PlanOutcome, lan: LanPlan, { home, providers }: About): PlanOutcome => {
  if (outcome.kind === 'refused' || isEmpty(lan) || lan.kind === 'none') return outcome;
  if (lan.kind === 'refused') return lan;
  const names = providers.join(', ');
  if (outcome.kind === 'nothing') return alone('federate', `Put ${home} and ${names} on one LAN`, names, lan, null);
  return withSteps(outcome.plan, lan, outcome.plan.steps.findLastIndex(({ kind }) => kind === acceptKind) + 1);
};

/** What cannot be undone in it comes after the point of no return of leaving. */
export const leaveWith = (outcome: PlanOutcome, lan: LanPlan, { providers }: About): PlanOutcome => {
  if (outcome.kind === 'refused' || isEmpty(lan) || lan.kind === 'none') return outcome;
  if (lan.kind === 'refused') return lan;
  const names = providers.join(', ');
  if (outcome.kind === 'nothing') return alone('leave', `Cancel the circuits of ${names}`, names, lan, 0);
  return withSteps(outcome.plan, lan, outcome.plan.steps.length);
};
