// The words that criteria are written in, and the terms of `https://hanse.dev/ns#` for what Gaia-X has no words for. What is not here is not a fact.
import type { FactGroup } from './offering.ts';
import { schemes } from './schemes.ts';

export type FactType = 'text' | 'country' | 'number' | 'boolean' | 'version' | 'label' | 'position';

export type FactMeaning = {
  readonly group: FactGroup;
  readonly type: FactType;
  /** How several equally trusted statements count: `all` of them have to satisfy a criterion, or `any` one does. */
  readonly combine: 'all' | 'any';
  readonly unit?: string;
  /** Of numbers: what a value cannot be below (0 where none is named) or above. */
  readonly least?: number;
  readonly most?: number;
  /** What a preference means when it names no direction. */
  readonly better?: 'lowest' | 'highest';
  readonly title: string;
  /** An offering may rest on several things of the kind, each with a value of its own: two data centres, two countries. Else two values contradict each other. */
  readonly each?: true;
};

export const factTable: Readonly<Record<string, FactMeaning>> = {
  country: { group: 'locality', type: 'country', combine: 'all', title: 'where the data centre stands (ISO 3166-1; EU and EEA are understood)', each: true },
  region: { group: 'locality', type: 'text', combine: 'all', title: 'NUTS-2 region or ISO 3166-2 subdivision of the data centre', each: true },
  city: { group: 'locality', type: 'text', combine: 'all', title: 'city of the data centre', each: true },
  position: {
    group: 'locality',
    type: 'position',
    combine: 'all',
    better: 'lowest',
    title: 'latitude and longitude of the data centre; criteria name the distance from a point: distance(52.37,4.9)<=500km',
    each: true,
  },
  'seat.country': { group: 'locality', type: 'country', combine: 'all', title: 'where the provider has its headquarters' },
  'registration.country': { group: 'locality', type: 'country', combine: 'all', title: 'where the provider is registered' },
  'cpu.cores': { group: 'technical', type: 'number', combine: 'all', better: 'highest', title: 'virtual CPUs on offer' },
  'memory.gib': { group: 'technical', type: 'number', combine: 'all', unit: 'GiB', better: 'highest', title: 'memory on offer' },
  pods: { group: 'technical', type: 'number', combine: 'all', better: 'highest', title: 'pods on offer' },
  'gpu.count': { group: 'technical', type: 'number', combine: 'all', better: 'highest', title: 'GPUs on offer' },
  'gpu.model': { group: 'technical', type: 'text', combine: 'any', title: 'model of the GPUs' },
  arch: { group: 'technical', type: 'text', combine: 'any', title: 'CPU architecture as Kubernetes names it: amd64, arm64' },
  'kubernetes.version': { group: 'technical', type: 'version', combine: 'all', better: 'highest', title: 'version of Kubernetes' },
  'liqo.version': { group: 'technical', type: 'version', combine: 'all', better: 'highest', title: 'version of Liqo' },
  distribution: { group: 'technical', type: 'text', combine: 'all', title: 'distribution of Kubernetes: rke2, openshift, k3s, …' },
  nodes: { group: 'technical', type: 'number', combine: 'all', better: 'highest', title: 'nodes behind the offer' },
  'storage.class': { group: 'technical', type: 'text', combine: 'any', title: 'a storage class of the cluster' },
  cni: { group: 'technical', type: 'text', combine: 'all', title: 'network plug-in of the cluster: cilium, calico, …' },
  price: {
    group: 'technical',
    type: 'number',
    combine: 'all',
    unit: 'EUR per vCPU and hour',
    better: 'lowest',
    title: 'price of one virtual CPU for one hour, without tax',
  },
  'energy.renewable': {
    group: 'technical',
    type: 'number',
    combine: 'all',
    unit: '%',
    most: 100,
    better: 'highest',
    title: 'share of renewable energy',
    each: true,
  },
  'energy.pue': { group: 'technical', type: 'number', combine: 'all', least: 1, better: 'lowest', title: 'power usage effectiveness', each: true },
  'energy.wue': { group: 'technical', type: 'number', combine: 'all', better: 'lowest', unit: 'L/kWh', title: 'water usage effectiveness', each: true },
  'latency.ms': {
    group: 'locality',
    type: 'number',
    combine: 'all',
    unit: 'ms',
    better: 'lowest',
    title: "round trip from Hanse to the cluster's API server, as measured: the median of the last minutes",
  },
  availability: {
    group: 'technical',
    type: 'number',
    combine: 'all',
    most: 1,
    better: 'highest',
    title: "share of Hanse's probes that the cluster's API server answered within a day, as measured: 0 to 1",
  },
  'law.country': { group: 'locality', type: 'country', combine: 'all', title: 'countries whose law governs the contract', each: true },
  'subcontractor.country': { group: 'locality', type: 'country', combine: 'all', title: 'jurisdictions of subcontractors', each: true },
  tenancy: { group: 'technical', type: 'text', combine: 'all', title: 'how tenants are kept apart: hw-virtualized, physical, …' },
  provision: { group: 'technical', type: 'text', combine: 'all', title: 'public, private or hybrid' },
  conformity: { group: 'technical', type: 'text', combine: 'any', title: 'a standard that the service says its interface conforms to' },
  regime: { group: 'compliance', type: 'text', combine: 'any', title: 'a data protection regime that the provider says it works under: GDPR2016, …' },
  label: { group: 'compliance', type: 'label', combine: 'any', better: 'highest', title: 'Gaia-X label: SC < L1 < L2 < L3' },
  criterion: { group: 'compliance', type: 'text', combine: 'any', title: 'a single validated Gaia-X criterion, such as P3.1.9' },
  gdpr: { group: 'compliance', type: 'boolean', combine: 'any', title: 'says that it works under the GDPR (regime GDPR2016)' },
  ...Object.fromEntries(schemes.map(({ fact, title }): [string, FactMeaning] => [fact, { group: 'compliance', type: 'boolean', combine: 'any', title }])),
};

export const labels = ['SC', 'L1', 'L2', 'L3'] as const;

export const hanseNamespace = 'https://hanse.dev/ns#';

/** Properties of `hanse:FederableCluster` that are facts. Published in docs/vocabulary.md. */
export const clusterTerms: readonly (readonly [term: string, fact: string])[] = [
  ['cpuCores', 'cpu.cores'],
  ['memoryGiB', 'memory.gib'],
  ['pods', 'pods'],
  ['gpuCount', 'gpu.count'],
  ['gpuModel', 'gpu.model'],
  ['architecture', 'arch'],
  ['kubernetesVersion', 'kubernetes.version'],
  ['liqoVersion', 'liqo.version'],
  ['distribution', 'distribution'],
  ['nodes', 'nodes'],
  ['storageClass', 'storage.class'],
  ['cni', 'cni'],
  ['eurPerVcpuHour', 'price'],
];
