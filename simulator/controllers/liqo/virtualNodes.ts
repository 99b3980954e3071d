// VirtualNodes and the Nodes they become; their end drains and takes the remote namespaces with it.
import type { Member } from '../../apiServer.ts';
import { at, canonical, plain, rows, text } from '../read.ts';
import { settleOptions } from './endpoints.ts';
import { OFFLOADING, providerOf, REMOTE, type Peers } from './names.ts';

export function virtualNodes(member: Member, peers: Peers): void {
  const { objects } = member;
  for (const virtual of objects.all(OFFLOADING, 'VirtualNode')) {
    const namespace = virtual.metadata.namespace ?? '';
    const name = virtual.metadata.name;
    const provider = text(virtual, 'spec.clusterID');
    const node = objects.find('v1', 'Node', undefined, name);
    const map = objects.find(OFFLOADING, 'NamespaceMap', namespace, provider);
    if (virtual.metadata.deletionTimestamp) {
      const pods = objects.all('v1', 'Pod').filter((p) => text(p, 'spec.nodeName') === name);
      if (node && at(node, 'spec.unschedulable') !== true) objects.update(node, (n) => void (n.spec = { ...n.spec, unschedulable: true }));
      for (const pod of pods) if (!pod.metadata.deletionTimestamp) objects.drop(pod);
      if (pods.length > 0) continue;
      const kubelet = objects.find('apps/v1', 'Deployment', namespace, `vk-${name}`);
      if (kubelet) objects.drop(kubelet);
      if (node) objects.drop(node);
      if (map) objects.drop(map);
      objects.update(virtual, (v) => void (v.metadata.finalizers = []));
      continue;
    }
    objects.update(virtual, (v) => void (v.metadata.finalizers = ['virtualnode-controller.liqo.io/finalizer']));
    settleOptions(objects, virtual);
    const hard = canonical(plain(virtual, 'spec.resourceQuota.hard'));
    objects.ensure({
      apiVersion: OFFLOADING,
      kind: 'NamespaceMap',
      metadata: { name: provider, namespace, labels: { 'liqo.io/replication': 'true', 'liqo.io/remoteID': provider, [REMOTE]: provider } },
      spec: { desiredMapping: {} },
    });
    const made = objects.ensure({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        labels: { 'liqo.io/type': 'virtual-node', [REMOTE]: provider, 'kubernetes.io/hostname': name, 'kubernetes.io/role': 'agent', provider },
      },
      spec: { taints: [{ key: 'virtual-node.liqo.io/not-allowed', value: 'true', effect: 'NoExecute' }] },
    });
    const link = providerOf(objects, namespace, peers);
    objects.update(made, (n) => {
      const since = text(rows(n, 'status.conditions')[0], 'lastTransitionTime') || new Date().toISOString();
      n.status = {
        allocatable: hard,
        capacity: hard,
        conditions: [{ type: 'Ready', status: link ? 'True' : 'Unknown', lastTransitionTime: since }],
        nodeInfo: { architecture: 'amd64', kubeletVersion: 'v1.35.4' },
      };
    });
    objects.update(
      virtual,
      (v) => void (v.status = { conditions: ['VirtualKubelet', 'Node', 'VirtualKubelet', 'Node'].map((type) => ({ type, status: 'Running' })) }),
    );
  }
}
