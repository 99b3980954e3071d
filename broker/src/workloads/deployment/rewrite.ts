// What Hanse writes into the manifests: whose they are, where their pods may run, which Secrets stay at home.
import { at, type Fields, fieldsOf, isFields, listOf, withAt } from '../json.ts';
import type { KubeManifest } from '../manifest.ts';
import { bindTo, remoteClusterKey, type Sites } from './affinity.ts';
import { accountOf, referredSecrets } from './references.ts';
import { groupKind, readPods, withTemplate } from './podTemplate.ts';

export const applicationLabel = 'hanse.dev/application';
/** Liqo copies neither the object nor its content to any provider. */
export const skipReflection = 'liqo.io/skip-reflection';

export type Target = { readonly application: string; readonly sites: Sites };

/** From manifests as accepted (never from rewritten ones: requirements would be added twice) to manifests ready to apply. */
export function rewrite(manifests: readonly KubeManifest[], target: Target): KubeManifest[] {
  const referred = referredSecrets(manifests);
  const scaled = scaledByOthers(manifests);
  return manifests.map((manifest) => {
    const own = owned(manifest, target.application);
    if (groupKind(own) === '/Secret') return referred.has(own.metadata.name) ? own : keptAtHome(own);
    const free = scaled.has(`${groupKind(own)}/${own.metadata.name}`) ? withoutReplicas(own) : own;
    return withTemplate(free, (template) => placed(template, free, { manifests, target }));
  });
}

function owned(manifest: KubeManifest, application: string): KubeManifest {
  const labels = { ...fieldsOf(manifest.metadata['labels']), [applicationLabel]: application, 'app.kubernetes.io/managed-by': 'hanse' };
  return { ...manifest, metadata: { ...manifest.metadata, namespace: application, labels } };
}

function keptAtHome(secret: KubeManifest): KubeManifest {
  return { ...secret, metadata: { ...secret.metadata, annotations: { ...fieldsOf(secret.metadata['annotations']), [skipReflection]: 'true' } } };
}

type Surroundings = { readonly manifests: readonly KubeManifest[]; readonly target: Target };

function placed(template: Fields, manifest: KubeManifest, { manifests, target }: Surroundings): Fields {
  const labelled = withAt(template, ['metadata', 'labels'], (labels) => ({ ...fieldsOf(labels), [applicationLabel]: target.application }));
  return withAt(labelled, ['spec'], (found) => {
    const bound = bindTo(fieldsOf(found), target.sites);
    return withoutToken(spread(bound, manifest, target), manifest, manifests);
  });
}

/**
 * ScheduleAnyway only: Liqo hands the constraints on to the provider, whose own nodes do not carry the key, so DoNotSchedule would keep every pod pending there.
 */
function spread(spec: Fields, manifest: KubeManifest, { application, sites }: Target): Fields {
  const theirs = listOf(spec['topologySpreadConstraints']);
  if (sites.remote.length < 2 || theirs.some((constraint) => fieldsOf(constraint)['topologyKey'] === remoteClusterKey)) return spec;
  const selector = at(manifest, ['spec', 'selector']);
  const labelSelector = isFields(selector) ? selector : { matchLabels: { [applicationLabel]: application } };
  return { ...spec, topologySpreadConstraints: [...theirs, { topologyKey: remoteClusterKey, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 1, labelSelector }] };
}

/** A token of the home cluster's API goes to the provider with the pod; only where someone asked for it in so many words. */
function withoutToken(spec: Fields, manifest: KubeManifest, manifests: readonly KubeManifest[]): Fields {
  if (typeof spec['automountServiceAccountToken'] === 'boolean') return spec;
  const reading = readPods(manifest);
  const account = reading.kind === 'pods' ? accountOf(reading.spec) : 'default';
  const said = manifests.find((other) => groupKind(other) === '/ServiceAccount' && other.metadata.name === account)?.['automountServiceAccountToken'];
  return said === true ? spec : { ...spec, automountServiceAccountToken: false };
}

/** What a HorizontalPodAutoscaler scales has no replicas of ours, or each deployment would undo its work. */
function scaledByOthers(manifests: readonly KubeManifest[]): ReadonlySet<string> {
  return new Set(
    manifests
      .filter((manifest) => groupKind(manifest) === 'autoscaling/HorizontalPodAutoscaler')
      .map((scaler) => fieldsOf(at(scaler, ['spec', 'scaleTargetRef'])))
      .map((target) => `${groupKind({ apiVersion: String(target['apiVersion']), kind: String(target['kind']) })}/${String(target['name'])}`),
  );
}

function withoutReplicas(manifest: KubeManifest): KubeManifest {
  const changed = withAt(manifest, ['spec', 'replicas'], () => undefined);
  return { ...changed, apiVersion: manifest.apiVersion, kind: manifest.kind, metadata: manifest.metadata };
}
