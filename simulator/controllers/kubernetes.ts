// What kube-controller-manager, the scheduler and the kubelets do, as far as decisions and operations meet it. Level-triggered: every pass reads everything.
import { createHash } from 'node:crypto';
import type { Plain } from '../fields.ts';
import { kinds } from '../kinds.ts';
import type { Objects, Stored } from '../objects.ts';
import { amount, at, condition, isReady, label, nodeMatches, plain, quantity, rows, selects, text } from './read.ts';

/** How long simulated things take, in milliseconds. */
export type Pace = { readonly podStartMs: number; readonly podReadyMs: number };

/** Answers in how many milliseconds it wants to look again, or null. */
export type Controller = (objects: Objects, pace: Pace) => number | null;

const now = (): string => new Date().toISOString();
const age = (time: string): number => Date.now() - Date.parse(time);

export const namespaces: Controller = (objects) => {
  for (const namespace of objects.all('v1', 'Namespace')) {
    const name = namespace.metadata.name;
    if (!namespace.metadata.deletionTimestamp) {
      objects.ensure({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } });
      objects.ensure({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kube-root-ca.crt', namespace: name }, data: {} });
      continue;
    }
    const content = kinds.filter((k) => k.namespaced).flatMap((k) => objects.list(k, name).map((object) => ({ k, object })));
    for (const { k, object } of content) if (!object.metadata.deletionTimestamp) objects.delete(k, name, object.metadata.name, {});
    if (content.length === 0) objects.remove(namespace);
  }
  return null;
};

/** Owner references: what lost all its owners goes; what was deleted with Orphan lets its dependents go. */
export const garbage: Controller = (objects) => {
  const every = kinds.flatMap((k) => objects.list(k).map((object) => ({ k, object })));
  const uids = new Set(every.map(({ object }) => object.metadata.uid));
  for (const { object } of every) {
    if (!object.metadata.deletionTimestamp || !object.metadata.finalizers?.includes('orphan')) continue;
    for (const { object: child } of every)
      if (child.metadata.ownerReferences?.some((o) => o.uid === object.metadata.uid))
        objects.update(child, (c) => void (c.metadata.ownerReferences = (c.metadata.ownerReferences ?? []).filter((o) => o.uid !== object.metadata.uid)));
    objects.update(object, (o) => void (o.metadata.finalizers = (o.metadata.finalizers ?? []).filter((f) => f !== 'orphan')));
  }
  for (const { k, object } of every) {
    const owners = object.metadata.ownerReferences ?? [];
    if (
      owners.length > 0 &&
      !owners.some((o) => uids.has(o.uid)) &&
      !object.metadata.deletionTimestamp &&
      objects.get(k, object.metadata.namespace, object.metadata.name)
    )
      objects.delete(k, object.metadata.namespace, object.metadata.name);
  }
  return null;
};

const podsOf = (objects: Objects, owner: Stored): Stored[] =>
  objects.all('v1', 'Pod', owner.metadata.namespace).filter((p) => p.metadata.ownerReferences?.some((o) => o.uid === owner.metadata.uid));
const alive = (pod: Stored): boolean => !pod.metadata.deletionTimestamp && !['Succeeded', 'Failed'].includes(text(pod, 'status.phase'));
const available = (pod: Stored, minReadySeconds: number): boolean =>
  isReady(pod) && age(String(condition(pod, 'Ready')?.lastTransitionTime)) >= minReadySeconds * 1000;
const share = (value: unknown, of: number, round: (n: number) => number): number =>
  typeof value === 'string' && value.endsWith('%') ? round((Number.parseFloat(value) / 100) * of) : Number(value ?? 0);

export const deployments: Controller = (objects) => {
  let soon: number | null = null;
  for (const deployment of objects.all('apps/v1', 'Deployment')) {
    if (deployment.metadata.deletionTimestamp) continue;
    const wanted = amount(deployment, 'spec.replicas', 1);
    const minReadySeconds = amount(deployment, 'spec.minReadySeconds');
    const owned = objects
      .all('apps/v1', 'ReplicaSet', deployment.metadata.namespace)
      .filter((r) => r.metadata.ownerReferences?.some((o) => o.uid === deployment.metadata.uid) && !r.metadata.deletionTimestamp);
    const hash = createHash('sha256')
      .update(JSON.stringify(at(deployment, 'spec.template') ?? {}))
      .digest('hex')
      .slice(0, 10);
    const current = owned.find((r) => label(r, 'pod-template-hash') === hash) ?? newReplicaSet(objects, deployment, hash);
    const old = owned.filter((r) => r.metadata.uid !== current.metadata.uid);
    const pods = new Map([current, ...old].map((r) => [r.metadata.uid, podsOf(objects, r).filter(alive)]));
    const availableOf = (r: Stored): number => (pods.get(r.metadata.uid) ?? []).filter((p) => available(p, minReadySeconds)).length;
    const size = (r: Stored): number => amount(r, 'spec.replicas');
    if (at(deployment, 'spec.paused') !== true) {
      const surge = share(at(deployment, 'spec.strategy.rollingUpdate.maxSurge'), wanted, Math.ceil);
      const unavailable = share(at(deployment, 'spec.strategy.rollingUpdate.maxUnavailable'), wanted, Math.floor);
      const total = [current, ...old].reduce((n, r) => n + size(r), 0);
      const grow = size(current) > wanted ? wanted : Math.min(wanted, size(current) + Math.max(0, wanted + surge - total));
      scale(objects, current, grow);
      let budget = total - (wanted - unavailable) - (grow - availableOf(current));
      let spare = [current, ...old].reduce((n, r) => n + availableOf(r), 0) - (wanted - unavailable);
      for (const r of old) {
        const down = Math.max(0, Math.min(budget, size(r) - availableOf(r)) + Math.max(0, Math.min(spare, availableOf(r))));
        const by = Math.min(size(r), Math.max(0, Math.min(down, budget)));
        if (by > 0) scale(objects, r, size(r) - by);
        budget -= by;
        spare -= by;
      }
    }
    const all = [current, ...old].flatMap((r) => pods.get(r.metadata.uid) ?? []);
    const waiting = all.some((p) => isReady(p) && !available(p, minReadySeconds));
    if (waiting && minReadySeconds <= 60) soon = Math.min(soon ?? 500, 500);
    const ready = all.filter(isReady).length;
    const usable = all.filter((p) => available(p, minReadySeconds)).length;
    objects.update(deployment, (d) => {
      d.status = {
        observedGeneration: d.metadata.generation,
        replicas: all.length,
        updatedReplicas: pods.get(current.metadata.uid)?.length ?? 0,
        readyReplicas: ready,
        availableReplicas: usable,
        unavailableReplicas: Math.max(0, wanted - usable),
        conditions: [{ type: 'Available', status: usable >= wanted ? 'True' : 'False', reason: 'MinimumReplicas' }],
      };
    });
  }
  return soon;
};

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
const ownedBy = (owner: Stored): Plain => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
});

export const replicaSets: Controller = (objects) => {
  for (const set of [...objects.all('apps/v1', 'ReplicaSet'), ...objects.all('apps/v1', 'StatefulSet')]) {
    if (set.metadata.deletionTimestamp) continue;
    const selector = plain(set, 'spec.selector');
    for (const pod of objects.all('v1', 'Pod', set.metadata.namespace)) {
      const fits = selects(selector, pod.metadata.labels ?? {});
      const mine = pod.metadata.ownerReferences?.some((o) => o.uid === set.metadata.uid) ?? false;
      if (fits && !mine && (pod.metadata.ownerReferences ?? []).length === 0 && alive(pod))
        objects.update(pod, (p) => void (p.metadata.ownerReferences = [ownedBy(set) as never]));
      if (!fits && mine) objects.update(pod, (p) => void (p.metadata.ownerReferences = []));
    }
    const pods = podsOf(objects, set).filter(alive);
    const wanted = amount(set, 'spec.replicas', 1);
    const stateful = set.kind === 'StatefulSet';
    for (let n = pods.length; n < wanted; n += 1) {
      const template = structuredClone(plain(set, 'spec.template'));
      const name = stateful ? { name: `${set.metadata.name}-${n}` } : { generateName: `${set.metadata.name}-` };
      objects.create(
        kinds.find((k) => k.kind === 'Pod') as never,
        {
          metadata: { ...plain(template, 'metadata'), ...name, namespace: set.metadata.namespace, ownerReferences: [ownedBy(set)] },
          spec: plain(template, 'spec'),
          status: { phase: 'Pending' },
        },
        'controller',
      );
    }
    const surplus = [...pods]
      .sort((a, b) => Number(isReady(a)) - Number(isReady(b)) || a.metadata.name.localeCompare(b.metadata.name))
      .slice(0, Math.max(0, pods.length - wanted));
    for (const pod of surplus) objects.delete(kinds.find((k) => k.kind === 'Pod') as never, pod.metadata.namespace, pod.metadata.name);
    const rest = podsOf(objects, set).filter(alive);
    objects.update(
      set,
      (s) =>
        void (s.status = {
          observedGeneration: s.metadata.generation,
          replicas: rest.length,
          readyReplicas: rest.filter(isReady).length,
          availableReplicas: rest.filter(isReady).length,
        }),
    );
  }
  return null;
};

const requests = (pod: Stored, what: string): number => rows(pod, 'spec.containers').reduce((sum, c) => sum + quantity(at(c, `resources.requests.${what}`)), 0);
const isVirtual = (node: Stored): boolean => label(node, 'liqo.io/type') === 'virtual-node';

/** What Liqo's webhook writes into a pod of an offloaded namespace, judged here instead. */
function mayGoTo(objects: Objects, pod: Stored, node: Stored): boolean {
  const offloading = objects.find('offloading.liqo.io/v1beta1', 'NamespaceOffloading', pod.metadata.namespace, 'offloading');
  const strategy = offloading ? text(offloading, 'spec.podOffloadingStrategy') || 'LocalAndRemote' : 'Local';
  if (!isVirtual(node)) return strategy !== 'Remote';
  return (
    strategy !== 'Local' &&
    nodeMatches(plain(offloading, 'spec.clusterSelector'), node.metadata.labels ?? {}) &&
    text(offloading, 'status.offloadingPhase') === 'Ready'
  );
}

export const scheduler: Controller = (objects) => {
  for (const pod of objects.all('v1', 'Pod')) {
    if (text(pod, 'spec.nodeName') || pod.metadata.deletionTimestamp) continue;
    const used = (node: Stored, what: string): number =>
      objects
        .all('v1', 'Pod')
        .filter((p) => text(p, 'spec.nodeName') === node.metadata.name && alive(p))
        .reduce((sum, p) => sum + (what === 'pods' ? 1 : requests(p, what)), 0);
    const fits = objects
      .all('v1', 'Node')
      .filter(
        (node) =>
          isReady(node) &&
          at(node, 'spec.unschedulable') !== true &&
          mayGoTo(objects, pod, node) &&
          Object.entries(plain(pod, 'spec.nodeSelector')).every(([k, v]) => label(node, k) === v) &&
          nodeMatches(plain(pod, 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution'), node.metadata.labels ?? {}) &&
          ['cpu', 'memory'].every((what) => used(node, what) + requests(pod, what) <= quantity(at(node, `status.allocatable.${what}`))) &&
          used(node, 'pods') < quantity(at(node, 'status.allocatable.pods')),
      );
    const best = fits.sort((a, b) => used(a, 'pods') - used(b, 'pods') || a.metadata.name.localeCompare(b.metadata.name))[0];
    if (best) objects.update(pod, (p) => void (p.spec = { ...p.spec, nodeName: best.metadata.name }));
    else
      objects.update(pod, (p) => {
        p.status = {
          ...p.status,
          phase: 'Pending',
          conditions: [
            { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: `0/${objects.all('v1', 'Node').length} nodes are available` },
          ],
        };
      });
  }
  return null;
};

let address = 10;
/** Pods on real nodes start, become ready and end with their grace. An image named `…/missing:…` cannot be pulled. */
export const kubelet: Controller = (objects, pace) => {
  let soon: number | null = null;
  const again = (ms: number): void => void (soon = Math.min(soon ?? ms, Math.max(1, ms)));
  const real = new Set(
    objects
      .all('v1', 'Node')
      .filter((n) => !isVirtual(n))
      .map((n) => n.metadata.name),
  );
  for (const pod of objects.all('v1', 'Pod')) {
    if (!real.has(text(pod, 'spec.nodeName'))) continue;
    if (pod.metadata.deletionTimestamp) {
      objects.remove(pod);
      continue;
    }
    const images = rows(pod, 'spec.containers').map((c) => text(c, 'image'));
    const started = text(pod, 'status.startTime');
    if (!started) {
      objects.update(pod, (p) => void (p.status = { phase: 'Pending', startTime: now(), conditions: [{ type: 'PodScheduled', status: 'True' }] }));
      again(pace.podStartMs);
    } else if (text(pod, 'status.phase') === 'Pending') {
      if (images.some((i) => i.includes('/missing')))
        objects.update(
          pod,
          (p) =>
            void (p.status = {
              ...p.status,
              containerStatuses: [{ name: 'c', ready: false, state: { waiting: { reason: 'ImagePullBackOff', message: 'image not found' } } }],
            }),
        );
      else if (age(started) < pace.podStartMs) again(pace.podStartMs - age(started));
      else objects.update(pod, (p) => void (p.status = running(p, false)));
      again(pace.podReadyMs);
    } else if (text(pod, 'status.phase') === 'Running' && !isReady(pod)) {
      if (age(started) < pace.podStartMs + pace.podReadyMs) again(pace.podStartMs + pace.podReadyMs - age(started));
      else objects.update(pod, (p) => void (p.status = running(p, true)));
    }
  }
  return soon;
};

function running(pod: Stored, ready: boolean): Plain {
  const status = ready ? 'True' : 'False';
  const containerStatuses = rows(pod, 'spec.containers').map((c) => ({
    name: c.name,
    image: c.image,
    ready,
    started: true,
    restartCount: 0,
    state: { running: { startedAt: now() } },
  }));
  const podIP = text(pod, 'status.podIP') || `10.244.${(address >> 8) & 255}.${address++ & 255}`;
  const conditions = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
    type,
    status: type === 'PodScheduled' || type === 'Initialized' ? 'True' : status,
    lastTransitionTime: now(),
  }));
  return { phase: 'Running', startTime: text(pod, 'status.startTime'), podIP, podIPs: [{ ip: podIP }], hostIP: '127.0.0.1', conditions, containerStatuses };
}

export const endpoints: Controller = (objects) => {
  for (const service of objects.all('v1', 'Service')) {
    const selector = plain(service, 'spec.selector');
    if (Object.keys(selector).length === 0) continue;
    const pods = objects.all('v1', 'Pod', service.metadata.namespace).filter((p) => selects(selector, p.metadata.labels ?? {}) && text(p, 'status.podIP'));
    const ports = rows(service, 'spec.ports').map((p) => ({ name: p.name ?? '', port: p.targetPort ?? p.port, protocol: 'TCP' }));
    const list = pods.map((p) => ({
      addresses: [text(p, 'status.podIP')],
      conditions: { ready: isReady(p) && !p.metadata.deletionTimestamp, serving: isReady(p), terminating: p.metadata.deletionTimestamp !== undefined },
      nodeName: text(p, 'spec.nodeName'),
      targetRef: { kind: 'Pod', name: p.metadata.name, namespace: p.metadata.namespace, uid: p.metadata.uid },
    }));
    const slice = objects.ensure({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: `${service.metadata.name}-sim`,
        namespace: service.metadata.namespace,
        labels: { 'kubernetes.io/service-name': service.metadata.name },
        ownerReferences: [ownedBy(service)],
      },
      addressType: 'IPv4',
      endpoints: [],
      ports: [],
    });
    objects.update(slice, (s) => {
      s.endpoints = list;
      s.ports = ports;
    });
  }
  return null;
};

export const controllers: readonly Controller[] = [namespaces, garbage, deployments, replicaSets, scheduler, kubelet, endpoints];
