export { createDecider } from './decide.ts';
export type { Decider, DeciderOptions, Offer, Offers } from './decide.ts';
