// What the broker wires together: layer 2 for federation, and the watch over what was ordered.
export { createInterconnect, type Interconnect, type Ranges } from './interconnect.ts';
export { federateOverLan, leaveOverLan } from './verbs.ts';
export { watchCircuits } from './watchCircuits.ts';
