// What a person should know before approving a deployment, in lines.
import type { PlanNote } from '../../operations/index.ts';
import { explain, type Placement } from '../../placement/index.ts';
import type { Application } from '../application.ts';
import type { KubeManifest } from '../manifest.ts';
import { needsOf } from './needs.ts';
import { accountOf, referredSecrets } from './references.ts';
import { groupKind, readPods } from './podTemplate.ts';

export type Source = { readonly file: string; readonly sha256: string };

export function deployNotes(application: Application, sources: readonly Source[]): PlanNote[] {
  const { manifests, clusters, home } = application;
  const remote = clusters.filter((cluster) => cluster !== home);
  return [
    ...placementNotes(application.placement),
    ...needsOf(manifests).assumptions.map((text) => ({ topic: 'assumed', text })),
    ...secretNotes(manifests, home, remote),
    ...manifests.flatMap((manifest) => surprises(manifest, remote)),
    ...sources.map(({ file, sha256 }) => ({ topic: 'source', text: `${file}: SHA-256 ${sha256}`, data: { file, sha256 } })),
  ];
}

const placementNotes = (placement: Placement): PlanNote[] => explain(placement).map((text) => ({ topic: 'placement', text }));

/** Each Secret and who will hold it; also those that pods refer to but nobody sent. */
export function secretNotes(manifests: readonly KubeManifest[], home: string, remote: readonly string[]): PlanNote[] {
  const referred = referredSecrets(manifests);
  const own = manifests.filter((manifest) => groupKind(manifest) === '/Secret').map(({ metadata }) => metadata.name);
  const present = own.map((name) => {
    const by = referred.get(name);
    const holders = by ? [home, ...remote] : [home];
    const why = by ? `${by.join(', ')} ${by.length === 1 ? 'refers' : 'refer'} to it` : 'no pod refers to it, so it stays there';
    return { topic: 'secret', text: `Secret ${name} will be held by ${holders.join(', ')}: ${why}.`, data: { secret: name, holders } };
  });
  const missing = [...referred]
    .filter(([name]) => !own.includes(name))
    .map(([name, by]) => ({
      topic: 'secret',
      text: `Secret ${name} is not among the manifests, but ${by.join(', ')} ${by.length === 1 ? 'refers' : 'refer'} to it: whoever makes it at ${home} gives it to ${[home, ...remote].join(', ')}.`,
      data: { secret: name, holders: [home, ...remote] },
    }));
  return [...present, ...missing];
}

function surprises(manifest: KubeManifest, remote: readonly string[]): PlanNote[] {
  const name = `${manifest.kind} ${manifest.metadata.name}`;
  if (remote.length === 0) return [];
  if (groupKind(manifest) === 'networking.k8s.io/NetworkPolicy')
    return [{ topic: 'network', text: `${name} does not reach ${remote.join(', ')}: Liqo does not reflect network policies, so it filters nothing there.` }];
  const reading = readPods(manifest);
  if (reading.kind !== 'pods') return [];
  const account = accountOf(reading.spec);
  const carriesToken = reading.spec.automountServiceAccountToken !== false;
  const hard = reading.spec.topologySpreadConstraints.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule');
  return [
    ...(carriesToken
      ? [
          {
            topic: 'secret',
            text: `${name}: a token of ServiceAccount ${account} for the API of the home cluster goes to ${remote.join(', ')}, because the manifests ask for it.`,
            data: { serviceAccount: account, holders: [...remote] },
          },
        ]
      : []),
    ...hard.map(({ topologyKey }) => ({
      topic: 'placement',
      text: `${name}: the spread over ${topologyKey} is also required at ${remote.join(', ')}; where nodes lack that label its pods wait.`,
    })),
  ];
}
