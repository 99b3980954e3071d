// Liqo 1.2 between members: handshake, slices, virtual nodes, offloading, reflection, unpeering, with what it leaves behind. Field by field after the real one.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Member } from '../apiServer.ts';
import { isPlain, type Plain } from '../fields.ts';
import { kindOf } from '../kinds.ts';
import type { Objects, Stored } from '../objects.ts';
import { at, isReady, label, nodeMatches, plain, rows, text } from './read.ts';

const AUTHENTICATION = 'authentication.liqo.io/v1beta1';
const OFFLOADING = 'offloading.liqo.io/v1beta1';
const REMOTE = 'liqo.io/remote-cluster-id';
const b64 = (plainText: string): string => Buffer.from(plainText).toString('base64');

export type Peers = (server: string) => Member | undefined;

/** What the chart installs before anything is peered. */
export function installLiqo(member: Member, podCidr: string, serviceCidr: string): void {
  const { objects, name } = member;
  objects.ensure({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } });
  objects.ensure({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  objects.ensure({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'liqo' } });
  objects.ensure({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'liqo-clusterid-configmap',
      namespace: 'liqo',
      labels: { 'app.kubernetes.io/name': 'clusterid-configmap', 'app.kubernetes.io/version': 'v1.2.0' },
    },
    data: { CLUSTER_ID: name },
  });
  objects.ensure({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'authentication-keys', namespace: 'liqo' }, data: newKeys() });
  for (const [network, cidr] of [
    ['pod-cidr', podCidr],
    ['service-cidr', serviceCidr],
  ] as const)
    objects.ensure({
      apiVersion: 'ipam.liqo.io/v1alpha1',
      kind: 'Network',
      metadata: { name: network, namespace: 'liqo', labels: { 'ipam.liqo.io/network-type': network } },
      spec: { cidr, preAllocated: true },
    });
  objects.ensure({ apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: 'kubernetes' }, spec: { cidrs: [serviceCidr] } });
  for (const role of ['liqo-peering-user-tenant-ns', 'liqo-remote-controlplane', 'liqo-virtual-kubelet-remote'])
    objects.ensure({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: role }, rules: [] });
  const kind = kindOf('apiextensions.k8s.io/v1', 'CustomResourceDefinition');
  if (kind)
    objects.ensure({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: kind.kind,
      metadata: { name: 'foreignclusters.core.liqo.io' },
      spec: { group: 'core.liqo.io', versions: [{ name: 'v1beta1', served: true }] },
    });
}

function newKeys(): Record<string, string> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey: b64(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    publicKey: b64(publicKey.export({ type: 'spki', format: 'pem' }).toString()),
  };
}

/** One pass over what Liqo's controllers at this member look after. */
export function liqo(member: Member, peers: Peers): void {
  const { objects } = member;
  nonces(objects);
  tenants(member);
  identities(objects);
  slices(member, peers);
  virtualNodes(member, peers);
  offloadings(member, peers);
  virtualKubelet(member, peers);
  foreignClusters(objects);
}

function nonces(objects: Objects): void {
  for (const secret of objects.all('v1', 'Secret')) {
    if (label(secret, 'liqo.io/nonce') === 'true' && !secret.data?.nonce)
      objects.update(secret, (s) => void (s.data = { ...s.data, nonce: b64(randomBytes(64).toString('base64')) }));
    if (label(secret, 'liqo.io/signed-nonce') === 'true' && secret.data?.nonce && !secret.data.signedNonce)
      objects.update(secret, (s) => void (s.data = { ...s.data, signedNonce: b64(`signature of ${s.data?.nonce ?? ''}`) }));
  }
}

const certificateRequest = (objects: Objects, request: string): void => {
  if (objects.all('certificates.k8s.io/v1', 'CertificateSigningRequest').some((c) => text(c, 'spec.request') === request)) return;
  objects.ensure({
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: `liqo-identity-${randomBytes(3).toString('hex').slice(0, 5)}`, labels: { 'liqo.io/remote-tenant-csr': 'true' } },
    spec: { request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['digital signature', 'key encipherment', 'client auth'] },
    status: { certificate: b64('certificate'), conditions: [{ type: 'Approved', status: 'True', reason: 'IdentityManagerApproval' }] },
  });
};

function tenants(member: Member): void {
  const { objects } = member;
  for (const tenant of objects.all(AUTHENTICATION, 'Tenant')) {
    const namespace = tenant.metadata.namespace ?? '';
    if (tenant.metadata.deletionTimestamp) {
      for (const secret of objects.all('v1', 'Secret', namespace)) if (secret.metadata.name.startsWith('liqo-remote-certificate')) drop(objects, secret);
      for (const binding of objects.all('rbac.authorization.k8s.io/v1', 'RoleBinding', namespace))
        if (binding.metadata.name.startsWith('liqo-binding-')) drop(objects, binding);
      objects.update(tenant, (t) => void (t.metadata.finalizers = []));
      continue;
    }
    if (at(tenant, 'status.tenantNamespace')) continue;
    const handshake = text(tenant, 'spec.authzPolicy') !== 'TolerateNoHandshake';
    if (handshake) {
      if (!text(tenant, 'spec.csr') || !text(tenant, 'spec.signature')) continue;
      certificateRequest(objects, text(tenant, 'spec.csr'));
      objects.ensure({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'liqo-remote-certificate', namespace }, data: {} });
    }
    objects.ensure({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'liqo-binding-liqo-remote-controlplane', namespace, labels: { [REMOTE]: label(tenant, REMOTE) } },
      roleRef: { kind: 'ClusterRole', name: 'liqo-remote-controlplane' },
    });
    objects.update(tenant, (t) => {
      t.metadata.finalizers = ['tenant.authentication.liqo.io'];
      t.status = {
        tenantNamespace: namespace,
        ...(handshake ? { authParams: { ca: b64(member.authority.caPem), signedCRT: b64('certificate'), apiServer: member.server } } : {}),
      };
    });
  }
}

function identities(objects: Objects): void {
  for (const identity of objects.all(AUTHENTICATION, 'Identity')) {
    if (identity.metadata.deletionTimestamp || at(identity, 'status.kubeconfigSecretRef')) continue;
    const slice = text(identity, 'spec.type') === 'ResourceSlice';
    const name = slice ? `kubeconfig-${identity.metadata.name}` : `kubeconfig-controlplane-${text(identity, 'spec.clusterID')}`;
    objects.ensure({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name,
        namespace: identity.metadata.namespace,
        labels: { 'liqo.io/identity-type': slice ? 'ResourceSlice' : 'ControlPlane', [REMOTE]: text(identity, 'spec.clusterID') },
        annotations: { 'liqo.io/remote-tenant-namespace': text(identity, 'spec.namespace') },
        ownerReferences: [{ apiVersion: AUTHENTICATION, kind: 'Identity', name: identity.metadata.name, uid: identity.metadata.uid }],
      },
      data: { kubeconfig: b64(JSON.stringify({ clusters: [{ cluster: { server: text(identity, 'spec.authParams.apiServer') } }] })) },
    });
    objects.update(identity, (i) => void (i.status = { kubeconfigSecretRef: { name } }));
  }
}

/** The provider behind a tenant namespace at home, by the control plane kubeconfig Liqo keeps there. */
function providerOf(objects: Objects, namespace: string, peers: Peers): { provider: Member; remoteNamespace: string } | null {
  const secret = objects.all('v1', 'Secret', namespace).find((s) => label(s, 'liqo.io/identity-type') === 'ControlPlane');
  if (!secret) return null;
  try {
    const kubeconfig: unknown = JSON.parse(Buffer.from(secret.data?.kubeconfig ?? '', 'base64').toString('utf8'));
    const provider = peers(text(rows(kubeconfig, 'clusters')[0], 'cluster.server'));
    if (!provider || provider.faults.frozen) return null;
    return { provider, remoteNamespace: secret.metadata.annotations?.['liqo.io/remote-tenant-namespace'] ?? '' };
  } catch {
    return null;
  }
}

const DEFAULTS = { cpu: '4', memory: '8Gi', pods: '110', 'ephemeral-storage': '20Gi' };

function slices(member: Member, peers: Peers): void {
  const { objects } = member;
  for (const slice of objects.all(AUTHENTICATION, 'ResourceSlice')) {
    if (label(slice, 'liqo.io/replication') !== 'true') continue;
    const namespace = slice.metadata.namespace ?? '';
    const link = providerOf(objects, namespace, peers);
    const name = slice.metadata.name;
    const identityName = `resourceslice-${name}`;
    if (slice.metadata.deletionTimestamp) {
      const node = objects.find(OFFLOADING, 'VirtualNode', namespace, name);
      if (node) {
        if (!node.metadata.deletionTimestamp) drop(objects, node);
        continue;
      }
      const identity = objects.find(AUTHENTICATION, 'Identity', namespace, identityName);
      if (identity) drop(objects, identity);
      if (link) {
        for (const kind of ['ResourceSlice', 'Quota']) {
          for (const replica of link.provider.objects.all(kind === 'Quota' ? OFFLOADING : AUTHENTICATION, kind, link.remoteNamespace))
            if (replica.metadata.name === name || replica.metadata.name.startsWith(`${name}-`)) drop(link.provider.objects, replica);
        }
        const certificate = link.provider.objects.find('v1', 'Secret', link.remoteNamespace, `liqo-remote-certificate-${name}`);
        if (certificate) drop(link.provider.objects, certificate);
      }
      objects.update(slice, (s) => void (s.metadata.finalizers = []));
      continue;
    }
    if (!link) continue;
    const { provider, remoteNamespace } = link;
    const csr = text(slice, 'spec.csr') || b64(`csr of ${member.name} ${name} ${slice.metadata.uid}`);
    const asked = plain(slice, 'spec.resources');
    const resources = { ...DEFAULTS, ...asked };
    objects.update(slice, (s) => {
      s.metadata.finalizers = ['crdreplicator.liqo.io/resource'];
      s.spec = { ...s.spec, consumerClusterID: member.name, csr };
    });
    provider.objects.ensure({
      apiVersion: AUTHENTICATION,
      kind: 'ResourceSlice',
      metadata: { name, namespace: remoteNamespace, labels: { 'liqo.io/originID': member.name, 'liqo.io/replicated': 'true', [REMOTE]: member.name } },
      spec: { ...slice.spec },
    });
    certificateRequest(provider.objects, csr);
    provider.objects.ensure({ apiVersion: 'v1', kind: 'Secret', metadata: { name: `liqo-remote-certificate-${name}`, namespace: remoteNamespace }, data: {} });
    const quota = provider.objects.ensure({
      apiVersion: OFFLOADING,
      kind: 'Quota',
      metadata: { name: `${name}-4ea140588150`, namespace: remoteNamespace },
      spec: { user: `${name}-4ea140588150`, limitsEnforcement: 'None', resources },
    });
    provider.objects.update(quota, (q) => void (q.spec = { ...q.spec, resources }));
    objects.update(slice, (s) => {
      s.status = {
        conditions: ['Authentication', 'Resources'].map((type) => ({ type, status: 'Accepted', reason: `${type}Accepted` })),
        resources,
        authParams: { apiServer: provider.server, signedCRT: b64('certificate') },
        nodeLabels: { provider: provider.name },
      };
    });
    objects.ensure({
      apiVersion: AUTHENTICATION,
      kind: 'Identity',
      metadata: { name: identityName, namespace, labels: { [REMOTE]: provider.name } },
      spec: { clusterID: provider.name, type: 'ResourceSlice', namespace: remoteNamespace, authParams: { apiServer: provider.server } },
    });
    if (slice.metadata.annotations?.['liqo.io/create-virtual-node'] === 'true') {
      const node = objects.ensure({
        apiVersion: OFFLOADING,
        kind: 'VirtualNode',
        metadata: { name, namespace, labels: { [REMOTE]: provider.name } },
        spec: { clusterID: provider.name, createNode: true, resourceQuota: { hard: resources } },
      });
      objects.update(node, (n) => {
        n.metadata.finalizers = ['virtualnode-controller.liqo.io/finalizer'];
        n.spec = { ...n.spec, resourceQuota: { hard: resources } };
      });
    }
  }
}

function virtualNodes(member: Member, peers: Peers): void {
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
      for (const pod of pods) if (!pod.metadata.deletionTimestamp) drop(objects, pod);
      if (pods.length > 0) continue;
      const kubelet = objects.find('apps/v1', 'Deployment', namespace, `vk-${name}`);
      if (kubelet) drop(objects, kubelet);
      if (node) drop(objects, node);
      if (map) drop(objects, map);
      objects.update(virtual, (v) => void (v.metadata.finalizers = []));
      continue;
    }
    const hard = plain(virtual, 'spec.resourceQuota.hard');
    objects.ensure({
      apiVersion: OFFLOADING,
      kind: 'NamespaceMap',
      metadata: { name: provider, namespace, labels: { 'liqo.io/replication': 'true', 'liqo.io/remoteID': provider } },
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

function offloadings(member: Member, peers: Peers): void {
  const { objects } = member;
  const maps = objects.all(OFFLOADING, 'NamespaceMap').filter((m) => label(m, 'liqo.io/replication') === 'true');
  for (const offloading of objects.all(OFFLOADING, 'NamespaceOffloading')) {
    const namespace = offloading.metadata.namespace ?? '';
    const remote = text(offloading, 'spec.namespaceMappingStrategy') === 'EnforceSameName' ? namespace : `${namespace}-${member.name}`;
    const conditions: Plain = {};
    let remaining = 0;
    for (const map of maps) {
      const link = providerOf(objects, map.metadata.namespace ?? '', peers);
      if (!link) continue;
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
        if (!there.metadata.deletionTimestamp) drop(link.provider.objects, there);
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

/** Pods on virtual nodes, and the objects that go with them. */
function virtualKubelet(member: Member, peers: Peers): void {
  const { objects } = member;
  for (const node of objects.all('v1', 'Node').filter((n) => label(n, 'liqo.io/type') === 'virtual-node')) {
    const virtual = objects.all(OFFLOADING, 'VirtualNode').find((v) => v.metadata.name === node.metadata.name);
    const link = virtual && providerOf(objects, virtual.metadata.namespace ?? '', peers);
    const map = virtual && objects.find(OFFLOADING, 'NamespaceMap', virtual.metadata.namespace, label(node, REMOTE));
    if (!virtual || !link || !map) continue;
    for (const pod of objects.all('v1', 'Pod').filter((p) => text(p, 'spec.nodeName') === node.metadata.name))
      reflectPod(objects, link.provider.objects, pod, text(map, `status.currentMapping.${pod.metadata.namespace}.remoteNamespace`));
    for (const [namespace, mapping] of Object.entries(plain(map, 'status.currentMapping')))
      reflectObjects(objects, link.provider.objects, namespace, text(mapping, 'remoteNamespace'), member.name);
  }
}

function reflectPod(home: Objects, provider: Objects, pod: Stored, namespace: string): void {
  const name = pod.metadata.name;
  const shadow = provider.find(OFFLOADING, 'ShadowPod', namespace, name);
  const remote = provider.find('v1', 'Pod', namespace, name);
  if (pod.metadata.deletionTimestamp) {
    if (shadow) drop(provider, shadow);
    if (remote && !remote.metadata.deletionTimestamp) drop(provider, remote);
    if (!remote) home.remove(pod);
    return;
  }
  const target = provider.find('v1', 'Namespace', undefined, namespace);
  if (!namespace || !target || target.metadata.deletionTimestamp) return;
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
  if (status && text(made, 'spec.nodeName')) home.update(pod, (p) => void (p.status = structuredClone(status)));
}

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
      if (label(copy, 'offloading.liqo.io/origin') === origin && !here.some((o) => o.metadata.name === copy.metadata.name)) drop(provider, copy);
  }
}

/** Made as soon as a Tenant, Identity or VirtualNode shows up; never deleted by Liqo. */
function foreignClusters(objects: Objects): void {
  const about = [...objects.all(AUTHENTICATION, 'Tenant'), ...objects.all(AUTHENTICATION, 'Identity'), ...objects.all(OFFLOADING, 'VirtualNode')].filter(
    (o) => !o.metadata.deletionTimestamp,
  );
  for (const object of about) {
    const peer = label(object, REMOTE) || text(object, 'spec.clusterID');
    if (!peer) continue;
    const role = object.kind === 'Tenant' ? 'Consumer' : 'Provider';
    const made = objects.ensure({
      apiVersion: 'core.liqo.io/v1beta1',
      kind: 'ForeignCluster',
      metadata: { name: peer, labels: { [REMOTE]: peer } },
      spec: { clusterID: peer },
    });
    const node = objects.all('v1', 'Node').find((n) => label(n, REMOTE) === peer);
    objects.update(made, (f) => {
      f.status = {
        role,
        conditions: [{ type: 'APIServerStatus', status: node && !isReady(node) ? 'Error' : 'Established' }],
        modules: {
          networking: { enabled: false },
          authentication: {
            enabled: true,
            conditions: [{ type: role === 'Provider' ? 'AuthIdentityControlPlaneStatus' : 'AuthTenantStatus', status: 'Ready' }],
          },
          offloading: { enabled: node !== undefined },
        },
      };
    });
  }
}

function drop(objects: Objects, object: Stored): void {
  const kind = kindOf(object.apiVersion, object.kind);
  if (kind && objects.get(kind, object.metadata.namespace, object.metadata.name))
    objects.delete(kind, object.metadata.namespace, object.metadata.name, { uid: object.metadata.uid });
}
