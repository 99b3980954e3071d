export { describe, registrationOf } from './describe.ts';
export { ask, questions } from './questions.ts';
