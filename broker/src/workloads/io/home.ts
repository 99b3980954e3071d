// From where an application is deployed: its home cluster, and who is federated with it.
import type { Cluster } from '../../clusters/index.ts';
import type { Kube } from '../../clusters/io/index.ts';
import { HanseError } from '../../errors.ts';
import type { Peering } from '../../federation/index.ts';
import type { Sites } from '../deployment/affinity.ts';
import type { Workplace } from './world.ts';

export type Home = { readonly cluster: Cluster; readonly kube: Kube; readonly id: string; readonly peerings: readonly Peering[] };

export async function readHome(work: Workplace, owner: string, name: string | undefined): Promise<Home> {
  const cluster = await work.clusters.home(owner, name);
  if (cluster.liqoClusterId === null)
    throw new HanseError('REFUSED', `Liqo is not installed at ${cluster.name}, so nothing can be deployed from there.`, {
      fix: 'Install Liqo 1.2 there and add the cluster again.',
    });
  const [kube, peerings] = await Promise.all([work.clusters.kube(owner, cluster.name), work.peerings(owner, cluster.name)]);
  return { cluster, kube, id: cluster.liqoClusterId, peerings };
}

export const sitesOf = (clusters: readonly string[], { cluster, peerings }: Home): Sites => ({
  remote: clusters.flatMap((name) => peerings.find(({ provider }) => provider === name)?.providerClusterId ?? []).sort(),
  home: clusters.includes(cluster.name),
});
