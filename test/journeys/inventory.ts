// Everything that an administrator can list of a cluster, as names with uids: what is held side by side before and after.
import type { Kube } from '../../broker/src/clusters/io/kubernetes/kube.ts';

/** They come and go without anyone's doing. */
const fleeting = new Set(['Event', 'Lease', 'EndpointSlice', 'Endpoints', 'ComponentStatus']);

/** `kind namespace/name uid`, sorted. */
export const inventory = async (kube: Kube): Promise<string[]> => {
  const kinds = (await kube.resources()).filter(({ kind, verbs }) => verbs.includes('list') && !fleeting.has(kind));
  const lists = await Promise.all(kinds.map(({ apiVersion, kind }) => kube.list({ apiVersion, kind })));
  return lists
    .flat()
    .map(({ kind, metadata: { namespace, name, uid } }) => `${kind} ${namespace ?? ''}/${name} ${uid ?? ''}`)
    .sort();
};
