// What the verbs of workloads are given in a journey: the store, connections and peerings are real, on whatever clusters there are: the laboratory's or the simulator's.
import { type Clusters, connectKube, type ConnectOptions, type Kube } from '../../broker/src/clusters/io/index.ts';
import type { Cluster } from '../../broker/src/clusters/index.ts';
import { HanseError } from '../../broker/src/errors.ts';
import { place, type PlacementRequest } from '../../broker/src/placement/index.ts';
import { labKubeconfig, labOptions } from '../contracts/kubernetes.lab.ts';
import { testStore } from '../database.ts';
import { aCluster, aFact, aSnapshot, resources } from '../fixtures/worlds.ts';
import { knownCluster, peer } from './peered.ts';

/** The home cluster first, then its providers. */
export const labNames = (process.env['HANSE_LAB_NAMES'] ?? 'home,pa,pb').split(',');

export const hasLab = (): boolean => labNames.every((name) => labKubeconfig(name) !== null);

export type LabSystem = {
  /** The home cluster first. */
  readonly names: readonly string[];
  options(name: string): Omit<ConnectOptions, 'cluster'>;
};

export const labSystem: LabSystem = { names: labNames, options: (name) => labOptions(labKubeconfig(name) ?? '') };

/** The providers are peered with home, and left again at the end. */
export async function openLabWorld({ names, options }: LabSystem) {
  const [homeName = 'home', ...providerNames] = names;
  const kubes = new Map(names.map((name) => [name, connectKube({ cluster: name, ...options(name) })]));
  const kube = (name: string): Kube => {
    const found = kubes.get(name);
    if (!found) throw new HanseError('NOT_FOUND', `There is no cluster ${name}.`);
    return found;
  };
  const clusterOf = (name: string): Cluster => knownCluster(name, names.indexOf(name));
  const test = await testStore();
  const clusters: Clusters = {
    list: () => Promise.resolve(names.map(clusterOf)),
    find: (_owner, name) => Promise.resolve(clusterOf(name)),
    home: () => Promise.resolve(clusterOf(homeName)),
    kube: (_owner, name) => Promise.resolve(kube(name)),
  };
  const peered = await peer({ store: test.store, clusters, providers: providerNames });
  // The rules themselves, over what the laboratory is known to be; how a snapshot is taken is another journey's.
  const known = providerNames.map((name, index) => aCluster(name, { free: resources(4), facts: [aFact('country', index === 0 ? 'DE' : 'IT')] }));
  const world = {
    store: test.store,
    clusters,
    peerings: peered.list,
    issueReceipt: () => Promise.resolve(),
    decide: (_owner: string, request: PlacementRequest) => Promise.resolve(place(request, aSnapshot(...known))),
    allowedAddresses: [],
  };
  return {
    homeName,
    providerNames,
    kube,
    nodeOf: peered.nodeOf,
    world,
    store: test.store,
    async close() {
      await peered.leave();
      await Promise.all([...kubes.values()].map((one) => one.close()));
      await test.close();
    },
  };
}
