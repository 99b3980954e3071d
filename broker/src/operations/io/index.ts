export { createEngine } from './engine.ts';
export type { Engine, EngineOptions } from './engine.ts';
export type { EngineVerb } from './carryOut.ts';
export { createOperations } from './operations.ts';
export type { By, Operations } from './operations.ts';
export type { Outcome, Performer, Performers, StepContext, Verb } from './performer.ts';
