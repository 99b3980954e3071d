// From what someone sent to manifests that Hanse accepts, or everything that is wrong with them.
import type { Fault } from '../../errors.ts';
import { at, fieldsOf, isFields } from '../json.ts';
import type { KubeManifest } from '../manifest.ts';
import { applyOrder, checkKinds, checkName } from './allowList.ts';
import { checkBaseline } from './podSecurity.ts';
import { groupKind, readPods, type PodSpec } from './podTemplate.ts';
import { type FieldPath, type ManifestFile, type PlacedManifest, readManifests } from './readManifests.ts';

export type SecretData = { readonly name: string; readonly data: Readonly<Record<string, string>>; readonly stringData: Readonly<Record<string, string>> };

export type Prepared =
  | { readonly kind: 'faulty'; readonly faults: readonly Fault[] }
  /** `accepted` holds Secrets without their data, which is in `secrets` alone. */
  | { readonly kind: 'ready'; readonly accepted: readonly KubeManifest[]; readonly secrets: readonly SecretData[] };

export type PrepareOptions = {
  readonly application: string;
  readonly homeClusterId: string;
  /** Named by the policy beside the allow-list. */ readonly kinds: readonly string[];
};

export function prepare(files: readonly ManifestFile[], { application, homeClusterId, kinds }: PrepareOptions): Prepared {
  const { manifests, faults } = readManifests(files);
  const all = [
    ...checkName(application, homeClusterId),
    ...faults,
    ...checkKinds(manifests, application, kinds),
    ...manifests.flatMap(podFaults),
    ...manifests.flatMap(secretFaults),
  ];
  if (all.length > 0) return { kind: 'faulty', faults: all };
  const accepted = manifests.map(({ manifest }) => withoutData(manifest)).toSorted((one, other) => applyOrder(one) - applyOrder(other));
  return { kind: 'ready', accepted, secrets: manifests.flatMap(({ manifest }) => dataOf(manifest) ?? []) };
}

/** As an application keeps them, for comparing; undefined: they cannot be read, which deploying them tells. */
export function acceptedForms(files: readonly ManifestFile[]): readonly KubeManifest[] | undefined {
  const { manifests, faults } = readManifests(files);
  return faults.length > 0 ? undefined : manifests.map(({ manifest }) => withoutData(manifest)).toSorted((one, other) => applyOrder(one) - applyOrder(other));
}

function podFaults(placed: PlacedManifest): Fault[] {
  const reading = readPods(placed.manifest);
  if (reading.kind === 'none') return [];
  if (reading.kind === 'malformed') return reading.faults.map(({ message, path }) => faultAt(placed, `${path.join('.')} ${message}`, path));
  const { spec, annotations, path } = reading;
  const violations = checkBaseline(spec, annotations).map((violation) => ({ ...violation, path: [...path, ...violation.path] }));
  return [
    ...violations.map(({ control, message, path: field }) =>
      faultAt(
        placed,
        `${message}: it breaks "${control}" of the baseline Pod Security Standard`,
        field,
        'Remove it: providers run the pods of strangers under the baseline.',
      ),
    ),
    ...escapes(spec).map(({ field, why, fix }) => faultAt(placed, why, [...path, field], fix)),
  ];
}

/** What would put a pod somewhere without asking where it may run. */
function escapes(spec: PodSpec): { field: string; why: string; fix: string }[] {
  const liqoKeys = spec.topologySpreadConstraints.filter(
    ({ topologyKey, whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule' && topologyKey.startsWith('liqo.io/'),
  );
  return [
    ...(spec.nodeName === undefined
      ? []
      : [{ field: 'nodeName', why: `nodeName ${spec.nodeName} goes past the scheduler, which keeps pods to the chosen clusters`, fix: 'Remove nodeName.' }]),
    ...(spec.schedulerName === undefined || spec.schedulerName === 'default-scheduler'
      ? []
      : [
          { field: 'schedulerName', why: `the scheduler ${spec.schedulerName} is not known to keep pods to the chosen clusters`, fix: 'Remove schedulerName.' },
        ]),
    ...liqoKeys.map(({ topologyKey }) => ({
      field: 'topologySpreadConstraints',
      why: `a spread over ${topologyKey} with DoNotSchedule is handed on to the provider, whose nodes do not carry the key: no pod would start`,
      fix: 'Write ScheduleAnyway, or remove it: Hanse spreads by itself.',
    })),
  ];
}

function faultAt({ manifest, file, lineOf }: PlacedManifest, message: string, path: FieldPath, fix?: string): Fault {
  return {
    message: `${manifest.kind} ${manifest.metadata.name}: ${message}.`,
    place: { file, line: lineOf(path), path: path.join('.') },
    ...(fix === undefined ? {} : { fix }),
  };
}

function secretFaults(placed: PlacedManifest): Fault[] {
  if (groupKind(placed.manifest) !== '/Secret') return [];
  return ['data', 'stringData'].flatMap((field) => {
    const found = placed.manifest[field];
    if (found === undefined || found === null) return [];
    if (!isFields(found)) return [faultAt(placed, `${field} has to be a map of text`, [field])];
    return Object.entries(found).flatMap(([key, value]) => {
      if (typeof value !== 'string') return [faultAt(placed, `${field}.${key} has to be text: put it in quotes`, [field, key])];
      return field === 'stringData' || isBase64(value)
        ? []
        : [faultAt(placed, `data.${key} is no base64`, [field, key], 'Encode it, or write it under stringData.')];
    });
  });
}

const isBase64 = (text: string): boolean => /^[A-Za-z0-9+/\s]*(?:=\s*){0,2}$/.test(text) && text.replace(/\s/g, '').length % 4 === 0;

function dataOf(manifest: KubeManifest): SecretData | undefined {
  if (groupKind(manifest) !== '/Secret') return undefined;
  return { name: manifest.metadata.name, data: texts(manifest['data']), stringData: texts(manifest['stringData']) };
}

const texts = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(fieldsOf(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));

/** kubectl keeps a copy of the whole Secret in an annotation; that goes too. */
function withoutData(manifest: KubeManifest): KubeManifest {
  const { data: _data, stringData: _stringData, ...rest } = manifest;
  const kept = groupKind(manifest) === '/Secret' ? { ...rest, apiVersion: manifest.apiVersion, kind: manifest.kind, metadata: manifest.metadata } : manifest;
  const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
  if (at(kept, ['metadata', 'annotations', lastApplied]) === undefined) return kept;
  const { [lastApplied]: _copy, ...annotations } = fieldsOf(kept.metadata['annotations']);
  return { ...kept, metadata: { ...kept.metadata, annotations } };
}
