// The public face of federation: what others may know of it.
export type { Peering } from './peering.ts';
export { parsePeering } from './peeringRecord.ts';
export { collisions, type Ranges } from './ranges.ts';
