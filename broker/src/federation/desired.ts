// The objects of a peering as Liqo wants to see them, from a Peering value and nothing else. Sequence and fields: Liqo 1.2 docs/advanced/peering/peering-via-cr.md and its forges.
import { authentication, identityName, label, nonceName, signedNonceName } from './names.ts';
import type { Peering } from './peering.ts';
import { resourceList, type SliceResources } from './quantity.ts';

export type LiqoObject = {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller: boolean; blockOwnerDeletion: boolean }[];
  };
  [field: string]: unknown;
};

/** What the provider signs: all of it is public or signed by the consumer. */
export type Admission = { readonly publicKey: string; readonly csr: string; readonly signature: string };
export type AuthParams = {
  readonly ca?: string | undefined;
  readonly signedCRT?: string | undefined;
  readonly apiServer?: string | undefined;
  readonly proxyURL?: string | undefined;
};

/** Every object made by an operation says so: the run that resumes finds it, undoing deletes nothing else. */
export const marks = (operation: string): Record<string, string> => ({ [label.managedBy]: 'hanse', [label.operation]: operation, [label.madeFor]: 'peering' });

const podSecurity = {
  'pod-security.kubernetes.io/enforce': 'privileged',
  'pod-security.kubernetes.io/audit': 'privileged',
  'pod-security.kubernetes.io/warn': 'privileged',
};

export const tenantNamespace = (name: string, peerClusterId: string, operation: string): LiqoObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name,
    labels: { [label.remoteCluster]: peerClusterId, [label.tenantNamespace]: 'true', ...podSecurity, ...marks(operation) },
  },
});

/** Empty: the provider's Liqo writes the challenge into it. */
export const nonceSecret = (peering: Peering, operation: string): LiqoObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: nonceName,
    namespace: peering.providerNamespace,
    labels: { [label.nonce]: 'true', [label.remoteCluster]: peering.homeClusterId, ...marks(operation) },
  },
  type: 'Opaque',
});

/** The home's Liqo signs it with the cluster's key. */
export const signedNonceSecret = (peering: Peering, nonce: string, operation: string): LiqoObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: signedNonceName,
    namespace: peering.homeNamespace,
    labels: { [label.signedNonce]: 'true', [label.remoteCluster]: peering.providerClusterId, ...marks(operation) },
  },
  type: 'Opaque',
  stringData: { nonce },
});

export const tenant = (peering: Peering, admission: Admission, operation: string): LiqoObject => ({
  apiVersion: authentication,
  kind: 'Tenant',
  metadata: {
    name: peering.homeClusterId,
    namespace: peering.providerNamespace,
    labels: { [label.remoteCluster]: peering.homeClusterId, ...marks(operation) },
  },
  spec: { clusterID: peering.homeClusterId, authzPolicy: 'KeysExchange', tenantCondition: 'Active', ...admission },
});

export const identity = (peering: Peering, authParams: AuthParams, operation: string): LiqoObject => ({
  apiVersion: authentication,
  kind: 'Identity',
  metadata: {
    name: identityName(peering.providerClusterId),
    namespace: peering.homeNamespace,
    labels: { [label.remoteCluster]: peering.providerClusterId, ...marks(operation) },
  },
  spec: { clusterID: peering.providerClusterId, type: 'ControlPlane', authParams, namespace: peering.providerNamespace },
});

export const resourceSlice = (peering: Peering, operation: string): LiqoObject => ({
  apiVersion: authentication,
  kind: 'ResourceSlice',
  metadata: {
    name: peering.virtualNode,
    namespace: peering.homeNamespace,
    labels: {
      [label.remoteCluster]: peering.providerClusterId,
      [label.replicationTo]: peering.providerClusterId,
      [label.replication]: 'true',
      ...marks(operation),
    },
  },
  spec: { class: 'default', providerClusterID: peering.providerClusterId, resources: sliceResources(peering.resources) },
});

export const sliceResources = (resources: SliceResources): Record<string, string> => resourceList(resources);
