export { createDecider } from './decide.ts';
export type { Decider, DeciderOptions, Offer, Offers } from './decide.ts';
export { findSnapshot, storeSnapshot } from './snapshots.ts';
