// Where pods go, how they start and end, and which Services they answer for.
import type { Plain } from '../fields.ts';
import type { Stored } from '../object.ts';
import type { Objects } from '../objects.ts';
import type { Controller, Pace } from './controller.ts';
import { amount, at, isReady, isSender, label, nodeMatches, plain, quantity, rows, selects, text } from './read.ts';
import { alive, ownedBy } from './rollout.ts';

const now = (): string => new Date().toISOString();
const age = (time: string): number => Date.now() - Date.parse(time);

const requests = (pod: Stored, what: string): number =>
  rows(pod, 'spec.containers').reduce((sum, c) => sum + quantity(plain(c, 'resources.requests')[what] ?? plain(c, 'resources.limits')[what]), 0);
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
  const nodes = objects.all('v1', 'Node');
  const used = (node: Stored, what: string): number => {
    const here = objects.all('v1', 'Pod').filter((p) => text(p, 'spec.nodeName') === node.metadata.name && alive(p));
    return what === 'pods' ? here.length : here.reduce((sum, p) => sum + requests(p, what), 0);
  };
  const hasRoom = (node: Stored, pod: Stored): boolean =>
    ['cpu', 'memory', 'pods', 'nvidia.com/gpu'].every(
      (what) => used(node, what) + (what === 'pods' ? 1 : requests(pod, what)) <= quantity(plain(node, 'status.allocatable')[what]),
    );
  for (const pod of objects.all('v1', 'Pod').filter((p) => !text(p, 'spec.nodeName') && !p.metadata.deletionTimestamp)) {
    const fits = nodes.filter((node) => accepts(node, pod) && mayGoTo(objects, pod, node) && hasRoom(node, pod));
    const best = fits.sort((a, b) => used(a, 'pods') - used(b, 'pods') || a.metadata.name.localeCompare(b.metadata.name))[0];
    const message = `0/${nodes.length} nodes are available`;
    objects.update(pod, (p) => {
      if (best) p.spec = { ...p.spec, nodeName: best.metadata.name };
      else p.status = { ...p.status, phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] };
    });
  }
  return null;
};

const accepts = (node: Stored, pod: Stored): boolean =>
  isReady(node) &&
  at(node, 'spec.unschedulable') !== true &&
  rows(node, 'spec.taints').every((taint) => isTolerated(taint, rows(pod, 'spec.tolerations'))) &&
  Object.entries(plain(pod, 'spec.nodeSelector')).every(([key, value]) => label(node, key) === value) &&
  nodeMatches(plain(pod, 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution'), node.metadata.labels ?? {});

/** As Kubernetes has it. Liqo's own taint is tolerated by whom its webhook lets through: `mayGoTo`. */
const isTolerated = (taint: Plain, tolerations: readonly Plain[]): boolean =>
  taint.effect === 'PreferNoSchedule' ||
  taint.key === 'virtual-node.liqo.io/not-allowed' ||
  tolerations.some(
    ({ key, operator, value, effect }) =>
      (effect === undefined || effect === taint.effect) &&
      (operator === 'Exists' ? key === undefined || key === taint.key : key === taint.key && (value ?? '') === (taint.value ?? '')),
  );

/** Of the cluster's pod range, no two alike for a long time: versions only grow. */
function newAddress(objects: Objects): string {
  const cidr = text(objects.find('ipam.liqo.io/v1alpha1', 'Network', 'liqo', 'pod-cidr'), 'spec.cidr') || '10.244.0.0/16';
  const [a = 10, b = 244] = cidr.split('.').map(Number);
  const number = 256 + (objects.version % 65_000);
  return `${a}.${b}.${number >> 8}.${number & 255}`;
}

/**
 * Pods on real nodes start, become ready and end. Nothing in them is carried out: a pod that is not to be started again ends well after a while, and says nothing.
 * An image named `…/missing:…` cannot be pulled.
 */
export const kubelet: Controller = (objects, pace) => {
  const real = new Map(
    objects
      .all('v1', 'Node')
      .filter((n) => !isVirtual(n))
      .map((n) => [n.metadata.name, isReady(n)] as const),
  );
  const waits = objects
    .all('v1', 'Pod')
    .flatMap((pod) => {
      const answers = real.get(text(pod, 'spec.nodeName'));
      if (answers === undefined) return [];
      return [answers ? advance(objects, pod, pace) : strand(objects, pod)];
    })
    .filter((ms) => ms !== null);
  return waits.length === 0 ? null : Math.max(1, Math.min(...waits));
};

/** Its node does not answer: the pod counts as ready no more (NodeNotReady), and nothing becomes of it until the node is back. It is not evicted. */
function strand(objects: Objects, pod: Stored): null {
  if (isReady(pod)) objects.update(pod, (p) => void (p.status = running(p, false, '')));
  return null;
}

/** One pod's next state; answers after how many milliseconds there is another. */
function advance(objects: Objects, pod: Stored, pace: Pace): number | null {
  const started = text(pod, 'status.startTime');
  const phase = text(pod, 'status.phase');
  if (pod.metadata.deletionTimestamp) {
    const left = endingMs(pod) - age(pod.metadata.deletionTimestamp);
    if (left > 0) return left;
    objects.remove(pod);
  } else if (!started) {
    objects.update(pod, (p) => void (p.status = { phase: 'Pending', startTime: now(), conditions: [{ type: 'PodScheduled', status: 'True' }] }));
    return pace.podStartMs;
  } else if (rows(pod, 'spec.containers').some((c) => text(c, 'image').includes('/missing')))
    objects.update(
      pod,
      (p) =>
        void (p.status = {
          ...p.status,
          containerStatuses: [{ name: 'c', ready: false, state: { waiting: { reason: 'ImagePullBackOff', message: 'image not found' } } }],
        }),
    );
  else if (phase === 'Pending') {
    if (age(started) < pace.podStartMs) return pace.podStartMs - age(started);
    objects.update(pod, (p) => void (p.status = running(p, false, newAddress(objects))));
    return pace.podReadyMs;
  } else if (phase === 'Running' && !isReady(pod)) {
    const left = pace.podStartMs + pace.podReadyMs - age(started);
    if (left > 0) return left;
    objects.update(pod, (p) => void (p.status = running(p, true, '')));
    return endsByItself(pod, pace) ? pace.podRunMs : null;
  } else if (phase === 'Running' && endsByItself(pod, pace)) {
    const left = pace.podStartMs + pace.podReadyMs + pace.podRunMs - age(started);
    if (left > 0) return left;
    objects.update(pod, (p) => void (p.status = succeeded(p)));
  }
  return null;
}

/** A pod ends as soon as it is told to, but for a `preStop` that sleeps, and after its grace at the latest. */
const endingMs = (pod: Stored): number =>
  1000 *
  Math.min(
    pod.metadata.deletionGracePeriodSeconds ?? 30,
    Math.max(0, ...rows(pod, 'spec.containers').map((c) => amount(c, 'lifecycle.preStop.sleep.seconds'))),
  );

const endsByItself = (pod: Stored, { hasDataPlane = false }: Pace): boolean =>
  ['Never', 'OnFailure'].includes(text(pod, 'spec.restartPolicy')) && !(hasDataPlane && isSender(pod));

function succeeded(pod: Stored): Plain {
  const { conditions: _, ...status } = running(pod, false, '');
  const containerStatuses = rows(pod, 'spec.containers').map((c) => ({
    name: c.name,
    image: c.image,
    ready: false,
    started: false,
    restartCount: 0,
    state: { terminated: { exitCode: 0, reason: 'Completed', finishedAt: now() } },
  }));
  return {
    ...status,
    phase: 'Succeeded',
    conditions: [{ type: 'Ready', status: 'False', reason: 'PodCompleted', lastTransitionTime: now() }],
    containerStatuses,
  };
}

function running(pod: Stored, ready: boolean, address: string): Plain {
  const status = ready ? 'True' : 'False';
  const containerStatuses = rows(pod, 'spec.containers').map((c) => ({
    name: c.name,
    image: c.image,
    ready,
    started: true,
    restartCount: 0,
    state: { running: { startedAt: now() } },
  }));
  const podIP = text(pod, 'status.podIP') || address;
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
