// Which clusters the namespace is open to, before, during and after a move; never taken back from one that holds a claim's data.
import { HanseError } from '../../../errors.ts';
import type { Kube } from '../../../clusters/io/index.ts';
import { claimRefusals } from '../../migration/claims.ts';
import { remoteClusterKey, type Sites } from '../../deployment/affinity.ts';
import { isOurs, notOurs } from '../objects.ts';
import { offloadingOf, offloadingRef, selectedBy } from '../offloading.ts';
import type { NodeClusters } from '../pods.ts';
import { at } from '../../json.ts';
import { pause } from './pause.ts';
import { podAtSource, readClaimFacts } from './read.ts';

export type Closing = {
  readonly namespace: string;
  readonly application: string;
  readonly nodes: NodeClusters;
  /** What it stays open to. */ readonly sites: Sites;
  readonly names: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
};

/** Takes the namespace back from every provider that is not named. REFUSED while a claim is bound there or pods run there. Again: nothing. */
export async function closeNamespace(kube: Kube, { namespace, application, nodes, sites, names, signal }: Closing): Promise<string[]> {
  const ref = offloadingRef(namespace);
  const found = await kube.get(ref);
  if (!found) return [];
  if (!isOurs(found, application)) throw notOurs(kube.cluster, found);
  const selected = selectedBy(found);
  if (selected === null)
    throw new HanseError('REFUSED', `Namespace ${namespace} at ${kube.cluster} is open to clusters that Hanse did not choose.`, {
      fix: 'Put the clusterSelector of its NamespaceOffloading back as it was.',
    });
  const dropped = selected.filter((id) => !sites.remote.includes(id));
  if (dropped.length > 0) {
    const clusters = dropped.map((id) => names.get(id) ?? id);
    // read after the selector: with its version as precondition, nothing was decided on older facts
    const refusals = [
      ...claimRefusals(await readClaimFacts(kube, nodes, namespace), clusters).map(({ message }) => message),
      ...(await livingPods(kube, namespace, { clusters, nodes })),
    ];
    if (refusals.length > 0) throw new HanseError('REFUSED', refusals.join(' '), { fix: 'Remove what is named, then try again.' });
    if (sites.remote.length === 0)
      await kube.delete(ref, {
        ...(found.metadata.uid === undefined ? {} : { uid: found.metadata.uid }),
        ...(found.metadata.resourceVersion === undefined ? {} : { resourceVersion: found.metadata.resourceVersion }),
      });
    else await kube.patch(ref, { metadata: { resourceVersion: found.metadata.resourceVersion }, spec: offloadingOf(namespace, sites)['spec'] });
  }
  await untilGoneThere(kube, namespace, { keep: sites.remote, signal });
  return dropped;
}

async function livingPods(kube: Kube, namespace: string, { clusters, nodes }: { clusters: readonly string[]; nodes: NodeClusters }): Promise<string[]> {
  const pods = (await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace })).map((pod) => podAtSource(pod, nodes));
  return pods
    .filter(({ cluster, phase }) => cluster !== null && clusters.includes(cluster) && phase !== 'Succeeded' && phase !== 'Failed')
    .map(({ name, cluster }) => `Pod ${name} still runs at ${cluster ?? ''}.`);
}

const goneSeconds = 120;

/**
 * Liqo's NamespaceMap of a provider names the twin namespace as long as it is there. The conditions of the NamespaceOffloading do not tell: they stay at "being deleted" for
 * ever when it was the last namespace of that provider (seen with Liqo 1.2.0). TIMED_OUT.
 */
async function untilGoneThere(kube: Kube, namespace: string, { keep, signal }: { keep: readonly string[]; signal: AbortSignal }): Promise<void> {
  const endsAt = performance.now() + goneSeconds * 1000;
  for (;;) {
    const maps = await kube.list({ apiVersion: 'offloading.liqo.io/v1beta1', kind: 'NamespaceMap' });
    const there = maps.filter((map) => at(map, ['status', 'currentMapping', namespace]) !== undefined);
    const left = there.map(({ metadata }) => metadata.labels?.[remoteClusterKey] ?? metadata.name).filter((id) => !keep.includes(id));
    if (left.length === 0) return;
    if (performance.now() > endsAt)
      throw new HanseError('TIMED_OUT', `${kube.cluster}: waited ${goneSeconds} s for namespace ${namespace} to be gone at ${left.join(', ')}.`);
    await pause(500, signal);
  }
}
