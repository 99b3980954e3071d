// On what a cluster runs, concluded from evidence that is shown: what was installed, who manages it, on which machines. Three questions, not one.
import type { Evidence, Platform } from './cluster.ts';
import type { ClusterFacts } from './facts.ts';

type Clue = { readonly value: string; readonly evidence: Omit<Evidence, 'claim'> };
type Rule = (facts: ClusterFacts) => Clue | null;

const clue = (value: string, source: Evidence['source'], seen: string): Clue => ({ value, evidence: { source, value: seen } });

const byVersion =
  (value: string, pattern: RegExp): Rule =>
  ({ gitVersion }) =>
    pattern.test(gitVersion) ? clue(value, 'version', gitVersion) : null;
const byGroup =
  (value: string, ...groups: readonly string[]): Rule =>
  (facts) =>
    groups.every((group) => facts.groups.includes(group)) ? clue(value, 'group', groups.join(' and ')) : null;
const byLabel =
  (value: string, label: string): Rule =>
  ({ nodes }) => {
    const node = nodes?.find(({ labels }) => Object.hasOwn(labels, label));
    return node === undefined ? null : clue(value, 'node', `${label} on ${node.name}`);
  };
const byObject =
  (value: string, object: string): Rule =>
  ({ objects }) =>
    objects.includes(object) ? clue(value, 'object', object) : null;

const oneKe: Rule = ({ gitVersion, nodes }) => {
  if (!/\+rke2r\d/.test(gitVersion) || nodes === null || nodes.length === 0) return null;
  return nodes.every(({ name }) => name.startsWith('oneke-ip-')) ? clue('oneke', 'node', `every node is named oneke-ip-…, as ${nodes[0]?.name ?? ''}`) : null;
};

const byClusterVersion: Rule = ({ openshift }) =>
  openshift == null
    ? null
    : clue('openshift', 'object', `ClusterVersion ${openshift.version}, cluster id ${openshift.clusterId}${openshift.hosted ? ', hosted control plane' : ''}`);

/** The first that matches: from the most particular to the most general. */
const distributions: readonly Rule[] = [
  byClusterVersion,
  byGroup('openshift', 'config.openshift.io'),
  byGroup('microshift', 'security.openshift.io', 'route.openshift.io'),
  oneKe,
  byVersion('k3s', /\+k3s\d/),
  byVersion('rke2', /\+rke2r\d/),
  byVersion('k0s', /\+k0s/),
  byVersion('eks', /-eks-/),
  byVersion('gke', /-gke\./),
  byLabel('aks', 'kubernetes.azure.com/cluster'),
  byLabel('microk8s', 'microk8s.io/cluster'),
  byLabel('minikube', 'minikube.k8s.io/name'),
  byObject('kubeadm', 'ConfigMap kube-system/kubeadm-config'),
];

const managers: readonly Rule[] = [
  byObject('rancher', 'Deployment cattle-system/cattle-cluster-agent'),
  byGroup('rancher', 'management.cattle.io'),
  byLabel('harvester', 'harvesterhci.io/managed'),
  byGroup('open-cluster-management', 'agent.open-cluster-management.io'),
  byGroup('karmada', 'work.karmada.io'),
  byGroup('cluster-api', 'cluster.x-k8s.io'),
];

const platformNames: Readonly<Record<string, string>> = {
  one: 'opennebula',
  openstack: 'openstack',
  aws: 'aws',
  azure: 'azure',
  gce: 'google-cloud',
  vsphere: 'vsphere',
  baremetalhost: 'bare-metal',
  metal3: 'bare-metal',
  kubevirt: 'kubevirt',
  kind: 'containers',
};

/** As Infrastructure of config.openshift.io/v1 calls them. */
const openshiftPlatforms: Readonly<Record<string, string>> = {
  AWS: 'aws',
  Azure: 'azure',
  GCP: 'google-cloud',
  BareMetal: 'bare-metal',
  OpenStack: 'openstack',
  VSphere: 'vsphere',
  KubeVirt: 'kubevirt',
};

/** By the scheme of Node.spec.providerID; k3s and rke2 put their own name there, which says nothing of the machines. */
const platformRule: Rule = ({ nodes, openshift }) => {
  const declared = openshift?.platform ?? '';
  const named = Object.hasOwn(openshiftPlatforms, declared) ? openshiftPlatforms[declared] : undefined;
  if (named !== undefined) return clue(named, 'object', `Infrastructure cluster: ${declared}`);
  for (const { name, providerId } of nodes ?? []) {
    const scheme = /^([a-z0-9]+):\/\//.exec(providerId)?.[1];
    const known = scheme !== undefined && Object.hasOwn(platformNames, scheme) ? platformNames[scheme] : undefined;
    if (known !== undefined) return clue(known, 'node', `providerID ${scheme}://… of ${name}`);
  }
  return null;
};

const first = (rules: readonly Rule[], facts: ClusterFacts): Clue | null => {
  for (const rule of rules) {
    const found = rule(facts);
    if (found !== null) return found;
  }
  return null;
};

const shown = (axis: string, found: Clue | null): readonly Evidence[] => (found === null ? [] : [{ claim: `${axis} is ${found.value}`, ...found.evidence }]);

/** An axis without evidence is `kubernetes`, `none` or `unknown`; never a guess. */
export const recognise = (facts: ClusterFacts): Platform => {
  const distribution = first(distributions, facts);
  const manager = first(managers, facts);
  const platform = platformRule(facts);
  return {
    distribution: distribution?.value ?? 'kubernetes',
    manager: manager?.value ?? 'none',
    platform: platform?.value ?? 'unknown',
    evidence: [...shown('distribution', distribution), ...shown('manager', manager), ...shown('platform', platform)],
  };
};
