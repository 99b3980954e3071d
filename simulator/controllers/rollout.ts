// Deployments, ReplicaSets and StatefulSets: how pods come and go by number.
import { createHash } from 'node:crypto';
import { kindOf } from '../kinds.ts';
import type { OwnerReference, Stored } from '../object.ts';
import type { Objects } from '../objects.ts';
import type { Controller } from './controller.ts';
import { amount, at, condition, isReady, label, plain, selects, text } from './read.ts';

const age = (time: string): number => Date.now() - Date.parse(time);
const podsOf = (objects: Objects, owner: Stored): Stored[] =>
  objects.all('v1', 'Pod', owner.metadata.namespace).filter((p) => p.metadata.ownerReferences?.some((o) => o.uid === owner.metadata.uid));
export const alive = (pod: Stored): boolean => !pod.metadata.deletionTimestamp && !['Succeeded', 'Failed'].includes(text(pod, 'status.phase'));
const available = (pod: Stored, minReadySeconds: number): boolean =>
  isReady(pod) && age(String(condition(pod, 'Ready')?.lastTransitionTime)) >= minReadySeconds * 1000;
const share = (value: unknown, of: number, round: (n: number) => number): number =>
  typeof value === 'string' && value.endsWith('%') ? round((Number.parseFloat(value) / 100) * of) : Number(value ?? 0);

const REVISION = 'deployment.kubernetes.io/revision';

type Rollout = { deployment: Stored; current: Stored; old: Stored[]; wanted: number; pods(of: Stored): Stored[]; available(of: Stored): number };
const size = (set: Stored): number => amount(set, 'spec.replicas');
const total = (r: Rollout, count: (set: Stored) => number): number => [r.current, ...r.old].reduce((sum, set) => sum + count(set), 0);

export const deployments: Controller = (objects) => {
  let soon: number | null = null;
  for (const deployment of objects.all('apps/v1', 'Deployment')) {
    if (deployment.metadata.deletionTimestamp) continue;
    const rollout = observe(objects, deployment);
    if (at(deployment, 'spec.paused') !== true) step(objects, rollout);
    const minReadySeconds = amount(deployment, 'spec.minReadySeconds');
    const pods = [rollout.current, ...rollout.old].flatMap((set) => rollout.pods(set));
    const usable = pods.filter((p) => available(p, minReadySeconds)).length;
    if (minReadySeconds <= 60 && pods.some((p) => isReady(p) && !available(p, minReadySeconds))) soon = 200;
    objects.update(deployment, (d) => {
      d.status = {
        observedGeneration: d.metadata.generation,
        replicas: pods.length,
        updatedReplicas: rollout.pods(rollout.current).length,
        readyReplicas: pods.filter(isReady).length,
        availableReplicas: usable,
        unavailableReplicas: Math.max(0, rollout.wanted - usable),
        conditions: [{ type: 'Available', status: usable >= rollout.wanted ? 'True' : 'False', reason: 'MinimumReplicas' }],
      };
    });
  }
  return soon;
};

function observe(objects: Objects, deployment: Stored): Rollout {
  const { namespace, uid } = deployment.metadata;
  const owned = objects
    .all('apps/v1', 'ReplicaSet', namespace)
    .filter((set) => set.metadata.ownerReferences?.some((o) => o.uid === uid) && !set.metadata.deletionTimestamp);
  const hash = createHash('sha256')
    .update(JSON.stringify(at(deployment, 'spec.template') ?? {}))
    .digest('hex')
    .slice(0, 10);
  const current = owned.find((set) => label(set, 'pod-template-hash') === hash) ?? newReplicaSet(objects, deployment, hash);
  number(objects, deployment, current, owned);
  const minReadySeconds = amount(deployment, 'spec.minReadySeconds');
  const pods = (of: Stored): Stored[] => podsOf(objects, of).filter(alive);
  return {
    deployment,
    current,
    old: owned.filter((set) => set.metadata.uid !== current.metadata.uid),
    wanted: amount(deployment, 'spec.replicas', 1),
    pods,
    available: (of) => pods(of).filter((p) => available(p, minReadySeconds)).length,
  };
}

const revisionOf = (object: Stored): number => Number(object.metadata.annotations?.[REVISION] ?? 0);

/** Revisions count up: one that comes back is the newest again. */
function number(objects: Objects, deployment: Stored, current: Stored, owned: readonly Stored[]): void {
  const others = Math.max(0, ...owned.filter((set) => set.metadata.uid !== current.metadata.uid).map(revisionOf));
  const revision = String(Math.max(revisionOf(current), others + 1));
  for (const object of [current, deployment])
    if (object.metadata.annotations?.[REVISION] !== revision)
      objects.update(object, (o) => void (o.metadata.annotations = { ...o.metadata.annotations, [REVISION]: revision }));
}

/** One step of a rolling update: grow the new within the surge, shrink the old while enough stay available. */
function step(objects: Objects, rollout: Rollout): void {
  const { deployment, current, old, wanted } = rollout;
  const surge = share(at(deployment, 'spec.strategy.rollingUpdate.maxSurge'), wanted, Math.ceil);
  const least = wanted - share(at(deployment, 'spec.strategy.rollingUpdate.maxUnavailable'), wanted, Math.floor);
  const all = total(rollout, size);
  const grown = size(current) > wanted ? wanted : Math.min(wanted, size(current) + Math.max(0, wanted + surge - all));
  scale(objects, current, grown);
  let budget = all - least - (grown - rollout.available(current));
  let spare = total(rollout, rollout.available) - least;
  for (const set of old) {
    const usable = rollout.available(set);
    const by = Math.max(0, Math.min(size(set), budget, Math.min(budget, size(set) - usable) + Math.max(0, Math.min(spare, usable))));
    if (by > 0) scale(objects, set, size(set) - by);
    budget -= by;
    spare -= by;
  }
}

const scale = (objects: Objects, r: Stored, to: number): void =>
  void (amount(r, 'spec.replicas') !== to && objects.update(r, (c) => void (c.spec = { ...c.spec, replicas: to })));

function newReplicaSet(objects: Objects, deployment: Stored, hash: string): Stored {
  const template = structuredClone(plain(deployment, 'spec.template'));
  const labels = { ...(plain(template, 'metadata.labels') as Record<string, string>), 'pod-template-hash': hash };
  return objects.ensure({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: `${deployment.metadata.name}-${hash}`, namespace: deployment.metadata.namespace, labels, ownerReferences: [ownedBy(deployment)] },
    spec: {
      replicas: 0,
      selector: { matchLabels: { ...(plain(deployment, 'spec.selector.matchLabels') as Record<string, string>), 'pod-template-hash': hash } },
      template: { ...template, metadata: { ...plain(template, 'metadata'), labels } },
    },
  });
}
export const ownedBy = (owner: Stored): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
});

/** Takes in orphans that match, lets go what no longer matches, and makes or ends pods to the number asked for. */
export const replicaSets: Controller = (objects) => {
  for (const set of [...objects.all('apps/v1', 'ReplicaSet'), ...objects.all('apps/v1', 'StatefulSet')]) {
    if (set.metadata.deletionTimestamp) continue;
    claim(objects, set);
    const pods = podsOf(objects, set).filter(alive);
    const wanted = amount(set, 'spec.replicas', 1);
    for (let n = pods.length; n < wanted; n += 1) newPod(objects, set, n);
    const unready = [...pods].sort((a, b) => Number(isReady(a)) - Number(isReady(b)) || a.metadata.name.localeCompare(b.metadata.name));
    for (const pod of unready.slice(0, Math.max(0, pods.length - wanted))) objects.drop(pod);
    const rest = podsOf(objects, set).filter(alive);
    const ready = rest.filter(isReady).length;
    objects.update(
      set,
      (s) => void (s.status = { observedGeneration: s.metadata.generation, replicas: rest.length, readyReplicas: ready, availableReplicas: ready }),
    );
  }
  return null;
};

function claim(objects: Objects, set: Stored): void {
  const selector = plain(set, 'spec.selector');
  for (const pod of objects.all('v1', 'Pod', set.metadata.namespace)) {
    const fits = selects(selector, pod.metadata.labels ?? {});
    const owners = pod.metadata.ownerReferences ?? [];
    const mine = owners.some((o) => o.uid === set.metadata.uid);
    if (fits && owners.length === 0 && alive(pod)) objects.update(pod, (p) => void (p.metadata.ownerReferences = [ownedBy(set)]));
    if (!fits && mine) objects.update(pod, (p) => void (p.metadata.ownerReferences = []));
  }
}

function newPod(objects: Objects, set: Stored, ordinal: number): void {
  const kind = kindOf('v1', 'Pod');
  const template = structuredClone(plain(set, 'spec.template'));
  const name = set.kind === 'StatefulSet' ? { name: `${set.metadata.name}-${ordinal}` } : { generateName: `${set.metadata.name}-` };
  const metadata = { ...plain(template, 'metadata'), ...name, namespace: set.metadata.namespace, ownerReferences: [ownedBy(set)] };
  if (kind) objects.create(kind, { metadata, spec: plain(template, 'spec') }, { manager: 'controller' });
}
