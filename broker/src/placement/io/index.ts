export { createDecider } from './decide.ts';
export type { Decider } from './decide.ts';
export { findSnapshot, storeSnapshot } from './snapshots.ts';
export { createOffers } from './offers.ts';
