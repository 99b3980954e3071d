// What the broker wires together: the records of peerings, their bookings, and the verbs.
export { createPeerings, type Peerings } from './peerings.ts';
export type { FederationDeps } from './ports.ts';
export { readWord, type Word } from './word.ts';
export { sliceBookings } from './sliceBookings.ts';
export { federationVerbs, type FederationVerbs } from './verbs.ts';
