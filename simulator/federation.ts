// The demo federation as data: who takes part, where, how large, and which exchanges join them.

export type Exchange = {
  readonly name: string;
  readonly title: string;
  /** IX-API, or no API at all: a person confirms. */
  readonly api: 'ixApi' | 'none';
  readonly city: string;
  readonly country: string;
  readonly latitude: number;
  readonly longitude: number;
};

/** Joins two exchanges' segments: a carrier's or the exchanges' own. */
export type Splice = {
  readonly name: string;
  readonly between: readonly [exchange: string, exchange: string];
  readonly vlans: readonly [number, number];
  readonly mtuBytes: number;
  readonly capacityMbps: number;
  readonly eurPerMonth: number;
  readonly owner: string;
};

export type NodeSize = { readonly cpu: string; readonly memory: string; readonly gpus?: number };

export type MemberData = {
  readonly name: string;
  /** Absent: its name. */
  readonly liqoClusterId?: string;
  readonly title: string;
  /** ISO 3166-1 of the seat and of the site: the same here. */
  readonly country: string;
  /** NUTS-2 or ISO 3166-2. */
  readonly region: string;
  readonly city: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly kind: 'onPremises' | 'cloud' | 'edge';
  readonly platform: 'k3s' | 'openshift' | 'rke2' | 'opennebula' | 'kubeadm';
  readonly exchange: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** Where Liqo runs with its networking module: what that gives to nobody, because it is routed elsewhere. */
  readonly reservedSubnets?: readonly string[];
  readonly kubernetesVersion: string;
  readonly nodes: readonly NodeSize[];
  /** null: offers nothing (the consumer's own cluster). */
  readonly offer: Offer | null;
};

export type Offer = {
  readonly label: 'SC' | 'L1' | 'L2' | 'L3' | null;
  /** As the vocabulary of the catalogue names certification schemes. */
  readonly schemes: readonly string[];
  readonly eurPerVcpuHour: number;
  readonly gpuModel: string | null;
  /** Share of renewable energy, percent; null: says nothing. */
  readonly renewablePercent: number | null;
  readonly pue: number | null;
};

export const exchanges: readonly Exchange[] = [
  { name: 'ams-ix', title: 'AMS-IX', api: 'ixApi', city: 'Amsterdam', country: 'NL', latitude: 52.3, longitude: 4.94 },
  { name: 'de-cix-frankfurt', title: 'DE-CIX Frankfurt', api: 'ixApi', city: 'Frankfurt', country: 'DE', latitude: 50.12, longitude: 8.73 },
  { name: 'de-cix-madrid', title: 'DE-CIX Madrid', api: 'ixApi', city: 'Madrid', country: 'ES', latitude: 40.44, longitude: -3.62 },
  { name: 'de-cix-new-york', title: 'DE-CIX New York', api: 'ixApi', city: 'New York', country: 'US', latitude: 40.72, longitude: -74.01 },
  { name: 'top-ix', title: 'TOP-IX', api: 'none', city: 'Turin', country: 'IT', latitude: 45.07, longitude: 7.66 },
];

export const splices: readonly Splice[] = [
  {
    name: 'ams-fra',
    between: ['ams-ix', 'de-cix-frankfurt'],
    vlans: [2101, 3101],
    mtuBytes: 9000,
    capacityMbps: 10_000,
    eurPerMonth: 420,
    owner: 'Rhine Carrier',
  },
  {
    name: 'fra-tur',
    between: ['de-cix-frankfurt', 'top-ix'],
    vlans: [3102, 412],
    mtuBytes: 1500,
    capacityMbps: 1_000,
    eurPerMonth: 310,
    owner: 'Gotthard Carrier',
  },
  {
    name: 'fra-mad',
    between: ['de-cix-frankfurt', 'de-cix-madrid'],
    vlans: [3103, 2103],
    mtuBytes: 9000,
    capacityMbps: 10_000,
    eurPerMonth: 380,
    owner: 'DE-CIX',
  },
];

const nodes = (count: number, size: NodeSize): readonly NodeSize[] => Array.from({ length: count }, () => size);

export const members: readonly MemberData[] = [
  {
    name: 'harbour',
    title: 'Harbour Software',
    country: 'NL',
    region: 'NL32',
    city: 'Amsterdam',
    latitude: 52.37,
    longitude: 4.9,
    kind: 'onPremises',
    platform: 'k3s',
    exchange: 'ams-ix',
    podCidr: '10.42.0.0/16',
    serviceCidr: '10.43.0.0/16',
    reservedSubnets: ['10.44.0.0/14', '10.52.0.0/14', '10.56.0.0/16', '10.128.0.0/14'],
    kubernetesVersion: 'v1.35.4+k3s1',
    nodes: nodes(2, { cpu: '8', memory: '32Gi' }),
    offer: null,
  },
  {
    name: 'amstel',
    title: 'Amstel Cloud',
    country: 'NL',
    region: 'NL32',
    city: 'Amsterdam',
    latitude: 52.33,
    longitude: 4.94,
    kind: 'cloud',
    platform: 'openshift',
    exchange: 'ams-ix',
    podCidr: '10.128.0.0/14',
    serviceCidr: '172.30.0.0/16',
    kubernetesVersion: 'v1.34.2',
    nodes: nodes(3, { cpu: '32', memory: '128Gi', gpus: 4 }),
    offer: { label: 'L2', schemes: ['iso27001'], eurPerVcpuHour: 0.024, gpuModel: 'NVIDIA L40S', renewablePercent: 62, pue: 1.2 },
  },
  {
    name: 'main',
    title: 'Main Rechenzentren',
    country: 'DE',
    region: 'DE71',
    city: 'Frankfurt',
    latitude: 50.1,
    longitude: 8.63,
    kind: 'cloud',
    platform: 'rke2',
    exchange: 'de-cix-frankfurt',
    podCidr: '10.44.0.0/16',
    serviceCidr: '10.54.0.0/16',
    kubernetesVersion: 'v1.34.6+rke2r1',
    nodes: nodes(6, { cpu: '64', memory: '256Gi' }),
    offer: { label: 'L3', schemes: ['c5', 'iso27001', 'nis2'], eurPerVcpuHour: 0.041, gpuModel: null, renewablePercent: 71, pue: 1.25 },
  },
  {
    name: 'po',
    title: 'Po Edge',
    country: 'IT',
    region: 'ITC1',
    city: 'Turin',
    latitude: 45.07,
    longitude: 7.69,
    kind: 'edge',
    platform: 'k3s',
    exchange: 'top-ix',
    podCidr: '10.42.0.0/16',
    serviceCidr: '10.43.0.0/16',
    reservedSubnets: [],
    kubernetesVersion: 'v1.35.4+k3s1',
    nodes: nodes(3, { cpu: '8', memory: '16Gi' }),
    offer: { label: 'L1', schemes: [], eurPerVcpuHour: 0.012, gpuModel: null, renewablePercent: 48, pue: 1.5 },
  },
  {
    name: 'ebro',
    title: 'Ebro Nube',
    country: 'ES',
    region: 'ES30',
    city: 'Madrid',
    latitude: 40.42,
    longitude: -3.7,
    kind: 'cloud',
    platform: 'opennebula',
    exchange: 'de-cix-madrid',
    podCidr: '10.45.0.0/16',
    serviceCidr: '10.55.0.0/16',
    kubernetesVersion: 'v1.33.9+rke2r1',
    nodes: nodes(4, { cpu: '16', memory: '64Gi' }),
    offer: { label: 'L1', schemes: ['gdpr.art42'], eurPerVcpuHour: 0.018, gpuModel: null, renewablePercent: 100, pue: 1.15 },
  },
  {
    name: 'hudson',
    title: 'Hudson Compute',
    country: 'US',
    region: 'US-NY',
    city: 'New York',
    latitude: 40.71,
    longitude: -74.01,
    kind: 'cloud',
    platform: 'kubeadm',
    exchange: 'de-cix-new-york',
    podCidr: '10.46.0.0/16',
    serviceCidr: '10.56.0.0/16',
    kubernetesVersion: 'v1.35.4',
    nodes: nodes(4, { cpu: '32', memory: '128Gi' }),
    offer: { label: null, schemes: [], eurPerVcpuHour: 0.015, gpuModel: null, renewablePercent: null, pue: null },
  },
];
