// Pods on virtual nodes run at the provider; Services, ConfigMaps and Secrets of an offloaded namespace go with them.
import type { Member } from '../../apiServer.ts';
import type { Stored } from '../../object.ts';
import type { Objects } from '../../objects.ts';
import type { Pace } from '../controller.ts';
import { label, plain, rows, text } from '../read.ts';
import { reflectEndpoints } from './endpoints.ts';
import { statusAsSeen } from './network.ts';
import { OFFLOADING, providerOf, REMOTE, type Peers } from './names.ts';

/** Pods on virtual nodes, and the objects that go with them. */
export function virtualKubelet(member: Member, peers: Peers, pace: Pace): number | null {
  const { objects } = member;
  const waits: number[] = [];
  for (const node of objects.all('v1', 'Node').filter((n) => label(n, 'liqo.io/type') === 'virtual-node')) {
    const virtual = objects.all(OFFLOADING, 'VirtualNode').find((v) => v.metadata.name === node.metadata.name);
    const link = virtual && providerOf(objects, virtual.metadata.namespace ?? '', peers);
    const map = virtual && objects.find(OFFLOADING, 'NamespaceMap', virtual.metadata.namespace, label(node, REMOTE));
    if (!virtual || !link || !map) continue;
    for (const pod of objects.all('v1', 'Pod').filter((p) => text(p, 'spec.nodeName') === node.metadata.name))
      waits.push(reflectPod(objects, link.provider, pod, text(map, `status.currentMapping.${pod.metadata.namespace}.remoteNamespace`), pace));
    for (const [namespace, mapping] of Object.entries(plain(map, 'status.currentMapping'))) {
      const remote = text(mapping, 'remoteNamespace');
      reflectObjects(objects, link.provider.objects, namespace, remote, member.name);
      waits.push(reflectEndpoints(member, virtual, link.provider, { namespace, remote }, pace));
    }
  }
  const soon = waits.filter((ms) => ms > 0);
  return soon.length === 0 ? null : Math.min(...soon);
}

/** Answers how long the home has to wait for what happened last; 0: it knows. */
function reflectPod(home: Objects, { name: peer, objects: provider }: Member, pod: Stored, namespace: string, pace: Pace): number {
  const name = pod.metadata.name;
  const shadow = provider.find(OFFLOADING, 'ShadowPod', namespace, name);
  const remote = provider.find('v1', 'Pod', namespace, name);
  if (pod.metadata.deletionTimestamp) {
    if (shadow) provider.drop(shadow);
    if (remote && !remote.metadata.deletionTimestamp) provider.drop(remote);
    if (!remote) home.remove(pod);
    return 0;
  }
  const target = provider.find('v1', 'Namespace', undefined, namespace);
  if (!namespace || !target || target.metadata.deletionTimestamp) return 0;
  const labels = { ...pod.metadata.labels, 'offloading.liqo.io/origin': 'home' };
  const { nodeName: _node, affinity: _affinity, nodeSelector: _selector, ...spec } = pod.spec ?? {};
  provider.ensure({ apiVersion: OFFLOADING, kind: 'ShadowPod', metadata: { name, namespace, labels }, spec: { pod: spec } });
  const made = provider.ensure({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { ...labels, 'liqo.io/managed-by': 'shadowpod' } },
    spec,
  });
  provider.update(made, (p) => void (p.metadata.labels = { ...labels, 'liqo.io/managed-by': 'shadowpod' }));
  const status = made.status;
  if (!status || !text(made, 'spec.nodeName')) return 0;
  const left = lastTurn(made) + delayOf(made, pace) - Date.now();
  if (left > 0) return left;
  home.update(pod, (p) => void (p.status = statusAsSeen(home, peer, structuredClone(status))));
  return 0;
}

/** When its status changed last, in milliseconds since 1970. */
const lastTurn = (pod: Stored): number =>
  Math.max(
    0,
    ...[text(pod, 'status.startTime'), ...rows(pod, 'status.conditions').map((c) => text(c, 'lastTransitionTime'))].map((time) => Date.parse(time) || 0),
  );

/** The same for one pod at every look. */
const delayOf = (pod: Stored, { reflectMsMin, reflectMsMax }: Pace): number =>
  reflectMsMin + (Number.parseInt(pod.metadata.uid.slice(0, 4), 16) / 0xffff) * (reflectMsMax - reflectMsMin);

function reflectObjects(home: Objects, provider: Objects, namespace: string, remote: string, origin: string): void {
  const target = provider.find('v1', 'Namespace', undefined, remote);
  if (!target || target.metadata.deletionTimestamp) return;
  const mark = { 'offloading.liqo.io/origin': origin };
  for (const kind of ['Service', 'ConfigMap', 'Secret']) {
    const here = home
      .all('v1', kind, namespace)
      .filter((o) => o.metadata.annotations?.['liqo.io/skip-reflection'] !== 'true' && o.metadata.name !== 'kube-root-ca.crt');
    for (const object of here) {
      const copy = provider.ensure({
        apiVersion: 'v1',
        kind,
        metadata: { name: object.metadata.name, namespace: remote, labels: { ...object.metadata.labels, ...mark } },
      });
      provider.update(copy, (c) => {
        if (object.data) c.data = { ...object.data };
        if (object.spec) c.spec = { ...object.spec };
      });
    }
    for (const copy of provider.all('v1', kind, remote))
      if (label(copy, 'offloading.liqo.io/origin') === origin && !here.some((o) => o.metadata.name === copy.metadata.name)) provider.drop(copy);
  }
}
