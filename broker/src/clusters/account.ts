// Our standing account at a cluster: where it lives, what makes its tokens void, and every right it has. Data only; add.ts applies it with the
// credential that was handed in. Whatever is cluster-wide, or lies in a namespace not ours, is owned by the account's namespace, so that deleting that namespace removes all of it.
import type { ClusterSide } from './cluster.ts';
import { homePolicy, providerPolicy } from './accountPolicy.ts';
import type { Manifest, Rule } from './manifest.ts';

export const accountName = 'hanse';
/** Every token is bound to it: deleting it ends all of them at once. */
export const anchorName = 'hanse-anchor';
export const grantName = 'hanse-grant';
const liqoNamespace = 'liqo';

export type Account = {
  readonly side: ClusterSide;
  readonly namespace: string;
  /** Name of the cluster-wide objects. */
  readonly wideName: string;
  readonly username: string;
  /** At a provider: Liqo cluster id of the home cluster, and the tenant namespace; null at home. */
  readonly tenant: { readonly homeClusterId: string; readonly namespace: string } | null;
};

export const accountOf = (side: ClusterSide, homeClusterId: string | null): Account => {
  const namespace = homeClusterId === null ? 'hanse-system' : `hanse-${homeClusterId}`;
  return {
    side,
    namespace,
    wideName: homeClusterId === null ? 'hanse' : namespace,
    username: `system:serviceaccount:${namespace}:${accountName}`,
    tenant: homeClusterId === null ? null : { homeClusterId, namespace: `liqo-tenant-${homeClusterId}` },
  };
};

const read = ['get', 'list', 'watch'] as const;
const write = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'] as const;
const rule = (apiGroup: string, resources: readonly string[], verbs: readonly string[], resourceNames?: readonly string[]): Rule => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
  ...(resourceNames === undefined ? {} : { resourceNames }),
});

/** At home, in every namespace; the admission policy beside it keeps its writing to namespaces that Hanse made and Liqo's tenant namespaces. */
export const homeRules: readonly Rule[] = [
  rule('', ['nodes', 'persistentvolumes', 'endpoints', 'events'], read),
  rule('', ['namespaces'], write),
  // applications: the kinds that deploy accepts, and the probes that measure
  rule('', ['pods', 'services', 'configmaps', 'secrets', 'serviceaccounts', 'persistentvolumeclaims'], write),
  rule('apps', ['deployments', 'statefulsets'], write),
  rule('apps', ['deployments/scale', 'statefulsets/scale'], ['get', 'update', 'patch']),
  // a move takes the old ReplicaSet away and leaves its pods
  rule('apps', ['replicasets'], [...read, 'patch', 'delete']),
  rule('apps', ['daemonsets'], read),
  rule('batch', ['jobs', 'cronjobs'], write),
  rule('policy', ['poddisruptionbudgets'], write),
  rule('autoscaling', ['horizontalpodautoscalers'], write),
  rule('networking.k8s.io', ['networkpolicies', 'ingresses'], write),
  rule('networking.k8s.io', ['servicecidrs', 'ingressclasses'], read),
  rule('discovery.k8s.io', ['endpointslices'], read),
  rule('storage.k8s.io', ['storageclasses'], read),
  rule('apiextensions.k8s.io', ['customresourcedefinitions'], ['get', 'list']),
  // Liqo
  rule('authentication.liqo.io', ['identities', 'resourceslices'], write),
  rule('authentication.liqo.io', ['renews'], ['delete']),
  // as a provider: a consumer is cordoned, drained and admitted again
  rule('authentication.liqo.io', ['tenants'], ['update']),
  rule('offloading.liqo.io', ['namespaceoffloadings', 'virtualnodes'], write),
  rule('offloading.liqo.io', ['vkoptionstemplates'], ['create', 'delete']),
  // before the tenant namespaces go, nothing may be replicated any more
  rule('offloading.liqo.io', ['namespacemaps'], ['delete']),
  rule('core.liqo.io', ['foreignclusters'], [...read, 'patch', 'update', 'delete']),
  rule('networking.liqo.io', ['configurations', 'gatewayservers', 'gatewayclients', 'publickeies'], ['create', 'update', 'delete']),
  ...['authentication.liqo.io', 'core.liqo.io', 'offloading.liqo.io', 'networking.liqo.io', 'ipam.liqo.io'].map((group) => rule(group, ['*'], read)),
];

/** At a provider, in the consumer's tenant namespace: of Liqo's role for peering users what a peering needs, with and without Liqo's tunnel, and reading what Liqo makes there. */
export const tenantRules: readonly Rule[] = [
  rule('', ['secrets'], ['create', 'delete', 'get', 'list']),
  rule('', ['configmaps'], ['get'], [grantName]),
  rule('authentication.liqo.io', ['tenants'], ['create', 'delete', 'get', 'list', 'update']),
  rule('authentication.liqo.io', ['resourceslices', 'identities'], ['get', 'list']),
  rule('offloading.liqo.io', ['namespacemaps', 'quotas'], ['get', 'list']),
  rule('networking.liqo.io', ['configurations', 'gatewayservers', 'gatewayclients', 'publickeies'], ['create', 'delete', 'get', 'list', 'update']),
  rule('networking.liqo.io', ['connections'], ['get', 'list']),
];

/** At a provider, in Liqo's own namespace: cluster id, settings and address ranges. */
export const liqoRules: readonly Rule[] = [
  rule('', ['configmaps'], ['get', 'list']),
  rule('', ['serviceaccounts'], ['get']),
  rule('apps', ['deployments'], ['get', 'list']),
  rule('ipam.liqo.io', ['networks'], ['get', 'list']),
];

/** At a provider, cluster-wide: exactly these objects. Certificate requests only where the cluster has admission policies that limit the deletion. */
export const wideRules = (account: Account, policies: boolean): readonly Rule[] => [
  rule('core.liqo.io', ['foreignclusters'], ['get', 'delete'], [account.tenant?.homeClusterId ?? '']),
  rule('', ['namespaces'], ['get', 'delete'], [account.namespace, account.tenant?.namespace ?? '']),
  ...(policies ? [rule('certificates.k8s.io', ['certificatesigningrequests'], ['get', 'list', 'delete'])] : []),
];

/** To renew its own token, and to see that the anchor is there. */
const ownRules: readonly Rule[] = [
  rule('', ['serviceaccounts/token'], ['create'], [accountName]),
  rule('', ['serviceaccounts'], ['get'], [accountName]),
  rule('', ['secrets'], ['get'], [anchorName]),
];

const rbac = 'rbac.authorization.k8s.io/v1';
const subjects = ({ namespace }: Account) => [{ kind: 'ServiceAccount', name: accountName, namespace }];
const roleRef = (kind: 'Role' | 'ClusterRole', name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name });

type Meta = Manifest['metadata'];

const granted = (account: Account, metadata: Meta & { readonly namespace: string }, rules: readonly Rule[]): readonly Manifest[] => [
  { apiVersion: rbac, kind: 'Role', metadata, rules },
  { apiVersion: rbac, kind: 'RoleBinding', metadata, roleRef: roleRef('Role', metadata.name), subjects: subjects(account) },
];

const grantedWide = (account: Account, metadata: Meta, rules: readonly Rule[]): readonly Manifest[] => [
  { apiVersion: rbac, kind: 'ClusterRole', metadata, rules },
  { apiVersion: rbac, kind: 'ClusterRoleBinding', metadata, roleRef: roleRef('ClusterRole', metadata.name), subjects: subjects(account) },
];

const labels = (operation: string) => ({ 'app.kubernetes.io/managed-by': 'hanse', 'hanse.dev/operation': operation });

/** The namespaces come first: what follows is owned by the account's. */
export const accountNamespaces = (account: Account, operation: string): readonly Manifest[] => {
  const own: Manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: account.namespace, labels: labels(operation) } };
  const { tenant } = account;
  if (tenant === null) return [own];
  const podSecurity = Object.fromEntries(['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'privileged']));
  // as Liqo labels it: by them it finds the namespace of a remote cluster
  const liqo = { 'liqo.io/remote-cluster-id': tenant.homeClusterId, 'liqo.io/tenant-namespace': 'true', ...podSecurity };
  return [own, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: tenant.namespace, labels: { ...liqo, ...labels(operation) } } }];
};

export type AccountParts = {
  readonly operation: string;
  /** UID of the account's namespace. */
  readonly ownerUid: string;
  /** Whether the cluster has ValidatingAdmissionPolicies (Kubernetes 1.30). */
  readonly policies: boolean;
};

/** The provider's word, which our account can only read. */
const grant = (metadata: Meta): Manifest => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, name: grantName }, data: { accept: 'yes' } });

/** In the order in which they are applied: rights before the account that has them is used, limits before rights. */
export const accountObjects = (account: Account, { operation, ownerUid, policies }: AccountParts): readonly Manifest[] => {
  const marks = labels(operation);
  const inside = { name: accountName, namespace: account.namespace, labels: marks };
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Namespace', name: account.namespace, uid: ownerUid }];
  const wide = { name: account.wideName, labels: marks, ownerReferences };
  const { tenant } = account;
  const limits = tenant === null ? homePolicy(account.username, wide) : providerPolicy(account.username, tenant.homeClusterId, wide);
  return [
    ...(policies ? limits : []),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: inside, automountServiceAccountToken: false },
    { apiVersion: 'v1', kind: 'Secret', metadata: { ...inside, name: anchorName }, type: 'Opaque' },
    ...granted(account, inside, ownRules),
    ...grantedWide(account, wide, tenant === null ? homeRules : wideRules(account, policies)),
    ...(tenant === null ? [] : granted(account, { ...wide, name: accountName, namespace: tenant.namespace }, tenantRules)),
    ...(tenant === null ? [] : granted(account, { ...wide, namespace: liqoNamespace }, liqoRules)),
    ...(tenant === null ? [] : [grant({ ...wide, namespace: tenant.namespace })]),
  ];
};
