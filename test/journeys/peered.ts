// Peers the clusters of a journey with each other by the verb federate, and leaves them again at its end.
import type { Cluster } from '../../broker/src/clusters/index.ts';
import type { Clusters } from '../../broker/src/clusters/io/index.ts';
import type { Peering } from '../../broker/src/federation/index.ts';
import { createPeerings, federationVerbs } from '../../broker/src/federation/io/index.ts';
import { clusterName, ownerId } from '../../broker/src/ids.ts';
import type { Store } from '../../broker/src/store/io/store.ts';
import { carryOut, planOf } from '../contracts/liqo.world.ts';

export const by = { owner: ownerId('default'), actor: 'journey' };

/** Ranges as the simulator gives them out; journeys on a laboratory do not look at them. */
export const knownCluster = (name: string, index: number): Cluster => ({
  name: clusterName(name),
  owner: by.owner,
  side: index === 0 ? 'consumer' : 'provider',
  server: '',
  uid: name,
  liqoClusterId: name,
  liqoVersion: 'v1.2.0',
  accountNamespace: 'hanse-system',
  kubernetesVersion: 'v1.35.4',
  podCidrs: [`10.${201 + index}.0.0/16`],
  serviceCidrs: [`10.${221 + index}.0.0/16`],
  liqoNetworking: false,
  platform: { distribution: 'kubernetes', manager: 'none', platform: 'none', evidence: [] },
  state: 'ready',
});

/** What capacity providers have is another journey's. */
const unlimited = { hold: () => Promise.resolve(), apply: () => Promise.resolve(), cancel: () => Promise.resolve(), free: () => Promise.resolve() };

export async function peer({ store, clusters, providers }: { readonly store: Store; readonly clusters: Clusters; readonly providers: readonly string[] }) {
  const peerings = createPeerings({ store });
  const { federate, leave } = federationVerbs({ clusters, peerings, reservations: unlimited, usersOf: () => Promise.resolve([]) });
  await carryOut(planOf(await federate.plan(federate.request.parse({ providers }), by)), federate.performers);
  const standing: readonly Peering[] = await peerings.list(by.owner);
  return {
    list: () => peerings.list(by.owner),
    /** Name of the virtual node at home. */
    nodeOf: (provider: string): string => standing.find((one) => one.provider === provider)?.virtualNode ?? provider,
    async leave(): Promise<void> {
      for (const provider of providers) await carryOut(planOf(await leave.plan(leave.request.parse({ provider }), by)), leave.performers);
    },
  };
}
