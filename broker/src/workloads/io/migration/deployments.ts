// Deployments while they move: their template bound to the targets, everything else held still, and as it was afterwards.
import { z } from 'zod';
import type { Kube, KubeObject, Ref } from '../../../clusters/io/index.ts';
import { HanseError } from '../../../errors.ts';
import type { KubeManifest } from '../../manifest.ts';
import { at, fieldsOf, isSame } from '../../json.ts';
import { deploymentFacts } from './read.ts';

/** On a Deployment that moves: what to give back to it, as JSON, so that it can be put right also without our database. */
export const moveAnnotation = 'hanse.dev/move';
const hashLabel = 'pod-template-hash';
/** New pods become ready but never "available", so the Deployment does not touch the old ones. 23 days. */
const neverSeconds = 2_000_000;

const optional = z.unknown().optional();
const savedSchema = z.object({
  operation: z.string(),
  /** Of the ReplicaSet at the source. */
  set: z.object({ name: z.string(), uid: z.string(), hash: z.string() }),
  affinity: optional,
  topologySpreadConstraints: optional,
  strategy: optional,
  minReadySeconds: optional,
  progressDeadlineSeconds: optional,
});
export type Saved = z.infer<typeof savedSchema>;

export const deploymentRef = (namespace: string, name: string): Ref => ({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name });
export const setRef = (namespace: string, name: string): Ref => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace, name });

export function savedIn(deployment: KubeObject | null, operation: string): Saved | null {
  const text = deployment?.metadata.annotations?.[moveAnnotation];
  if (text === undefined) return null;
  const saved = savedSchema.parse(JSON.parse(text));
  return saved.operation === operation ? saved : null;
}

/** STALE_PLAN when it is another one. */
export async function getDeployment(kube: Kube, namespace: string, { name, uid }: { name: string; uid: string }): Promise<KubeObject> {
  const found = await kube.get(deploymentRef(namespace, name));
  if (found?.metadata.uid !== uid)
    throw new HanseError('STALE_PLAN', `Deployment ${namespace}/${name} at ${kube.cluster} is no longer the one that was to be moved.`);
  return found;
}

export type SetFacts = {
  readonly name: string;
  readonly uid: string;
  readonly hash: string;
  readonly replicas: number;
  readonly ready: number;
  readonly revision: number;
};

const setSchema = z.looseObject({
  spec: z.looseObject({ replicas: z.number().catch(0) }),
  status: z.looseObject({ readyReplicas: z.number().catch(0) }).catch({ readyReplicas: 0 }),
});

/** Newest first. */
export async function readSets(kube: Kube, namespace: string, deploymentUid: string): Promise<SetFacts[]> {
  const sets = await kube.list({ apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace });
  return sets
    .filter(
      ({ metadata }) =>
        metadata.ownerReferences?.some(({ uid, controller }) => controller === true && uid === deploymentUid) && metadata.deletionTimestamp === undefined,
    )
    .map((object) => {
      const { spec, status } = setSchema.parse(object);
      const { name, uid = '', labels, annotations } = object.metadata;
      return {
        name,
        uid,
        hash: labels?.[hashLabel] ?? '',
        replicas: spec.replicas,
        ready: status.readyReplicas,
        revision: Number(annotations?.['deployment.kubernetes.io/revision'] ?? 0),
      };
    })
    .toSorted((one, other) => other.revision - one.revision);
}

type Patch = { readonly op: 'add' | 'remove' | 'test'; readonly path: string; readonly value?: unknown };
const templateFields = ['affinity', 'topologySpreadConstraints'] as const;
const settingFields = ['strategy', 'minReadySeconds', 'progressDeadlineSeconds'] as const;
const pointer = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** Only on the version that was read. */
const onlyThis = ({ metadata }: KubeObject): Patch[] => [
  { op: 'test', path: '/metadata/uid', value: metadata.uid },
  { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
];

const setTo = (path: readonly string[], object: KubeObject, value: unknown): Patch[] => {
  const where = `/${path.map(pointer).join('/')}`;
  if (value !== undefined) return [{ op: 'add', path: where, value }];
  return at(object, path) === undefined ? [] : [{ op: 'remove', path: where }];
};

/** Binds the template to where the manifest says, beside the pods that are there: one more full set of replicas, nothing scaled down. Once per operation. */
export async function bindToTargets(kube: Kube, deployment: KubeObject, manifest: KubeManifest, operation: string): Promise<Saved> {
  const { namespace = '', name, uid = '' } = deployment.metadata;
  const already = savedIn(deployment, operation);
  if (already) return already;
  const [current] = await readSets(kube, namespace, uid);
  if (!current) throw new HanseError('STALE_PLAN', `Deployment ${namespace}/${name} at ${kube.cluster} has no ReplicaSet.`);
  const spec = (field: string): unknown => at(deployment, ['spec', field]);
  const template = (field: string): unknown => at(deployment, ['spec', 'template', 'spec', field]);
  const saved: Saved = {
    operation,
    set: { name: current.name, uid: current.uid, hash: current.hash },
    ...Object.fromEntries(
      [...templateFields.map((field) => [field, template(field)] as const), ...settingFields.map((field) => [field, spec(field)] as const)].filter(
        ([, value]) => value !== undefined,
      ),
    ),
  };
  const wanted = fieldsOf(at(manifest, ['spec', 'template', 'spec']));
  await kube.jsonPatch(deploymentRef(namespace, name), [
    ...onlyThis(deployment),
    ...(deployment.metadata.annotations ? [] : [{ op: 'add', path: '/metadata/annotations', value: {} }]),
    { op: 'add', path: `/metadata/annotations/${pointer(moveAnnotation)}`, value: JSON.stringify(saved) },
    ...templateFields.flatMap((field) => setTo(['spec', 'template', 'spec', field], deployment, wanted[field])),
    { op: 'add', path: '/spec/strategy', value: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '100%', maxUnavailable: 0 } } },
    { op: 'add', path: '/spec/minReadySeconds', value: neverSeconds },
    // has to be longer than minReadySeconds
    { op: 'add', path: '/spec/progressDeadlineSeconds', value: neverSeconds + 1 },
  ]);
  return saved;
}

/** The ReplicaSet of the targets, once the Deployment's controller has made it. TIMED_OUT. */
export async function targetSet(kube: Kube, deployment: KubeObject, saved: Saved): Promise<SetFacts> {
  const { namespace = '', name, uid = '' } = deployment.metadata;
  let found: SetFacts | undefined;
  const isOther = async (): Promise<SetFacts | undefined> =>
    (await readSets(kube, namespace, uid)).find((set) => set.uid !== saved.set.uid && set.hash !== saved.set.hash && set.replicas > 0);
  const { replicas } = deploymentFacts(deployment);
  if (replicas === 0) return (await readSets(kube, namespace, uid))[0] ?? { ...saved.set, replicas: 0, ready: 0, revision: 0 };
  for (let tries = 0; !found && tries < 5; tries++) {
    found = await isOther();
    if (found) break;
    const before = (await kube.get(deploymentRef(namespace, name)))?.metadata.resourceVersion;
    await kube
      .until(deploymentRef(namespace, name), (object) => object === null || object.metadata.resourceVersion !== before, {
        what: `Deployment ${name} to start its new replicas`,
        timeoutSeconds: 5,
      })
      .catch(() => null);
    found = await isOther();
  }
  if (!found) throw new HanseError('TIMED_OUT', `${kube.cluster}: Deployment ${namespace}/${name} did not start its new replicas.`);
  return found;
}

/** Binds the template to the source again, everything else still held: the ReplicaSet of the source comes back and adopts its pods. */
export async function bindBack(kube: Kube, deployment: KubeObject, saved: Saved): Promise<void> {
  if (templateFields.every((field) => isSame(at(deployment, ['spec', 'template', 'spec', field]), saved[field]))) return;
  const { namespace = '', name } = deployment.metadata;
  await kube.jsonPatch(deploymentRef(namespace, name), [
    ...onlyThis(deployment),
    ...templateFields.flatMap((field) => setTo(['spec', 'template', 'spec', field], deployment, saved[field])),
  ]);
}

/** The Deployment's controller does nothing to its pods until further notice. */
export async function holdStill(kube: Kube, deployment: KubeObject): Promise<void> {
  const { namespace = '', name } = deployment.metadata;
  const ref = deploymentRef(namespace, name);
  const held =
    at(deployment, ['spec', 'paused']) === true
      ? deployment
      : await kube.jsonPatch(ref, [...onlyThis(deployment), { op: 'add', path: '/spec/paused', value: true }]);
  const generation = held.metadata.generation ?? 0;
  await kube.until(ref, (object) => Number(at(object, ['status', 'observedGeneration']) ?? 0) >= generation, {
    what: `Deployment ${name} to hold still`,
    timeoutSeconds: 30,
  });
}

/** Its own settings again. `bound`: to the source (a move that was undone); else it stays where it went. Waits until it has rolled out. */
export async function giveBack(
  kube: Kube,
  deployment: KubeObject,
  saved: Saved,
  { toSource, timeoutSeconds }: { toSource: boolean; timeoutSeconds: number },
): Promise<void> {
  const { namespace = '', name } = deployment.metadata;
  await kube.jsonPatch(deploymentRef(namespace, name), [
    ...onlyThis(deployment),
    ...(toSource ? templateFields.flatMap((field) => setTo(['spec', 'template', 'spec', field], deployment, saved[field])) : []),
    ...settingFields.flatMap((field) => setTo(['spec', field], deployment, saved[field])),
    ...setTo(['spec', 'paused'], deployment, undefined),
    { op: 'remove', path: `/metadata/annotations/${pointer(moveAnnotation)}` },
  ]);
  await untilSettled(kube, namespace, name, timeoutSeconds);
}

export async function untilSettled(kube: Kube, namespace: string, name: string, timeoutSeconds: number): Promise<void> {
  await kube.until(deploymentRef(namespace, name), (object) => object !== null && deploymentFacts(object).isAvailable, {
    what: `Deployment ${name} to have every replica available`,
    timeoutSeconds,
  });
}

/** Deletes a ReplicaSet and leaves its pods alive, owned by nobody. Waits until that is so. */
export async function orphanPods(kube: Kube, namespace: string, { name, uid }: { name: string; uid: string }): Promise<void> {
  const ref = setRef(namespace, name);
  const found = await kube.get(ref);
  if (found?.metadata.uid !== uid) return;
  if (found.metadata.deletionTimestamp === undefined) await kube.delete(ref, { uid, propagation: 'Orphan' });
  await kube.until(ref, (object) => object?.metadata.uid !== uid, { what: `ReplicaSet ${name} to let go of its pods`, timeoutSeconds: 60 });
}

export const hashSelector = (hash: string): string => `${hashLabel}=${hash}`;
