// Plans carried out step by step. Knows no cloud word.
export type { Entry, Failure, Journal, Made, Phase, Question } from './journal.ts';
export type { Plan, PlanNote, PlanOutcome, Refusal, Side, Step, Undo, Validity } from './plan.ts';
export type { OperationState } from './state.ts';
export { nextAction } from './next.ts';
export type { Action, Control } from './next.ts';
export { planFaults } from './planFaults.ts';
