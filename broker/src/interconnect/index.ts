// The public face of interconnect.
export { concernedBy } from './concern.ts';
export { type Circuit, circuitTitle } from './lan.ts';
export { interconnectSettings, readTopology } from './settings.ts';
export type { Topology } from './topology.ts';
