// Objects of an application at its home cluster: applied without force, deleted only when they are ours.
import { HanseError } from '../../errors.ts';
import type { Kube, KubeObject, Ref } from '../../clusters/io/index.ts';
import type { Made } from '../../operations/index.ts';
import { applicationLabel } from '../deployment/rewrite.ts';
import type { KubeManifest } from '../manifest.ts';

export const operationLabel = 'hanse.dev/operation';

export type Owner = { readonly application: string; readonly operation: string };

/** A manifest as it was accepted has its metadata checked; what else is in it is for the server to judge. */
export const objectOf = (manifest: KubeManifest): KubeObject => ({ ...manifest, metadata: { ...manifest.metadata } });

export const refOf = ({ apiVersion, kind, metadata }: KubeObject): Ref => ({
  apiVersion,
  kind,
  name: metadata.name,
  ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
});

export const isOurs = (object: KubeObject, application: string): boolean => object.metadata.labels?.[applicationLabel] === application;

export const madeOf = (cluster: string, object: KubeObject): Made => ({
  cluster,
  ...refOf(object),
  ...(object.metadata.uid === undefined ? {} : { uid: object.metadata.uid }),
});

export type Applied = { readonly object: KubeObject; /** As it was; null: it was not there. */ readonly before: KubeObject | null };

/** OBJECT_NOT_OURS when one without our label is there; OBJECT_CONFLICT when another manager owns a field with another value. */
export async function applyOurs(kube: Kube, object: KubeObject, { application, operation, dryRun = false }: Owner & { dryRun?: boolean }): Promise<Applied> {
  const before = await kube.get(refOf(object));
  if (before && !isOurs(before, application)) throw notOurs(kube.cluster, before);
  // Of the operation that made it: a label that changed each time would make every object look changed.
  const maker = before?.metadata.labels?.[operationLabel] ?? operation;
  const labels = { ...object.metadata.labels, [applicationLabel]: application, [operationLabel]: maker, 'app.kubernetes.io/managed-by': 'hanse' };
  const wanted = { ...object, metadata: { ...object.metadata, labels } };
  try {
    return { object: await kube.apply(wanted, { dryRun }), before };
  } catch (error) {
    if (!isConflictWithOurselves(error)) throw error;
    return { object: await kube.apply(wanted, { dryRun, force: true }), before };
  }
}

/** A patch of ours (a move changes affinity) is another manager to the server than our applies, under the same name. */
function isConflictWithOurselves(error: unknown): boolean {
  if (!(error instanceof HanseError) || error.code !== 'OBJECT_CONFLICT' || error.message.endsWith('…')) return false;
  const managers = [...error.message.matchAll(/conflicts? with "([^"]+)"/g)].map(([, manager]) => manager);
  return managers.length > 0 && managers.every((manager) => manager === 'hanse');
}

export const notOurs = (cluster: string, { kind, metadata }: KubeObject): HanseError =>
  new HanseError(
    'OBJECT_NOT_OURS',
    `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name} is at ${cluster} already and was not made by this application.`,
    {
      fix: 'Rename yours, delete the one that is there, or hand it over by labelling it ' + applicationLabel + '=<application>.',
    },
  );

/** Deletes what is ours and waits until it is gone; what is not ours, or made by another operation when one is named, stays. Answers whether it was there. */
export async function deleteOurs(
  kube: Kube,
  ref: Ref,
  { application, operation, timeoutSeconds }: { application: string; operation?: string; timeoutSeconds: number },
): Promise<boolean> {
  const found = await kube.get(ref);
  if (!found || !isOurs(found, application) || found.metadata.uid === undefined) return false;
  if (operation !== undefined && found.metadata.labels?.[operationLabel] !== operation) return false;
  const { uid } = found.metadata;
  if (found.metadata.deletionTimestamp === undefined) await kube.delete(ref, { uid, propagation: 'Foreground' });
  await kube.until(ref, (object) => object === null || object.metadata.uid !== uid, { what: `${ref.kind} ${ref.name} to be gone`, timeoutSeconds });
  return true;
}
