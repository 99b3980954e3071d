// The public face of interconnect.
export { interconnectSettings, readTopology } from './settings.ts';
export type { Topology } from './topology.ts';
