// What main starts.
export { startReacting, type Reacting } from './startReacting.ts';
