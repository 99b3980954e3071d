// What Liqo's chart leaves in a cluster before anything is peered.
import { generateKeyPairSync } from 'node:crypto';
import type { Member } from '../../apiServer.ts';
import type { Objects } from '../../objects.ts';
import { text } from '../read.ts';
import { freeRange } from './addresses.ts';
import { base64 } from './names.ts';
import { NETWORKING } from './network.ts';

/** What the chart installs before anything is peered. `reservedSubnets`: with its networking module, which gives none of these out; null: without. */
export function installLiqo(member: Member, podCidr: string, serviceCidr: string, reservedSubnets: readonly string[] | null): void {
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
  objects.ensure({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name: 'liqo-controller-manager',
      namespace: 'liqo',
      labels: { 'app.kubernetes.io/name': 'controller-manager', 'app.kubernetes.io/version': 'v1.2.0' },
    },
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
      status: { cidr },
    });
  if (reservedSubnets !== null) installNetwork(objects, reservedSubnets);
  objects.ensure({
    apiVersion: 'offloading.liqo.io/v1beta1',
    kind: 'VkOptionsTemplate',
    metadata: { name: 'virtual-kubelet-default', namespace: 'liqo' },
    spec: { createNode: true, containerImage: 'ghcr.io/liqotech/virtual-kubelet:v1.2.0', extraArgs: [], replicas: 1 },
  });
  objects.ensure({ apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: 'kubernetes' }, spec: { cidrs: [serviceCidr] } });
  for (const role of ['liqo-peering-user-tenant-ns', 'liqo-remote-controlplane', 'liqo-virtual-kubelet-remote'])
    objects.ensure({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: role }, rules: [] });
  objects.ensure({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'foreignclusters.core.liqo.io' },
    spec: { group: 'core.liqo.io', versions: [{ name: 'v1beta1', served: true }] },
  });
}

function installNetwork(objects: Objects, reservedSubnets: readonly string[]): void {
  const networks = (): string[] => objects.all('ipam.liqo.io/v1alpha1', 'Network').map((one) => text(one, 'status.cidr'));
  const add = (name: string, type: string, cidr: string): void =>
    void objects.ensure({
      apiVersion: 'ipam.liqo.io/v1alpha1',
      kind: 'Network',
      metadata: { name, namespace: 'liqo', labels: { 'ipam.liqo.io/network-type': type } },
      spec: { cidr },
      status: { cidr },
    });
  reservedSubnets.forEach((cidr, index) => add(`reserved-subnet-${index}`, 'reserved', cidr));
  for (const name of ['external-cidr', 'internal-cidr'])
    if (objects.find('ipam.liqo.io/v1alpha1', 'Network', 'liqo', name) === undefined) add(name, name, freeRange(16, networks()) ?? '');
  for (const side of ['Server', 'Client'])
    objects.ensure({
      apiVersion: NETWORKING,
      kind: `WgGateway${side}Template`,
      metadata: { name: `wireguard-${side.toLowerCase()}`, namespace: 'liqo' },
      spec: {},
    });
  objects.ensure({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'liqo-fabric', namespace: 'liqo' }, spec: {} });
}

function newKeys(): Record<string, string> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey: base64(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    publicKey: base64(publicKey.export({ type: 'spki', format: 'pem' }).toString()),
  };
}
