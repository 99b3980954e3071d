// Where the pods of an object are described, and the parts of them that decisions read.
import { z } from 'zod';
import { at, type Fields, fieldsOf, withAt } from '../json.ts';
import type { KubeManifest } from '../manifest.ts';

/** Path of the pod's template (with its own metadata and spec) in each kind that makes pods. */
const templatePaths: Readonly<Record<string, readonly string[]>> = {
  'apps/Deployment': ['spec', 'template'],
  'apps/StatefulSet': ['spec', 'template'],
  'apps/ReplicaSet': ['spec', 'template'],
  'apps/DaemonSet': ['spec', 'template'],
  'batch/Job': ['spec', 'template'],
  'batch/CronJob': ['spec', 'jobTemplate', 'spec', 'template'],
  '/ReplicationController': ['spec', 'template'],
  '/Pod': [],
};

/** `apps/Deployment`, `/Service`: the group without its version, and the kind. */
export const groupKind = ({ apiVersion, kind }: { apiVersion: string; kind: string }): string =>
  `${apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''}/${kind}`;

/** undefined: the kind makes no pods that we know of. */
export const templatePath = (manifest: KubeManifest): readonly string[] | undefined => {
  const key = groupKind(manifest);
  return Object.hasOwn(templatePaths, key) ? templatePaths[key] : undefined;
};

/** The same manifest with another pod template; unchanged when its kind makes no pods. */
export function withTemplate(manifest: KubeManifest, change: (template: Fields) => Fields): KubeManifest {
  const path = templatePath(manifest);
  if (!path) return manifest;
  const changed = path.length === 0 ? change(manifest) : withAt(manifest, path, (template) => change(fieldsOf(template)));
  return {
    ...changed,
    apiVersion: manifest.apiVersion,
    kind: manifest.kind,
    metadata: path.length === 0 ? { ...fieldsOf(changed['metadata']), name: manifest.metadata.name } : manifest.metadata,
  };
}

const loose = z.looseObject;
const nullable = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);
const someList = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((value) => value ?? []);
const text = z.string('has to be text');

const expression = loose({ key: text, operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']), values: someList(text) });
export type NodeExpression = z.infer<typeof expression>;
const nodeSelectorTerm = loose({ matchExpressions: someList(expression), matchFields: someList(expression) });
export type NodeSelectorTerm = z.infer<typeof nodeSelectorTerm>;

/** A quantity may be written as a number in YAML (`cpu: 2`). */
const quantity = z.union([text, z.number()]).transform(String);
const amounts = nullable(z.record(z.string(), quantity));
const object = nullable(loose({}));

const container = loose({
  name: text,
  image: nullable(text),
  securityContext: object,
  ports: someList(loose({})),
  env: someList(loose({})),
  envFrom: someList(loose({})),
  resources: nullable(loose({ requests: amounts, limits: amounts })),
  restartPolicy: nullable(text),
  lifecycle: object,
  livenessProbe: object,
  readinessProbe: object,
  startupProbe: object,
});
export type Container = z.infer<typeof container>;

const podSpec = loose({
  containers: z.array(container, 'has to be a list with at least one container').min(1, 'has to name at least one container'),
  initContainers: someList(container),
  ephemeralContainers: someList(container),
  volumes: someList(loose({ name: text })),
  imagePullSecrets: someList(loose({ name: nullable(text) })),
  securityContext: object,
  serviceAccountName: nullable(text),
  serviceAccount: nullable(text),
  automountServiceAccountToken: nullable(z.boolean()),
  nodeSelector: nullable(z.record(z.string(), text)),
  nodeName: nullable(text),
  schedulerName: nullable(text),
  affinity: nullable(
    loose({
      nodeAffinity: nullable(loose({ requiredDuringSchedulingIgnoredDuringExecution: nullable(loose({ nodeSelectorTerms: z.array(nodeSelectorTerm) })) })),
    }),
  ),
  topologySpreadConstraints: someList(loose({ topologyKey: text, whenUnsatisfiable: text, maxSkew: z.number() })),
  hostNetwork: nullable(z.boolean()),
  hostPID: nullable(z.boolean()),
  hostIPC: nullable(z.boolean()),
  overhead: amounts,
});
export type PodSpec = z.infer<typeof podSpec>;

export type PodReading =
  | {
      readonly kind: 'pods';
      readonly spec: PodSpec;
      readonly annotations: Readonly<Record<string, string>>;
      readonly labels: Readonly<Record<string, string>>;
      readonly path: readonly string[];
    }
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed'; readonly faults: readonly { readonly message: string; readonly path: readonly (string | number)[] }[] };

const template = loose({
  metadata: nullable(loose({ labels: nullable(z.record(z.string(), text)), annotations: nullable(z.record(z.string(), text)) })),
  spec: podSpec,
});

/** What decisions need to know of the pods that an object makes. */
export function readPods(manifest: KubeManifest): PodReading {
  const path = templatePath(manifest);
  if (!path) return { kind: 'none' };
  const parsed = template.safeParse(fieldsOf(at(manifest, path)));
  if (parsed.success) {
    const { metadata, spec } = parsed.data;
    return { kind: 'pods', spec, annotations: metadata?.annotations ?? {}, labels: metadata?.labels ?? {}, path: [...path, 'spec'] };
  }
  const faults = parsed.error.issues.map((issue) => ({ message: issue.message, path: [...path, ...issue.path.filter((part) => typeof part !== 'symbol')] }));
  return { kind: 'malformed', faults };
}

export const allContainers = (spec: PodSpec): readonly { readonly container: Container; readonly path: readonly (string | number)[] }[] =>
  (['containers', 'initContainers', 'ephemeralContainers'] as const).flatMap((field) =>
    spec[field].map((item, index) => ({ container: item, path: [field, index] })),
  );
