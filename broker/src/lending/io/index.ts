// What main wires together: who uses our clusters, and the verb that gives them our word.
export { createConsumers, lendVerb } from './lending.ts';
export { watchConsumers } from './watchConsumers.ts';
