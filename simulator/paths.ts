// How paths of the Kubernetes API name kinds and objects, and what discovery answers.
import type { Plain } from './fields.ts';
import { kinds, type Kind } from './kinds.ts';

export type Target = { kind: Kind; namespace: string | undefined; name: string | undefined; subresource: string | undefined };

export function resolve(path: string): Target | null {
  const [, group = '', version = '', rest = ''] = /^\/(?:api|apis\/([^/]+))\/(v\d[^/]*)\/(.+)$/.exec(path) ?? [];
  const segments = rest.split('/').map(decodeURIComponent);
  const inNamespace = segments[0] === 'namespaces' && segments.length > 2 && !['status', 'finalize'].includes(segments[2] ?? '');
  const [plural, name, subresource] = inNamespace ? segments.slice(2) : segments;
  const kind = kinds.find((k) => k.group === group && k.version === version && k.plural === plural);
  return kind ? { kind, namespace: inNamespace ? segments[1] : undefined, name, subresource } : null;
}

/** As people type them. */
const SHORT: Readonly<Record<string, readonly string[]>> = {
  namespaces: ['ns'],
  nodes: ['no'],
  pods: ['po'],
  services: ['svc'],
  configmaps: ['cm'],
  serviceaccounts: ['sa'],
  events: ['ev'],
  persistentvolumeclaims: ['pvc'],
  persistentvolumes: ['pv'],
  deployments: ['deploy'],
  replicasets: ['rs'],
  statefulsets: ['sts'],
  daemonsets: ['ds'],
  horizontalpodautoscalers: ['hpa'],
  poddisruptionbudgets: ['pdb'],
  ingresses: ['ing'],
  networkpolicies: ['netpol'],
  storageclasses: ['sc'],
  certificatesigningrequests: ['csr'],
  customresourcedefinitions: ['crd', 'crds'],
};
const ALL = ['pods', 'services', 'deployments', 'replicasets', 'statefulsets', 'daemonsets', 'jobs', 'cronjobs', 'horizontalpodautoscalers'];

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

export function discovery(path: string): Plain | null {
  const groups = [...new Set(kinds.filter((k) => k.group).map((k) => k.group))];
  const named = (group: string): Plain => {
    const versions = [...new Set(kinds.filter((k) => k.group === group).map((k) => k.version))].map((version) => ({
      groupVersion: `${group}/${version}`,
      version,
    }));
    return { name: group, versions, preferredVersion: versions[0] };
  };
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(named) };
  const [, group = '', version] = /^\/(?:api|apis\/([^/]+))\/(v\d[^/]*)$/.exec(path) ?? [];
  if (!version) return null;
  const here = kinds.filter((k) => k.group === group && k.version === version);
  if (here.length === 0) return null;
  const entry = (k: Kind, suffix = ''): Plain => ({
    name: k.plural + suffix,
    singularName: suffix ? '' : k.kind.toLowerCase(),
    namespaced: k.namespaced,
    kind: k.kind,
    verbs: suffix ? ['get', 'patch', 'update'] : VERBS,
    ...(suffix === '' && k.plural in SHORT && { shortNames: SHORT[k.plural] }),
    ...(suffix === '' && ALL.includes(k.plural) && { categories: ['all'] }),
  });
  const resources = here.flatMap((k) => [entry(k), ...(k.status ? [entry(k, '/status')] : []), ...(k.scale ? [entry(k, '/scale')] : [])]);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: group ? `${group}/${version}` : version, resources };
}
