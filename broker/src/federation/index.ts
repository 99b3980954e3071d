// The public face of federation.
export type { Peering } from './peering.ts';
export { parsePeering } from './peeringRecord.ts';
export { createPeerings, type Peerings } from './io/peerings.ts';
export { sliceBookings, slicePool } from './io/sliceBookings.ts';
export { federationVerbs, type FederationVerbs } from './io/verbs.ts';
export type { FederationDeps, Reservations } from './io/ports.ts';
export type { ConsumerSide, ProviderSide } from './sides.ts';
export { collisions, type Ranges } from './ranges.ts';
