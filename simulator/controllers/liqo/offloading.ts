// NamespaceOffloadings: which providers get a namespace of home, and what happens to one that no longer matches.
import type { Member } from '../../apiServer.ts';
import { isPlain, type Plain } from '../../fields.ts';
import { at, label, nodeMatches, plain, text } from '../read.ts';
import { OFFLOADING, providerOf, REMOTE, tenantCondition, type Peers } from './names.ts';

export function offloadings(member: Member, peers: Peers): void {
  const { objects } = member;
  const maps = objects.all(OFFLOADING, 'NamespaceMap').filter((m) => label(m, 'liqo.io/replication') === 'true');
  for (const offloading of objects.all(OFFLOADING, 'NamespaceOffloading')) {
    const namespace = offloading.metadata.namespace ?? '';
    const remote = text(offloading, 'spec.namespaceMappingStrategy') === 'EnforceSameName' ? namespace : `${namespace}-${member.name}`;
    const conditions: Plain = {};
    let remaining = 0;
    for (const map of maps) {
      const link = providerOf(objects, map.metadata.namespace ?? '', peers);
      if (!link || tenantCondition(link) === 'Drained') continue;
      const nodes = objects.all('v1', 'Node').filter((n) => label(n, REMOTE) === link.provider.name);
      const wanted =
        !offloading.metadata.deletionTimestamp && nodes.some((n) => nodeMatches(plain(offloading, 'spec.clusterSelector'), n.metadata.labels ?? {}));
      const there = link.provider.objects.find('v1', 'Namespace', undefined, remote);
      const mapped = at(map, `spec.desiredMapping.${namespace}`) !== undefined;
      if (wanted) {
        link.provider.objects.ensure({
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: remote, labels: { 'liqo.io/originID': member.name, 'liqo.io/remote-cluster-id': member.name } },
        });
        conditions[link.provider.name] = [
          { type: 'OffloadingRequired', status: 'True' },
          { type: 'Ready', status: there && !there.metadata.deletionTimestamp ? 'True' : 'False' },
        ];
        objects.update(map, (m) => {
          m.spec = { ...m.spec, desiredMapping: { ...plain(m, 'spec.desiredMapping'), [namespace]: remote } };
          m.status = { currentMapping: { ...plain(m, 'status.currentMapping'), [namespace]: { remoteNamespace: remote, phase: 'Accepted' } } };
        });
      } else if (there && mapped) {
        // as the real one: a cluster that stops matching loses its namespace with everything in it
        if (!there.metadata.deletionTimestamp) link.provider.objects.drop(there);
        remaining += 1;
      } else if (mapped) {
        objects.update(map, (m) => {
          const { [namespace]: _gone, ...rest } = plain(m, 'spec.desiredMapping');
          const { [namespace]: _was, ...current } = plain(m, 'status.currentMapping');
          m.spec = { ...m.spec, desiredMapping: rest };
          m.status = { currentMapping: current };
        });
      }
    }
    const home = objects.find('v1', 'Namespace', undefined, namespace);
    if (offloading.metadata.deletionTimestamp) {
      if (remaining > 0) continue;
      if (home) objects.update(home, (h) => void delete h.metadata.labels?.['liqo.io/scheduling-enabled']);
      objects.update(offloading, (o) => void (o.metadata.finalizers = []));
      continue;
    }
    if (home && !home.metadata.deletionTimestamp)
      objects.update(home, (h) => void (h.metadata.labels = { ...h.metadata.labels, 'liqo.io/scheduling-enabled': 'true' }));
    const all = Object.values(conditions);
    const ready = all.every((c) => Array.isArray(c) && c.some((x) => isPlain(x) && x.type === 'Ready' && x.status === 'True'));
    objects.update(offloading, (o) => {
      o.metadata.finalizers = ['namespaceoffloading-controller.liqo.io/finalizer'];
      o.status = {
        offloadingPhase: all.length === 0 ? 'NoClusterSelected' : ready ? 'Ready' : 'InProgress',
        remoteNamespaceName: remote,
        remoteNamespacesConditions: conditions,
        observedGeneration: o.metadata.generation,
      };
    });
  }
}
