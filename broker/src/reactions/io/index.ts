// What main starts.
export { startReacting } from './startReacting.ts';
