// Which clusters a namespace is open to: Liqo's NamespaceOffloading, its selector naming exactly the chosen ones.
import { z } from 'zod';
import type { Kube, KubeObject, Ref } from '../../clusters/io/index.ts';
import { HanseError } from '../../errors.ts';
import { remoteClusterKey, type Sites, termsOf } from '../deployment/affinity.ts';
import { applyOurs, isOurs, notOurs, type Owner } from './objects.ts';

/** Liqo takes no other name. */
export const offloadingRef = (namespace: string): Ref => ({
  apiVersion: 'offloading.liqo.io/v1beta1',
  kind: 'NamespaceOffloading',
  namespace,
  name: 'offloading',
});

const term = z.looseObject({
  matchExpressions: z.array(z.looseObject({ key: z.string(), operator: z.string(), values: z.array(z.string()).nullish() })).nullish(),
});
const condition = z.looseObject({ type: z.string(), status: z.string(), reason: z.string().nullish(), message: z.string().nullish() });
const schema = z.looseObject({
  spec: z.looseObject({ clusterSelector: z.looseObject({ nodeSelectorTerms: z.array(term).nullish() }).nullish() }),
  status: z
    .looseObject({
      offloadingPhase: z.string().nullish(),
      observedGeneration: z.number().nullish(),
      remoteNamespacesConditions: z.record(z.string(), z.array(condition)).nullish(),
    })
    .nullish(),
});

/** Liqo cluster ids; null: the selector is not one of ours, it could name any. */
export function selectedBy(offloading: KubeObject): string[] | null {
  const [only, ...others] = schema.parse(offloading).spec.clusterSelector?.nodeSelectorTerms ?? [];
  const [expression, ...more] = only?.matchExpressions ?? [];
  if (others.length > 0 || more.length > 0 || expression?.key !== remoteClusterKey || expression.operator !== 'In') return null;
  return [...(expression.values ?? [])].sort();
}

/**
 * Opens a namespace to exactly these clusters and waits until each has it, or those of `awaited`: one that had it before may be silent now. Never closes it to one: what runs there would end unasked.
 */
export async function openNamespace(
  kube: Kube,
  namespace: string,
  sites: Sites,
  { awaited = sites.remote, ...owner }: Owner & { readonly awaited?: readonly string[] },
): Promise<{ object: KubeObject; isNew: boolean } | null> {
  const ref = offloadingRef(namespace);
  const found = await kube.get(ref);
  if (found && !isOurs(found, owner.application)) throw notOurs(kube.cluster, found);
  const selected = found ? selectedBy(found) : [];
  const dropped = selected === null ? ['clusters that Hanse did not choose'] : selected.filter((id) => !sites.remote.includes(id));
  if (dropped.length > 0)
    throw new HanseError('REFUSED', `Namespace ${namespace} at ${kube.cluster} is open to ${dropped.join(', ')}, and a deployment closes it to nobody.`, {
      fix: 'Move the application away from there first: hanse migrate.',
    });
  if (sites.remote.length === 0) return null;
  const { object } = await applyOurs(kube, offloadingOf(namespace, sites), owner);
  await untilOpen(kube, namespace, awaited, { generation: object.metadata.generation ?? 0, isAll: awaited.length === sites.remote.length });
  return { object, isNew: found === null };
}

export function offloadingOf(namespace: string, sites: Sites): KubeObject {
  return {
    apiVersion: 'offloading.liqo.io/v1beta1',
    kind: 'NamespaceOffloading',
    metadata: { name: 'offloading', namespace },
    spec: {
      namespaceMappingStrategy: 'DefaultName',
      podOffloadingStrategy: sites.home ? 'LocalAndRemote' : 'Remote',
      clusterSelector: { nodeSelectorTerms: termsOf({ remote: sites.remote, home: false }) },
    },
  };
}

/** `isAll`: these are all that it is open to, so that what Liqo says of the whole counts too. */
export type Opened = { readonly generation: number; readonly isAll: boolean };

export async function untilOpen(kube: Kube, namespace: string, remote: readonly string[], opened: Opened): Promise<void> {
  await kube.until(offloadingRef(namespace), (object) => object !== null && isOpen(object, remote, opened), {
    what: `namespace ${namespace} to be open to ${remote.join(', ')}`,
    timeoutSeconds: 120,
  });
}

function isOpen(object: KubeObject, remote: readonly string[], { generation, isAll }: Opened): boolean {
  const { status } = schema.parse(object);
  if (!status || (isAll && status.offloadingPhase !== 'Ready') || (status.observedGeneration ?? generation) < generation) return false;
  return remote.every((id) => status.remoteNamespacesConditions?.[id]?.some(({ type, status: value }) => type === 'Ready' && value === 'True'));
}
