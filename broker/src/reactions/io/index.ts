// What main starts and serves.
export { createImpact } from './impact.ts';
export { startReacting } from './startReacting.ts';
