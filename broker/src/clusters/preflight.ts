// Whether a cluster can become part of a federation: every check with its reason. What could not be seen is unknown: neither passed nor failed.
import { overlap } from './address.ts';
import type { Cluster } from './cluster.ts';
import { type ClusterFacts, parseVersion, ranges } from './facts.ts';

export type Check = {
  readonly name: string;
  readonly state: 'passed' | 'failed' | 'unknown';
  /** A failed check that blocks keeps the cluster out; one that does not is told. */
  readonly blocks: boolean;
  readonly detail: string;
  readonly fix?: string;
};

// SelfSubjectReview, with which we verify our own tokens, is stable since 1.28.
const kubernetesLeastMinor = 28;
const liqoMinors: readonly number[] = [2];
// Certificates and tokens that are new are rejected by a clock that is behind; 30 s is what most leave as leeway.
const skewMostMs = 30_000;

type Judge = (facts: ClusterFacts, home: Cluster | null, now: number) => Check;

const passed = (name: string, detail: string): Check => ({ name, state: 'passed', blocks: false, detail });
const unknown = (name: string, detail: string, fix?: string): Check => ({
  name,
  state: 'unknown',
  blocks: false,
  detail,
  ...(fix === undefined ? {} : { fix }),
});
const failed = (name: string, detail: string, fix: string, blocks = true): Check => ({ name, state: 'failed', blocks, detail, fix });

const kubernetes: Judge = ({ gitVersion }) => {
  const version = parseVersion(gitVersion);
  if (version === null) return unknown('kubernetes', `the version ${gitVersion} could not be read`);
  if (version.major === 1 && version.minor < kubernetesLeastMinor) {
    return failed('kubernetes', `${gitVersion} is older than 1.${kubernetesLeastMinor}`, 'Upgrade the cluster.');
  }
  return passed('kubernetes', gitVersion);
};

const liqoInstalled: Judge = ({ liqo }) => {
  if (liqo.clusterId === null)
    return failed('liqo', 'Liqo is not installed: there is no ConfigMap with a cluster id in the namespace liqo', 'Install Liqo 1.2.');
  if (!/^[a-z0-9]([-a-z0-9]{0,46}[a-z0-9])?$/.test(liqo.clusterId)) {
    return failed(
      'liqo',
      'its Liqo cluster id cannot be part of the names of namespaces',
      'Install Liqo with a cluster id of at most 48 lower case letters, digits and "-".',
    );
  }
  if (liqo.missingKinds.length > 0)
    return failed('liqo', `Liqo's kinds ${liqo.missingKinds.join(', ')} are missing`, 'Install the custom resources of Liqo 1.2.');
  return passed('liqo', `installed, cluster id ${liqo.clusterId}`);
};

const liqoVersion: Judge = ({ liqo }, home) => {
  if (liqo.version === null)
    return unknown('liqo version', 'nothing that can be seen says which version runs', 'Compare it with the version at home before federating.');
  const own = parseVersion(liqo.version);
  const detail = `${liqo.version} (${liqo.versionSource ?? 'unknown source'})`;
  if (own === null) return unknown('liqo version', `${detail} could not be read`);
  if (own.major !== 1 || !liqoMinors.includes(own.minor)) return failed('liqo version', `${detail} is not one that Hanse knows`, 'Install Liqo 1.2.');
  const other = home?.liqoVersion === null || home?.liqoVersion === undefined ? null : parseVersion(home.liqoVersion);
  if (other !== null && other.minor !== own.minor) {
    return failed('liqo version', `${detail}, but ${home?.name ?? ''} has ${home?.liqoVersion ?? ''}`, 'Run the same minor version on both sides.');
  }
  return passed('liqo version', detail);
};

const dataPlane: Judge = ({ liqo }) => {
  if (liqo.networking === null) return unknown('data plane', "whether Liqo's network module is installed could not be seen");
  return passed(
    'data plane',
    liqo.networking ? "Liqo's network module is installed: native routing or its tunnel" : "Liqo's network module is not installed: native routing",
  );
};

const openshift: Judge = ({ openshift: about, liqo }) => {
  if (about == null) return unknown('openshift', 'it is none');
  const detail = `${about.version}, ${about.networkType ?? 'an unknown network'}`;
  if (about.failing)
    return failed('openshift', `${detail}: its ClusterVersion is failing`, 'Mend it first: oc get clusterversion, oc get clusteroperators.', false);
  // compatibility matrix of Liqo 1.2: everything works there but its network module
  if (liqo.networking === true) return failed('openshift', `${detail}: Liqo calls its network module unfinished there`, 'Use native routing.', false);
  return passed('openshift', detail);
};

const collisions = (facts: ClusterFacts, home: Cluster): readonly string[] => {
  const own = [...(facts.podCidrs ?? []), ...(facts.serviceCidrs ?? [])];
  const theirs = [...home.podCidrs, ...home.serviceCidrs];
  return own.flatMap((left) =>
    theirs.flatMap((right) => (ranges([left]).some((a) => ranges([right]).some((b) => overlap(a, b))) ? [`${left} and ${right}`] : [])),
  );
};

const addressRanges: Judge = (facts, home) => {
  if (facts.podCidrs === null || facts.serviceCidrs === null) return unknown('ranges', 'the address ranges of pods and services could not be seen');
  const detail = `pods ${facts.podCidrs.join(', ')}; services ${facts.serviceCidrs.join(', ')}`;
  const found = home === null ? [] : collisions(facts, home);
  if (found.length === 0) return passed('ranges', detail);
  // told, not held against it: Liqo's tunnel remaps, and an added cluster is not yet a federated one
  return failed(
    'ranges',
    `${detail}; in common with ${home?.name ?? ''}: ${found.join('; ')}`,
    "Native routing needs ranges that do not overlap; Liqo's tunnel translates addresses, where its network module runs at both.",
    false,
  );
};

const rights: Judge = ({ rights: asked }) => {
  const missing = asked.filter(({ allowed }) => !allowed);
  if (asked.length === 0) return unknown('rights', 'nobody was asked');
  if (missing.length === 0) return passed('rights', `${asked.length} rights to set up our account`);
  const named = missing.map(
    ({ verb, group, resource, namespace }) => `${verb} ${resource}${group === '' ? '' : `.${group}`}${namespace === null ? '' : ` in ${namespace}`}`,
  );
  return failed('rights', `the credential may not ${named.join(', ')}`, 'Give a credential that may, for this once: it is forgotten at the end.');
};

const clock: Judge = ({ clockSkewMs }) => {
  const seconds = Math.round(clockSkewMs / 100) / 10;
  if (Math.abs(clockSkewMs) <= skewMostMs) return passed('clock', `${seconds} s from ours`);
  return failed('clock', `the clock of the cluster is ${seconds} s from ours`, 'Set both by NTP: certificates and tokens are rejected otherwise.');
};

const credential: Judge = ({ credentialEndsAt }) =>
  credentialEndsAt === null
    ? unknown('credential', 'it does not say when it ends')
    : passed('credential', `valid until ${credentialEndsAt}, needed for this operation only`);

const policies: Judge = ({ policies: served }) =>
  served
    ? passed('admission policies', 'our account is limited beyond what roles can say')
    : failed(
        'admission policies',
        'the cluster has no ValidatingAdmissionPolicies (Kubernetes 1.30)',
        'Our account gets fewer rights instead; certificate requests that Liqo leaves stay for about an hour.',
        false,
      );

const judges: readonly Judge[] = [kubernetes, openshift, liqoInstalled, liqoVersion, dataPlane, addressRanges, rights, clock, credential, policies];

/** Nothing is said of OpenShift where there is none. */
export const preflight = (facts: ClusterFacts, home: Cluster | null, now: number): readonly Check[] =>
  judges.filter((judge) => judge !== openshift || facts.openshift != null).map((judge) => judge(facts, home, now));
