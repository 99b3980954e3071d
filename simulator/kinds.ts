// What the simulated API servers serve: kinds as discovery shows them.
export type Kind = {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly status: boolean;
  readonly scale: boolean;
};

const kind = (gv: string, plural: string, name: string, more: { cluster?: boolean; status?: boolean; scale?: boolean } = {}): Kind => {
  const [group, version] = gv.includes('/') ? (gv.split('/') as [string, string]) : ['', gv];
  return { group, version, plural, kind: name, namespaced: !more.cluster, status: more.status ?? false, scale: more.scale ?? false };
};

const AUTHENTICATION = 'authentication.liqo.io/v1beta1';
const OFFLOADING = 'offloading.liqo.io/v1beta1';
const NETWORKING = 'networking.liqo.io/v1beta1';

export const kinds: readonly Kind[] = [
  kind('v1', 'namespaces', 'Namespace', { cluster: true, status: true }),
  kind('v1', 'nodes', 'Node', { cluster: true, status: true }),
  kind('v1', 'pods', 'Pod', { status: true }),
  kind('v1', 'services', 'Service', { status: true }),
  kind('v1', 'configmaps', 'ConfigMap'),
  kind('v1', 'secrets', 'Secret'),
  kind('v1', 'serviceaccounts', 'ServiceAccount'),
  kind('v1', 'events', 'Event'),
  kind('v1', 'persistentvolumeclaims', 'PersistentVolumeClaim', { status: true }),
  kind('v1', 'persistentvolumes', 'PersistentVolume', { cluster: true, status: true }),
  kind('apps/v1', 'deployments', 'Deployment', { status: true, scale: true }),
  kind('apps/v1', 'replicasets', 'ReplicaSet', { status: true, scale: true }),
  kind('apps/v1', 'statefulsets', 'StatefulSet', { status: true, scale: true }),
  kind('apps/v1', 'daemonsets', 'DaemonSet', { status: true }),
  kind('batch/v1', 'jobs', 'Job', { status: true }),
  kind('batch/v1', 'cronjobs', 'CronJob', { status: true }),
  kind('autoscaling/v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler', { status: true }),
  kind('policy/v1', 'poddisruptionbudgets', 'PodDisruptionBudget', { status: true }),
  kind('networking.k8s.io/v1', 'ingresses', 'Ingress', { status: true }),
  kind('networking.k8s.io/v1', 'networkpolicies', 'NetworkPolicy'),
  kind('networking.k8s.io/v1', 'servicecidrs', 'ServiceCIDR', { cluster: true, status: true }),
  kind('discovery.k8s.io/v1', 'endpointslices', 'EndpointSlice'),
  kind('storage.k8s.io/v1', 'storageclasses', 'StorageClass', { cluster: true }),
  kind('coordination.k8s.io/v1', 'leases', 'Lease'),
  kind('rbac.authorization.k8s.io/v1', 'roles', 'Role'),
  kind('rbac.authorization.k8s.io/v1', 'rolebindings', 'RoleBinding'),
  kind('rbac.authorization.k8s.io/v1', 'clusterroles', 'ClusterRole', { cluster: true }),
  kind('rbac.authorization.k8s.io/v1', 'clusterrolebindings', 'ClusterRoleBinding', { cluster: true }),
  kind('certificates.k8s.io/v1', 'certificatesigningrequests', 'CertificateSigningRequest', { cluster: true, status: true }),
  kind('admissionregistration.k8s.io/v1', 'validatingadmissionpolicies', 'ValidatingAdmissionPolicy', { cluster: true, status: true }),
  kind('admissionregistration.k8s.io/v1', 'validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding', { cluster: true }),
  kind('apiextensions.k8s.io/v1', 'customresourcedefinitions', 'CustomResourceDefinition', { cluster: true, status: true }),
  kind('core.liqo.io/v1beta1', 'foreignclusters', 'ForeignCluster', { cluster: true, status: true }),
  kind(AUTHENTICATION, 'tenants', 'Tenant', { status: true }),
  kind(AUTHENTICATION, 'identities', 'Identity', { status: true }),
  kind(AUTHENTICATION, 'resourceslices', 'ResourceSlice', { status: true }),
  kind(AUTHENTICATION, 'renews', 'Renew', { status: true }),
  kind(OFFLOADING, 'namespaceoffloadings', 'NamespaceOffloading', { status: true }),
  kind(OFFLOADING, 'namespacemaps', 'NamespaceMap', { status: true }),
  kind(OFFLOADING, 'virtualnodes', 'VirtualNode', { status: true }),
  kind(OFFLOADING, 'quotas', 'Quota'),
  kind(OFFLOADING, 'vkoptionstemplates', 'VkOptionsTemplate'),
  kind(OFFLOADING, 'shadowpods', 'ShadowPod', { status: true }),
  kind(OFFLOADING, 'shadowendpointslices', 'ShadowEndpointSlice'),
  kind(NETWORKING, 'configurations', 'Configuration', { status: true }),
  kind(NETWORKING, 'gatewayservers', 'GatewayServer', { status: true }),
  kind(NETWORKING, 'gatewayclients', 'GatewayClient', { status: true }),
  kind(NETWORKING, 'wggatewayservers', 'WgGatewayServer', { status: true }),
  kind(NETWORKING, 'wggatewayclients', 'WgGatewayClient', { status: true }),
  kind(NETWORKING, 'wggatewayservertemplates', 'WgGatewayServerTemplate'),
  kind(NETWORKING, 'wggatewayclienttemplates', 'WgGatewayClientTemplate'),
  kind(NETWORKING, 'publickeies', 'PublicKey'),
  kind(NETWORKING, 'connections', 'Connection', { status: true }),
  kind('ipam.liqo.io/v1alpha1', 'networks', 'Network', { status: true }),
  kind('ipam.liqo.io/v1alpha1', 'ips', 'IP', { status: true }),
];

export const apiVersionOf = (k: Kind): string => (k.group ? `${k.group}/${k.version}` : k.version);
export const kindOf = (apiVersion: string, name: string): Kind | undefined => kinds.find((k) => k.kind === name && apiVersionOf(k) === apiVersion);
