// Which Secrets the pods of an application refer to: only those leave home.
import { at, fieldsOf, isFields, listOf, textOf } from '../json.ts';
import type { KubeManifest } from '../manifest.ts';
import { allContainers, groupKind, type PodSpec, readPods } from './podTemplate.ts';

/** Name of the Secret → the objects whose pods refer to it (`Deployment web`). */
export function referredSecrets(manifests: readonly KubeManifest[]): ReadonlyMap<string, readonly string[]> {
  const referred = new Map<string, string[]>();
  for (const manifest of manifests) {
    const reading = readPods(manifest);
    if (reading.kind !== 'pods') continue;
    const names = [...secretsOf(reading.spec), ...secretsOfAccount(manifests, accountOf(reading.spec))];
    for (const name of new Set(names)) referred.set(name, [...(referred.get(name) ?? []), `${manifest.kind} ${manifest.metadata.name}`]);
  }
  return referred;
}

export const accountOf = (spec: PodSpec): string => spec.serviceAccountName ?? spec.serviceAccount ?? 'default';

function secretsOf(spec: PodSpec): string[] {
  return [
    ...spec.volumes.flatMap((volume) => namesIn(volume)),
    ...spec.imagePullSecrets.flatMap(({ name }) => name ?? []),
    ...allContainers(spec).flatMap(({ container }) => [
      ...container.env.flatMap((variable) => textOf(at(variable, ['valueFrom', 'secretKeyRef', 'name'])) ?? []),
      ...container.envFrom.flatMap((source) => textOf(at(source, ['secretRef', 'name'])) ?? []),
    ]),
  ];
}

/**
 * Every volume type names its Secret in one of few ways: `secretName` (secret, azureFile), `secret.name` (projected), `secretRef.name` (cephfs, rbd, …) and `…SecretRef.name` (csi).
 */
function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (!isFields(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const name = key === 'secretName' ? textOf(item) : key === 'secret' || /secretRef$/i.test(key) ? textOf(fieldsOf(item)['name']) : undefined;
    return [...(name === undefined ? [] : [name]), ...namesIn(item)];
  });
}

function secretsOfAccount(manifests: readonly KubeManifest[], account: string): string[] {
  const found = manifests.find((manifest) => groupKind(manifest) === '/ServiceAccount' && manifest.metadata.name === account);
  return [...listOf(found?.['imagePullSecrets']), ...listOf(found?.['secrets'])].flatMap((item) => textOf(fieldsOf(item)['name']) ?? []);
}
