// Pods that leave: out of every Service by their labels, still answering; drained; ended. Used on the sources of a move, and on its targets when it is undone.
import type { Kube, KubeObject } from '../../../clusters/io/index.ts';
import { HanseError } from '../../../errors.ts';
import { leavingLabel, leavingLabels, originalLabels, originalsAnnotation, selects } from '../../migration/labels.ts';
import type { Selector } from '../../migration/facts.ts';
import { hashSelector } from './deployments.ts';
import { readReady, untilReady } from './endpoints.ts';
import { readPolicyKeys, readServices } from './read.ts';

export type Place = { readonly namespace: string; readonly operation: string; readonly signal: AbortSignal };

const pointer = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** Of one ReplicaSet, by the hash of its template, and not ending. */
export async function podsOfHash(kube: Kube, namespace: string, hash: string): Promise<KubeObject[]> {
  const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector: hashSelector(hash) });
  return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

const leavingPods = (kube: Kube, { namespace, operation }: Place): Promise<KubeObject[]> =>
  kube.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector: `${leavingLabel}=${operation}` });

/** Changes their labels and waits until no slice at home has them. Pods that are owned by a ReplicaSet are refused: it would make others in their stead. */
export async function takeOut(kube: Kube, pods: readonly KubeObject[], place: Place): Promise<void> {
  const [services, policyKeys] = await Promise.all([readServices(kube, place.namespace), readPolicyKeys(kube, place.namespace)]);
  for (const { metadata } of pods) {
    const { name, uid, labels = {}, annotations = {}, ownerReferences } = metadata;
    if (ownerReferences?.some(({ controller }) => controller === true))
      throw new HanseError('OBJECT_CONFLICT', `Pod ${place.namespace}/${name} at ${kube.cluster} still has an owner.`);
    const changed = leavingLabels(labels, services, policyKeys);
    if (labels[leavingLabel] === place.operation && Object.keys(changed).length === 0) continue;
    // what an interrupted attempt saved holds; a Service that came later may add to it
    const originals = { ...Object.fromEntries(Object.keys(changed).map((key) => [key, labels[key] ?? ''])), ...originalLabels(annotations) };
    await kube.jsonPatch({ apiVersion: 'v1', kind: 'Pod', namespace: place.namespace, name }, [
      { op: 'test', path: '/metadata/uid', value: uid },
      ...(metadata.annotations ? [] : [{ op: 'add', path: '/metadata/annotations', value: {} }]),
      { op: 'add', path: `/metadata/annotations/${pointer(originalsAnnotation)}`, value: JSON.stringify(originals) },
      { op: 'add', path: `/metadata/labels/${pointer(leavingLabel)}`, value: place.operation },
      ...Object.entries(changed).map(([key, value]) => ({ op: 'add', path: `/metadata/labels/${pointer(key)}`, value })),
    ]);
  }
  const uids = new Set(pods.map(({ metadata }) => metadata.uid ?? ''));
  const areOut = (ready: ReadonlyMap<string, ReadonlySet<string>>): boolean => [...ready.values()].every((set) => [...set].every((uid) => !uids.has(uid)));
  await untilReady(kube, place.namespace, areOut, { what: `${pods.length} pods to leave the endpoints`, timeoutSeconds: 60, signal: place.signal });
}

/** Gives every pod that this operation took out its labels back and waits until all are endpoints again. */
export async function putBack(kube: Kube, place: Place): Promise<void> {
  const pods = await leavingPods(kube, place);
  for (const { metadata } of pods) {
    const originals = originalLabels(metadata.annotations ?? {}) ?? {};
    await kube.jsonPatch({ apiVersion: 'v1', kind: 'Pod', namespace: place.namespace, name: metadata.name }, [
      { op: 'test', path: '/metadata/uid', value: metadata.uid },
      ...Object.entries(originals).map(([key, value]) => ({ op: 'add', path: `/metadata/labels/${pointer(key)}`, value })),
      { op: 'remove', path: `/metadata/annotations/${pointer(originalsAnnotation)}` },
      { op: 'remove', path: `/metadata/labels/${pointer(leavingLabel)}` },
    ]);
  }
}

/** Whether all these pods are ready endpoints of every Service that selects them. */
export function areEndpoints(ready: ReadonlyMap<string, ReadonlySet<string>>, pods: readonly KubeObject[], services: readonly Selector[]): boolean {
  return pods.every(({ metadata: { uid = '', labels = {} } }) =>
    services.filter(({ selector }) => selects(selector, labels)).every(({ name }) => ready.get(name)?.has(uid) === true),
  );
}

export async function untilEndpoints(kube: Kube, pods: readonly KubeObject[], { namespace, signal }: Place, timeoutSeconds: number): Promise<void> {
  const services = await readServices(kube, namespace);
  await untilReady(kube, namespace, (ready) => areEndpoints(ready, pods, services), { what: `${pods.length} pods to be endpoints`, timeoutSeconds, signal });
}

/** Ends exactly the pods that this operation took out. */
export async function endPods(kube: Kube, place: Place, timeoutSeconds: number): Promise<number> {
  const pods = await leavingPods(kube, place);
  const { ready, uids } = { ready: await readReady(kube, place.namespace), uids: pods.map(({ metadata }) => metadata.uid ?? '') };
  const serving = uids.filter((uid) => [...ready.values()].some((set) => set.has(uid)));
  if (serving.length > 0)
    throw new HanseError('OBJECT_CONFLICT', `${serving.length} pods that were to be ended are endpoints in ${place.namespace} at ${kube.cluster} again.`);
  const ref = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', namespace: place.namespace, name });
  for (const { metadata } of pods)
    if (metadata.uid !== undefined && metadata.deletionTimestamp === undefined) await kube.delete(ref(metadata.name), { uid: metadata.uid });
  await Promise.all(
    pods.map(({ metadata: { name, uid } }) => kube.until(ref(name), (object) => object?.metadata.uid !== uid, { what: `pod ${name} to end`, timeoutSeconds })),
  );
  return pods.length;
}
