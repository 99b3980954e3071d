// The names, labels and annotations of Liqo 1.2 that a peering is made of. Authority: Liqo's pkg/consts and its forges; liqoctl uses the same names, so that what it began can be recognised.
import type { Peering } from './peering.ts';

export const coreLiqo = 'core.liqo.io/v1beta1';
export const authentication = 'authentication.liqo.io/v1beta1';
export const offloading = 'offloading.liqo.io/v1beta1';
export const networking = 'networking.liqo.io/v1beta1';
export const ipam = 'ipam.liqo.io/v1alpha1';
export const certificates = 'certificates.k8s.io/v1';

export const label = {
  remoteCluster: 'liqo.io/remote-cluster-id',
  tenantNamespace: 'liqo.io/tenant-namespace',
  nonce: 'liqo.io/nonce',
  signedNonce: 'liqo.io/signed-nonce',
  replication: 'liqo.io/replication',
  replicationTo: 'liqo.io/remoteID',
  certificateRequest: 'liqo.io/remote-tenant-csr',
  gatewayResource: 'networking.liqo.io/gateway-resource',
  managedBy: 'app.kubernetes.io/managed-by',
  operation: 'hanse.dev/operation',
  /** On a tenant namespace that a federation made itself: it goes with the peering. One that came with the provider's account stays until the cluster is removed. */
  madeFor: 'hanse.dev/made-for',
} as const;

export const annotation = {
  createVirtualNode: 'liqo.io/create-virtual-node',
  /** On an object that is to go: whoever keeps it is asked to look again. */
  reminder: 'hanse.dev/reminder',
  permanentlyUnreachable: 'liqo.io/foreign-cluster-permanently-unreachable',
} as const;

export const nonceName = 'liqo-nonce';
export const signedNonceName = 'liqo-signed-nonce';
export const grantName = 'hanse-grant';
export const liqoNamespace = 'liqo';
export const clusterKeysName = 'authentication-keys';

export const tenantNamespaceName = (peerClusterId: string): string => `liqo-tenant-${peerClusterId}`;
export const identityName = (providerClusterId: string): string => `controlplane-${providerClusterId}`;
export const identitySecretName = (providerClusterId: string): string => `kubeconfig-${identityName(providerClusterId)}`;

/** What Liqo and we leave in the provider's tenant namespace beside the Tenant: the challenge and the certificates it signed. */
export const isLeftoverSecretOfProvider = (name: string): boolean =>
  name === nonceName || name === 'liqo-remote-certificate' || name.startsWith('liqo-remote-certificate-');

/** The peering in words: "home → pa". */
export const peeringTitle = (peering: Pick<Peering, 'home' | 'provider'>): string => `${peering.home} → ${peering.provider}`;
