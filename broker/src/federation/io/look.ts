// Reading what a decision about a peering needs: the clusters, what both sides show, and the Peering that follows from it.
import { randomBytes } from 'node:crypto';
import { HanseError } from '../../errors.ts';
import type { Cluster } from '../../clusters/cluster.ts';
import { tenantNamespaceName } from '../names.ts';
import type { Observed } from '../observed.ts';
import type { Peering } from '../peering.ts';
import { anyTunnel, tunnelSeen } from '../tunnelChanges.ts';
import type { Ranges } from '../ranges.ts';
import type { ConsumerSide, ProviderSide } from '../sides.ts';
import { liqoConsumerSide } from './liqo/consumerSide.ts';
import { liqoProviderSide } from './liqo/providerSide.ts';
import type { FederationDeps } from './ports.ts';

export type Looked = { readonly peering: Peering; readonly observed: Observed; readonly home: ConsumerSide; readonly provider: ProviderSide };

export const rangesOf = ({ name, podCidrs, serviceCidrs }: Cluster): Ranges => ({ cluster: name, podCidrs, serviceCidrs });

const liqoId = (cluster: Cluster): string => {
  if (cluster.liqoClusterId === null)
    throw new HanseError('PREFLIGHT_FAILED', `${cluster.name} has no Liqo`, { fix: 'Install Liqo 1.2 there and add the cluster again.' });
  return cluster.liqoClusterId;
};

/**
 * A name of its own each time. Liqo 1.2 goes on retrying the deletion of a virtual node by its name after it is gone, for up to a quarter of an hour
 * (deletion-routine.go adds with a growing delay and looks at the name only), and drains and deletes the node of a new one that has the same name.
 */
const freshNodeName = (providerClusterId: string): string => `${providerClusterId.slice(0, 50).replace(/-+$/, '')}-${randomBytes(2).toString('hex')}`;

/** With the namespaces that liqoctl would take too. */
const usualPeering = (home: Cluster, provider: Cluster, resources: Peering['resources']): Peering => {
  const homeClusterId = liqoId(home);
  const providerClusterId = liqoId(provider);
  if (homeClusterId === providerClusterId)
    throw new HanseError('PREFLIGHT_FAILED', `${home.name} and ${provider.name} have the same Liqo cluster id ${homeClusterId}`, {
      fix: 'Liqo has to be installed again at one of them, with another cluster id.',
    });
  return {
    home: home.name,
    provider: provider.name,
    homeClusterId,
    providerClusterId,
    homeNamespace: tenantNamespaceName(providerClusterId),
    providerNamespace: tenantNamespaceName(homeClusterId),
    authentication: 'handshake',
    dataPlane: 'native',
    virtualNode: freshNodeName(providerClusterId),
    resources,
    state: 'peering',
  };
};

const sides = async (deps: FederationDeps, owner: string, peering: Peering): Promise<{ home: ConsumerSide; provider: ProviderSide }> => {
  const [homeKube, providerKube] = await Promise.all([deps.clusters.kube(owner, peering.home), deps.clusters.kube(owner, peering.provider)]);
  // no operation: nothing is made while looking
  return { home: (deps.consumerSide ?? liqoConsumerSide)(homeKube, peering, ''), provider: (deps.providerSide ?? liqoProviderSide)(providerKube, peering, '') };
};

/** A tenant namespace or a slice under another name, made by hand or by liqoctl, is taken as it is. */
const adopted = (peering: Peering, { home }: Observed): Peering => {
  const [namespace, ...more] = home.namespaces;
  const homeNamespace = namespace !== undefined && more.length === 0 ? namespace.name : peering.homeNamespace;
  const [slice, ...others] = home.slices;
  const virtualNode = slice !== undefined && others.length === 0 ? slice.name : peering.virtualNode;
  return homeNamespace === peering.homeNamespace && virtualNode === peering.virtualNode ? peering : { ...peering, homeNamespace, virtualNode };
};

/** What stands of a tunnel belongs to the peering, whoever made it. Of a half-made one nothing may be known but that it is one. */
const withTunnel = (peering: Peering, observed: Observed): Peering => {
  if (!anyTunnel(observed.home.tunnel, observed.provider.tunnel)) return peering;
  const seen = tunnelSeen(observed) ?? peering.tunnel ?? { server: 'provider', mtuBytes: 1340, service: 'LoadBalancer', address: null, seenAs: [] };
  return { ...peering, dataPlane: 'tunnel', tunnel: seen };
};

const observeBoth = async ({ home, provider }: { home: ConsumerSide; provider: ProviderSide }): Promise<Observed> => {
  const [ours, theirs] = await Promise.all([home.observe(), provider.observe()]);
  return { home: ours, provider: theirs };
};

export const lookAt = async (deps: FederationDeps, owner: string, home: Cluster, provider: Cluster, resources: Peering['resources']): Promise<Looked> => {
  const recorded = await deps.peerings.find(owner, provider.name);
  const usual = usualPeering(home, provider, resources);
  let peering = recorded === null ? usual : { ...usual, virtualNode: recorded.virtualNode };
  let both = await sides(deps, owner, peering);
  let observed = await observeBoth(both);
  for (;;) {
    const next = adopted(peering, observed);
    if (next === peering) return { peering: withTunnel(peering, observed), observed, ...both };
    peering = next;
    both = await sides(deps, owner, peering);
    observed = await observeBoth(both);
  }
};

export const lookAgain = async (deps: FederationDeps, owner: string, peering: Peering): Promise<Looked> => {
  const both = await sides(deps, owner, peering);
  return { peering, observed: await observeBoth(both), ...both };
};

/** For a provider that is gone for good: the home side alone. */
export const lookHome = async (deps: FederationDeps, owner: string, peering: Peering): Promise<ConsumerSide> =>
  (deps.consumerSide ?? liqoConsumerSide)(await deps.clusters.kube(owner, peering.home), peering, '');
