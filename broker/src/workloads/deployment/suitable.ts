// Which clusters the pods' own requirements leave, before anyone decides among them.
import type { KubeManifest } from '../manifest.ts';
import { titleOf } from './makePlan.ts';
import { type NodeFacts, whyNotOn } from './nodeMatch.ts';
import { readPods } from './podTemplate.ts';

export type ClusterNodes = { readonly cluster: string; readonly nodes: readonly NodeFacts[] };
export type Unsuitable = { readonly cluster: string; readonly why: string };

/** Of manifests as accepted: nodeSelector and node affinity of the user, held against the nodes that stand for each cluster. */
export function unsuitable(manifests: readonly KubeManifest[], clusters: readonly ClusterNodes[]): Unsuitable[] {
  return clusters.flatMap(({ cluster, nodes }) => {
    if (nodes.length === 0) return [{ cluster, why: 'no node stands for it at the home cluster' }];
    const reasons = manifests.flatMap((manifest) => {
      const reading = readPods(manifest);
      if (reading.kind !== 'pods') return [];
      const against = nodes.map((node) => whyNotOn(reading.spec, node));
      const [first] = against;
      return first !== undefined && against.every((why) => why !== undefined) ? [`${titleOf(manifest)}: ${first}`] : [];
    });
    return reasons.length > 0 ? [{ cluster, why: reasons.join('; ') }] : [];
  });
}
