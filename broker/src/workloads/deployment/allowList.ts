// Which objects an application may consist of: namespaced kinds whose effect ends at its own namespace.
import type { Fault } from '../../errors.ts';
import { at, listOf, textOf } from '../json.ts';
import { groupKind } from './podTemplate.ts';
import type { PlacedManifest } from './readManifests.ts';

/** In the order in which they are applied: what pods need before the pods, what points at pods after them. */
export const allowedKinds = [
  '/ServiceAccount',
  '/Secret',
  '/ConfigMap',
  '/PersistentVolumeClaim',
  'networking.k8s.io/NetworkPolicy',
  '/Service',
  'policy/PodDisruptionBudget',
  'apps/Deployment',
  'apps/StatefulSet',
  'batch/Job',
  'batch/CronJob',
  'autoscaling/HorizontalPodAutoscaler',
  'networking.k8s.io/Ingress',
] as const;

const whyNot: Readonly<Record<string, { why: string; fix: string }>> = {
  '/Pod': { why: 'a bare Pod is not started again when it ends, and cannot be moved', fix: 'Describe it as a Deployment or a Job.' },
  'apps/ReplicaSet': { why: 'a bare ReplicaSet cannot be rolled out or moved', fix: 'Describe it as a Deployment.' },
  '/ReplicationController': { why: 'it cannot be rolled out or moved', fix: 'Describe it as a Deployment.' },
  'apps/DaemonSet': {
    why: 'it wants one pod on every node, and the nodes of providers are not ours (Liqo turns its pods away)',
    fix: 'Describe it as a Deployment.',
  },
  '/Namespace': { why: 'Hanse makes the namespace of the application itself', fix: 'Remove the Namespace from the manifests.' },
  'rbac.authorization.k8s.io/Role': { why: 'it grants rights on the home cluster', fix: 'Let the policy name it, or remove it.' },
  'rbac.authorization.k8s.io/RoleBinding': { why: 'it grants rights on the home cluster', fix: 'Let the policy name it, or remove it.' },
};
const clusterWide = { why: 'it acts on the whole cluster, not only on the application', fix: 'Let the administrator of the home cluster apply it.' };
const unknown = { why: 'Hanse does not know what it would do, and where', fix: 'Let the policy name the kind, or apply it yourself.' };
const clusterScoped =
  /^(rbac\.authorization\.k8s\.io\/Cluster|admissionregistration\.k8s\.io\/|apiextensions\.k8s\.io\/|apiregistration\.k8s\.io\/|storage\.k8s\.io\/|scheduling\.k8s\.io\/|node\.k8s\.io\/|certificates\.k8s\.io\/|\/(Node|PersistentVolume)$)/;

/** `kinds` are what the policy names beside the list, with their version: `rbac.authorization.k8s.io/v1/Role`, `v1/Pod`. */
export function checkKinds(manifests: readonly PlacedManifest[], application: string, kinds: readonly string[]): Fault[] {
  const allowed = new Set<string>([...allowedKinds, ...kinds.map(withoutVersion)]);
  return manifests.flatMap((placed) => [...kindFault(placed, allowed), ...namespaceFault(placed, application), ...contentFaults(placed)]);
}

/** `apps/v1/DaemonSet` → `apps/DaemonSet`, `v1/Pod` → `/Pod`. */
export const withoutVersion = (kind: string): string =>
  groupKind({ apiVersion: kind.slice(0, kind.lastIndexOf('/')), kind: kind.slice(kind.lastIndexOf('/') + 1) });

/** What the policy named beside the list comes first: rights before those who need them. */
export const applyOrder = (manifest: { apiVersion: string; kind: string }): number => allowedKinds.findIndex((key) => key === groupKind(manifest));

function kindFault({ manifest, file, line }: PlacedManifest, allowed: ReadonlySet<string>): Fault[] {
  const key = groupKind(manifest);
  if (clusterScoped.test(key))
    return [{ message: `${manifest.kind} ${manifest.metadata.name} is refused: ${clusterWide.why}.`, fix: clusterWide.fix, place: { file, line } }];
  if (allowed.has(key)) return [];
  const { why, fix } = (Object.hasOwn(whyNot, key) ? whyNot[key] : undefined) ?? unknown;
  return [{ message: `${manifest.kind} ${manifest.metadata.name} is refused: ${why}.`, fix, place: { file, line } }];
}

function namespaceFault({ manifest, file, lineOf }: PlacedManifest, application: string): Fault[] {
  const namespace = textOf(manifest.metadata['namespace']);
  if (namespace === undefined || namespace === application) return [];
  return [
    {
      message: `${manifest.kind} ${manifest.metadata.name} wants namespace ${namespace}; an application lives in its own, ${application}.`,
      fix: `Remove metadata.namespace, or call the application ${namespace}.`,
      place: { file, line: lineOf(['metadata', 'namespace']), path: 'metadata.namespace' },
    },
  ];
}

function contentFaults({ manifest, file, lineOf }: PlacedManifest): Fault[] {
  const fault = (message: string, fix: string, ...path: string[]): Fault => ({
    message: `${manifest.kind} ${manifest.metadata.name}: ${message}`,
    fix,
    place: { file, line: lineOf(path), path: path.join('.') },
  });
  const key = groupKind(manifest);
  if (key === '/Secret' && manifest['type'] === 'kubernetes.io/service-account-token')
    return [
      fault('a token of this kind never ends and would be carried to providers.', 'Let the application ask for a bound token (projected volume).', 'type'),
    ];
  if (key === '/Service') {
    // An address of the internet that the home cluster would answer for: CVE-2020-8554.
    if (listOf(at(manifest, ['spec', 'externalIPs'])).length > 0)
      return [
        fault(
          'external addresses are refused: with them a Service takes traffic that is not its own (CVE-2020-8554).',
          'Remove externalIPs.',
          'spec',
          'externalIPs',
        ),
      ];
    if (textOf(at(manifest, ['spec', 'type'])) === 'ExternalName')
      return [fault('ExternalName is refused: it leads to where no placement decides.', 'Use the name directly.', 'spec', 'type')];
  }
  return [];
}

/** Namespaces that are never an application's. */
export function checkName(application: string, homeClusterId: string): Fault[] {
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(application) || application.length > 63)
    return [{ message: `"${application}" cannot be an application: its name has to be lower case letters, digits and "-".`, place: { path: 'name' } }];
  if (/^(default|kube-.*|liqo|liqo-.*|hanse|hanse-.*|openshift|openshift-.*|cattle-.*)$/.test(application))
    return [{ message: `"${application}" cannot be an application: the namespace of that name is the cluster's own.`, place: { path: 'name' } }];
  // Liqo calls the namespace at a provider <name>-<home cluster id> (mapping DefaultName).
  const remote = `${application}-${homeClusterId}`;
  return remote.length <= 63
    ? []
    : [
        {
          message: `"${application}" is too long: its namespace at providers would be ${remote} with ${remote.length} characters, at most 63 are possible.`,
          place: { path: 'name' },
        },
      ];
}
