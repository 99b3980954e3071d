// From what each capability knows to the snapshot that decisions read.
import type { Fact, Offering } from '../catalogue/index.ts';
import type { Cluster } from '../clusters/index.ts';
import type { Resources } from './placement.ts';
import type { SnapshotCluster } from './snapshot.ts';

export type Known = {
  readonly clusters: readonly Cluster[];
  readonly offerings: readonly Offering[];
  /** Federated providers by our name of their cluster, with what they lend. */
  readonly lent: ReadonlyMap<string, Resources>;
  /** What applications of ours hold on each cluster. */
  readonly used: ReadonlyMap<string, Resources>;
  /** What is booked with providers, by our name of their cluster: slices of peerings, also of those that are being made. */
  readonly booked: ReadonlyMap<string, Resources>;
  /** What Hanse measured, by our name of the cluster; it stands beside what is stated. */
  readonly measured?: ReadonlyMap<string, readonly Fact[]>;
  /** Providers that nothing new goes to now. */
  readonly closed?: ReadonlySet<string>;
  /** Free capacity of the home cluster as its nodes show it; absent: nobody looked. */
  readonly home?: { readonly name: string; readonly free: Resources; readonly facts: readonly Fact[] };
};

/** Every cluster that was added, and every offer whose cluster was not. Sorted by name. */
export function assemble(known: Known): SnapshotCluster[] {
  const ready = known.clusters.filter(({ state }) => state === 'ready');
  const added = ready.map((cluster): SnapshotCluster => (cluster.side === 'consumer' ? homeEntry(cluster, known) : providerEntry(cluster, known)));
  const ids = new Set(ready.map(({ liqoClusterId }) => liqoClusterId));
  const taken = new Set(added.map(({ name }) => name));
  const offered = known.offerings
    .filter(({ cluster }) => cluster === null || !ids.has(cluster))
    .map((offering): SnapshotCluster => {
      const name = offering.cluster === null || taken.has(offering.cluster) ? offering.id : offering.cluster;
      return {
        name,
        role: 'provider',
        provider: offering.provider,
        offering: offering.id,
        reach: 'offered',
        facts: offering.facts,
        ...declared(offering.facts),
      };
    });
  const named = new Map([...offered, ...added].map((entry) => [entry.name, entry]));
  return [...named.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

function homeEntry({ name }: Cluster, { home }: Known): SnapshotCluster {
  const looked = home?.name === name ? home : null;
  return {
    name,
    role: 'home',
    provider: name,
    offering: null,
    reach: 'federated',
    facts: looked?.facts ?? [],
    free: looked?.free ?? null,
    freeSource: looked === null ? 'none' : 'observed',
  };
}

function providerEntry(cluster: Cluster, { offerings, lent, used, booked, measured, closed }: Known): SnapshotCluster {
  const offering = offerings.find((each) => each.cluster !== null && each.cluster === cluster.liqoClusterId);
  const facts = offering?.facts ?? [];
  const stated = new Set(facts.map(({ name }) => name));
  const entry = {
    name: cluster.name,
    role: 'provider',
    provider: offering?.provider ?? cluster.name,
    offering: offering?.id ?? null,
    facts: [...facts, ...observedFacts(cluster).filter(({ name }) => !stated.has(name)), ...(measured?.get(cluster.name) ?? [])],
  } as const;
  const slice = lent.get(cluster.name);
  if (slice !== undefined && closed?.has(cluster.name) === true) return { ...entry, reach: 'federated', free: nothing, freeSource: 'closed' };
  if (slice !== undefined) return { ...entry, reach: 'federated', free: less(slice, used.get(cluster.name)), freeSource: 'peering' };
  const { free, freeSource } = declared(facts);
  return { ...entry, reach: 'added', free: free && less(free, booked.get(cluster.name)), freeSource };
}

/** What a cluster's own API says is the word of whoever runs it: declared. */
export function observedFacts({ name, kubernetesVersion, liqoVersion }: Pick<Cluster, 'name' | 'kubernetesVersion' | 'liqoVersion'>): Fact[] {
  const versions = [
    ['kubernetes.version', kubernetesVersion],
    ['liqo.version', liqoVersion],
  ] as const;
  return versions.flatMap(([fact, version]) => (version === null || version === '' ? [] : [observedFact(name, fact, version.replace(/^v/, ''))]));
}

export const observedFact = (cluster: string, name: string, value: Fact['value'], group: Fact['group'] = 'technical'): Fact => ({
  name,
  group,
  value,
  assurance: 'declared',
  credential: 'observed',
  issuer: cluster,
  validUntil: null,
});

/** NUTS (`DE71`) and ISO 3166-2 (`US-NY`) begin with the country; NUTS has two letters of its own (EL, UK). */
const regionCode = /^([A-Z]{2})(?:-[A-Z0-9]{1,3}|[A-Z0-9]{1,3})$/;
const countryOfNuts: Readonly<Record<string, string>> = { EL: 'GR', UK: 'GB' };

/** What the label `topology.kubernetes.io/region` of a cluster's own nodes says of where it is, where it is a code and not a name that a cloud gave. */
export function localityFacts(cluster: string, regions: readonly string[]): Fact[] {
  const codes = [...new Set(regions)].filter((region) => regionCode.test(region)).toSorted();
  const countries = new Set(codes.map((code) => countryOfNuts[code.slice(0, 2)] ?? code.slice(0, 2)));
  const facts = (name: string, values: Iterable<string>): Fact[] => [...values].map((value) => observedFact(cluster, name, value, 'locality'));
  return [...facts('country', countries), ...facts('region', codes)];
}

const bytesInGib = 1024 ** 3;

/** An offering's own amounts are free as far as anybody told; without CPU and memory nothing was told. */
export function declared(facts: readonly Fact[]): Pick<SnapshotCluster, 'free' | 'freeSource'> {
  const amount = (name: string): number | null => {
    let least: number | null = null;
    for (const { name: fact, value } of facts) if (fact === name && typeof value === 'number') least = Math.min(least ?? value, value);
    return least;
  };
  const cores = amount('cpu.cores');
  const gib = amount('memory.gib');
  if (cores === null || gib === null) return { free: null, freeSource: 'none' };
  // kubelet's own default where the offering names no number of pods
  const free = {
    cpuMillis: Math.floor(cores * 1000),
    memoryBytes: Math.floor(gib * bytesInGib),
    pods: Math.floor(amount('pods') ?? 110),
    gpus: Math.floor(amount('gpu.count') ?? 0),
  };
  return { free, freeSource: 'offering' };
}

export const less = (whole: Resources, taken: Resources | undefined): Resources =>
  taken === undefined
    ? whole
    : {
        cpuMillis: whole.cpuMillis - taken.cpuMillis,
        memoryBytes: whole.memoryBytes - taken.memoryBytes,
        pods: whole.pods - taken.pods,
        gpus: whole.gpus - taken.gpus,
      };

export const plus = (left: Resources, right: Resources): Resources => ({
  cpuMillis: left.cpuMillis + right.cpuMillis,
  memoryBytes: left.memoryBytes + right.memoryBytes,
  pods: left.pods + right.pods,
  gpus: left.gpus + right.gpus,
});

export const times = (each: Resources, count: number): Resources => ({
  cpuMillis: each.cpuMillis * count,
  memoryBytes: each.memoryBytes * count,
  pods: each.pods * count,
  gpus: each.gpus * count,
});

export const nothing: Resources = { cpuMillis: 0, memoryBytes: 0, pods: 0, gpus: 0 };

/** By cluster, the sum of both. */
export function together(left: ReadonlyMap<string, Resources>, right: ReadonlyMap<string, Resources>): ReadonlyMap<string, Resources> {
  return new Map([...new Set([...left.keys(), ...right.keys()])].map((name) => [name, plus(left.get(name) ?? nothing, right.get(name) ?? nothing)]));
}
