// What the broker wires together: layer 2 for federation, and the watch over what was ordered.
export { createInterconnect, type Interconnect, type LanPlan } from './interconnect.ts';
export { watchCircuits } from './watchCircuits.ts';
