export { createEngine } from './engine.ts';
export type { Engine, EngineOptions } from './engine.ts';
export type { EngineLog, EngineVerb } from './carryOut.ts';
export { createOperations } from './operations.ts';
export type { By, NewOperation, Operations } from './operations.ts';
export type { EffectGuard, Outcome, Performer, Performers, StepContext, Verb } from './performer.ts';
