// Everything that an administrator can list of a cluster, as names with uids: what is held side by side before and after.
import { setTimeout as pause } from 'node:timers/promises';
import type { Kube, KubeObject } from '../../broker/src/clusters/io/kubernetes/kube.ts';

/** They come and go without anyone's doing. */
const fleeting = new Set(['Event', 'Lease', 'EndpointSlice', 'Endpoints', 'ComponentStatus']);

const objectsOf = async (kube: Kube): Promise<KubeObject[]> => {
  const kinds = (await kube.resources()).filter(({ kind, verbs }) => verbs.includes('list') && !fleeting.has(kind));
  return (await Promise.all(kinds.map(({ apiVersion, kind }) => kube.list({ apiVersion, kind })))).flat();
};

/** `kind namespace/name uid`, sorted. */
export const inventory = async (kube: Kube): Promise<string[]> =>
  (await objectsOf(kube)).map(({ kind, metadata: { namespace, name, uid } }) => `${kind} ${namespace ?? ''}/${name} ${uid ?? ''}`).sort();

const goneWithinMs = 120_000;

/** To be awaited before a picture of how a cluster was at first: what was left there before may still be going. */
export async function untilNothingGoes(...kubes: readonly Kube[]): Promise<void> {
  for (const end = Date.now() + goneWithinMs; ; await pause(1_000)) {
    const going = (await Promise.all(kubes.map(objectsOf))).flat().filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
    if (going.length === 0) return;
    const told = going.map(({ kind, metadata: { namespace, name } }) => `${kind} ${namespace ?? ''}/${name}`).slice(0, 20);
    if (Date.now() > end) throw new Error(`These are still going after ${goneWithinMs / 1000} s: ${told.join(', ')}`);
  }
}
