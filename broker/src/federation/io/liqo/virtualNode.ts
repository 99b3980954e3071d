// The virtual node of an accepted slice. Liqo would make one by itself, but with a virtual kubelet that, without Liqo's network, cannot tell one provider of another provider's
// endpoints: it looks for a translation of their addresses and finds none, and that slice of endpoints is then never updated again. Under native routing no address is translated.
import { z } from 'zod';
import type { Kube, KubeObject } from '../../../clusters/io/kubernetes/kube.ts';
import { marks, type LiqoObject } from '../../desired.ts';
import { parseAs } from '../../liqoObjects.ts';
import { annotation, authentication, coreLiqo, label, liqoNamespace, offloading } from '../../names.ts';
import type { Peering } from '../../peering.ts';
import { ensure, type Only, refOf, remove } from './objects.ts';

const usualOptions = { apiVersion: offloading, kind: 'VkOptionsTemplate', namespace: liqoNamespace, name: 'virtual-kubelet-default' } as const;
const nativeOptionsName = 'hanse-native';
/** The list of local pod ranges grows by each mention; addresses in it are passed on as they are (Liqo pkg/virtualKubelet/reflection/exposition). */
const nothingIsTranslated = '--local-podcidr=0.0.0.0/0';
const sliceNameLabel = 'liqo.io/resourceslice-name';
const answersInSeconds = 60;

const options = z.looseObject({ extraArgs: z.array(z.string()).default([]) });
const lent = z.looseObject({
  resources: z.record(z.string(), z.string()).default({}),
  nodeLabels: z.record(z.string(), z.string()).default({}),
  storageClasses: z.array(z.unknown()).exactOptional(),
  ingressClasses: z.array(z.unknown()).exactOptional(),
  loadBalancerClasses: z.array(z.unknown()).exactOptional(),
});

/** Liqo's own options as this cluster's operator set them, and that no address is translated. null: this Liqo has no such options. */
const nativeOptions = async (kube: Kube, { homeNamespace }: Peering, operation: string): Promise<KubeObject | null> => {
  const usual = await kube.get(usualOptions);
  if (usual === null) return null;
  const spec = options.parse(usual['spec']);
  return ensure(kube, {
    apiVersion: offloading,
    kind: 'VkOptionsTemplate',
    metadata: { name: nativeOptionsName, namespace: homeNamespace, labels: marks(operation) },
    spec: { ...spec, extraArgs: [...spec.extraArgs, nothingIsTranslated] },
  });
};

const credentialName = async (kube: Kube, { homeNamespace, virtualNode, provider }: Peering): Promise<string> => {
  const ref = { apiVersion: authentication, kind: 'Identity', namespace: homeNamespace, name: `resourceslice-${virtualNode}` };
  const nameIn = (object: KubeObject | null): string => (object === null ? '' : (parseAs('identity', object).status.kubeconfigSecretRef?.name ?? ''));
  const found = await kube.until(ref, (object) => nameIn(object) !== '', {
    what: `the credential of ${virtualNode} for ${provider}`,
    timeoutSeconds: answersInSeconds,
  });
  return nameIn(found);
};

const virtualNodeOf = (peering: Peering, slice: KubeObject, made: { operation: string; credential: string; template: KubeObject }): LiqoObject => {
  const { resources, nodeLabels, storageClasses, ingressClasses, loadBalancerClasses } = lent.parse(slice['status']);
  const remote = { [label.remoteCluster]: peering.providerClusterId };
  const { name, namespace } = made.template.metadata;
  const owner = {
    apiVersion: authentication,
    kind: 'ResourceSlice',
    name: slice.metadata.name,
    uid: slice.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
  return {
    apiVersion: offloading,
    kind: 'VirtualNode',
    metadata: {
      name: peering.virtualNode,
      namespace: peering.homeNamespace,
      labels: { ...remote, [sliceNameLabel]: peering.virtualNode, ...marks(made.operation) },
      ownerReferences: [owner],
    },
    spec: {
      clusterID: peering.providerClusterId,
      kubeconfigSecretRef: { name: made.credential },
      vkOptionsTemplateRef: { apiVersion: offloading, kind: 'VkOptionsTemplate', name, namespace },
      labels: { ...nodeLabels, ...remote },
      resourceQuota: { hard: resources },
      ...(storageClasses === undefined ? {} : { storageClasses }),
      ...(ingressClasses === undefined ? {} : { ingressClasses }),
      ...(loadBalancerClasses === undefined ? {} : { loadBalancerClasses }),
    },
  };
};

const optionsOf = z.looseObject({ vkOptionsTemplateRef: z.looseObject({ name: z.string(), namespace: z.string() }).exactOptional() });

/**
 * The options are read when the virtual node is made, and looked up again at every change of it, also when it ends: if they were gone by then, as with the tenant namespace, Liqo's webhook
 * would refuse its end. So it is given back to Liqo's own options, which changes nothing of its virtual kubelet, and ours are taken away.
 */
export const releaseOptions = async (kube: Kube, { homeNamespace }: Peering, virtualNodes: readonly KubeObject[], only: Only = {}): Promise<void> => {
  const held = virtualNodes.filter((one) => optionsOf.parse(one['spec']).vkOptionsTemplateRef?.name === nativeOptionsName);
  const [found] = await Promise.all([
    kube.get({ apiVersion: offloading, kind: 'VkOptionsTemplate', namespace: homeNamespace, name: nativeOptionsName }),
    ...held.map((virtualNode) => kube.patch(refOf(virtualNode), { spec: { vkOptionsTemplateRef: null } })),
  ]);
  if (found !== null) await remove(kube, found, only);
};

/** liqoctl asks Liqo for the virtual node. */
export const isLeftToLiqo = (slice: KubeObject): boolean => slice.metadata.annotations?.[annotation.createVirtualNode] === 'true';

const networkOf = z.looseObject({ status: z.looseObject({ modules: z.looseObject({ networking: z.looseObject({ enabled: z.boolean().default(false) }) }) }) });

/** With a tunnel Liqo makes the virtual node as it always does. Its virtual kubelet looks once, when it starts, whether there is a network, and translates addresses only then. */
const networkKnown = async (kube: Kube, { providerClusterId, provider }: Peering): Promise<null> => {
  await kube.until(
    { apiVersion: coreLiqo, kind: 'ForeignCluster', name: providerClusterId },
    (object) => networkOf.safeParse(object).data?.status.modules.networking.enabled === true,
    { what: `Liqo to know the network with ${provider}`, timeoutSeconds: answersInSeconds },
  );
  return null;
};

/**
 * Makes it once the slice is accepted, unless it is there; not for slices that are left to Liqo. What it needs is got ready while the provider decides.
 * Its options are still ours afterwards: see `releaseOptions`.
 */
export const ensureVirtualNode = async (kube: Kube, peering: Peering, operation: string, accepted: Promise<KubeObject | null>): Promise<void> => {
  const [template, slice] = await Promise.all([peering.tunnel === undefined ? nativeOptions(kube, peering, operation) : networkKnown(kube, peering), accepted]);
  if (slice === null) return;
  if (template === null) {
    await kube.patch(refOf(slice), { metadata: { annotations: { [annotation.createVirtualNode]: 'true' } } });
    return;
  }
  await ensure(kube, virtualNodeOf(peering, slice, { operation, credential: await credentialName(kube, peering), template }));
};

/** What Liqo does for the nodes it made: the quota follows the slice. */
export const resizeVirtualNode = async (kube: Kube, peering: Peering, slice: KubeObject): Promise<void> => {
  if (slice.metadata.annotations?.[annotation.createVirtualNode] === 'true') return;
  const { resources } = lent.parse(slice['status']);
  await kube.patch(
    { apiVersion: offloading, kind: 'VirtualNode', namespace: peering.homeNamespace, name: peering.virtualNode },
    { spec: { resourceQuota: { hard: resources } } },
  );
};
