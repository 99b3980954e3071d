// What a plan must be so that it can be carried out: every plan is held against this before it is stored.
import type { Plan, Step } from './plan.ts';

const stepsMax = 2_000;

/** Empty: the plan is well made. Each fault is a sentence. */
export function planFaults(plan: Plan): readonly string[] {
  const { steps, pointOfNoReturn } = plan;
  return [
    ...(steps.length > stepsMax ? [`a plan has at most ${stepsMax} steps, this one has ${steps.length}`] : []),
    ...(pointOfNoReturn !== null && (!Number.isInteger(pointOfNoReturn) || !(pointOfNoReturn in steps))
      ? [`there is no step ${pointOfNoReturn} for the point of no return`]
      : []),
    ...steps.flatMap((step, index) => stepFaults(step, index, pointOfNoReturn ?? steps.length)),
  ];
}

function stepFaults(step: Step, index: number, pointOfNoReturn: number): readonly string[] {
  const where = `step ${index} (${step.kind})`;
  return [
    ...(step.undo.kind === 'irreversible' && index < pointOfNoReturn ? [`${where} is irreversible but stands before the point of no return`] : []),
    ...(Number.isInteger(step.attempts) && step.attempts >= 1 ? [] : [`${where} has no attempt`]),
    ...(step.timeoutSeconds > 0 ? [] : [`${where} has no time`]),
  ];
}
