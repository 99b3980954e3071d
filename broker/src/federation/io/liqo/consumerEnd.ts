// Taking the home side of a peering away, each part waited for before the next.
import type { Kube, KubeObject } from '../../../clusters/io/kubernetes/kube.ts';
import { parseAs } from '../../liqoObjects.ts';
import type { ConsumerSide } from '../../sides.ts';
import type { HomeReaders } from './consumerObserve.ts';
import { end, type Only, refOf, remove } from './objects.ts';
import { releaseOptions } from './virtualNode.ts';

const endedInSeconds = 240;

/** From here on the node is drained: what remains is a pod of the home cluster that stops. */
const isEnding = (object: KubeObject | null): boolean =>
  object === null || parseAs('virtualNode', object).status.conditions.some(({ type, status }) => type === 'VirtualKubelet' && status === 'Deleting');

const beginEndNodes = async (kube: Kube, read: HomeReaders): Promise<void> => {
  const virtualNodes = await read.virtualNodes();
  await Promise.all(
    virtualNodes.map(async (virtualNode) => {
      if (virtualNode.metadata.deletionTimestamp === undefined) {
        await releaseOptions(kube, read.peering, virtualNode);
        await remove(kube, virtualNode);
      }
      await kube.until(refOf(virtualNode), isEnding, { what: `the virtual node ${virtualNode.metadata.name} to be drained`, timeoutSeconds: endedInSeconds });
    }),
  );
  // Liqo does this when the pod has ended; done now, nothing is replicated to the provider any more, and the namespaces may go
  await end(kube, await read.namespaceMaps());
};

const virtualNodeGone = (kube: Kube, virtualNode: KubeObject): Promise<unknown> =>
  kube.until(refOf(virtualNode), (object) => object === null || object.metadata.uid !== virtualNode.metadata.uid, {
    what: `the virtual node ${virtualNode.metadata.name} to be gone`,
    timeoutSeconds: endedInSeconds,
  });

const nodesGone = async (kube: Kube, read: HomeReaders): Promise<void> => {
  await Promise.all((await read.virtualNodes()).map((virtualNode) => virtualNodeGone(kube, virtualNode)));
};

/** Made by Liqo for a slice that is not there any more. Kubernetes' collector would take it away too, but in its own time. */
const endOrphanedNodes = async (kube: Kube, read: HomeReaders): Promise<void> => {
  const [slices, virtualNodes] = await Promise.all([read.slices(), read.virtualNodes()]);
  const standing = new Set(slices.map((slice) => slice.metadata.uid));
  const orphans = virtualNodes.filter(({ metadata: { ownerReferences = [] } }) =>
    ownerReferences.some(({ kind, uid }) => kind === 'ResourceSlice' && !standing.has(uid)),
  );
  await Promise.all(orphans.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map((orphan) => remove(kube, orphan)));
  await Promise.all(orphans.map((orphan) => virtualNodeGone(kube, orphan)));
};

const endSlices = async (kube: Kube, read: HomeReaders, only: Only): Promise<void> => {
  await end(kube, await read.slices(), only);
  if (only.onlyOf !== undefined) await endOrphanedNodes(kube, read);
};

const endIdentity = async (kube: Kube, read: HomeReaders, only: Only): Promise<void> => {
  const identities = only.onlyOf === undefined ? await read.identities() : [await read.identity()];
  await end(kube, identities, only);
  // with the Identity goes its Secret; the declarative way has a Secret alone
  const secret = await read.identitySecret();
  if (secret === null || (only.onlyOf !== undefined && (await read.identity()) !== null)) return;
  if (secret.metadata.ownerReferences === undefined && only.onlyOf !== undefined) return;
  await end(kube, [secret]);
};

export const homeEnd = (
  kube: Kube,
  read: HomeReaders,
): Pick<
  ConsumerSide,
  'endSlices' | 'beginEndNodes' | 'nodesGone' | 'endIdentity' | 'endAnswer' | 'endForeignCluster' | 'beginEndNamespace' | 'namespaceGone'
> => ({
  endSlices: (only) => endSlices(kube, read, only),
  beginEndNodes: () => beginEndNodes(kube, read),
  nodesGone: () => nodesGone(kube, read),
  endIdentity: (only) => endIdentity(kube, read, only),
  async endAnswer(only) {
    await end(kube, [await read.signedNonce()], only);
  },
  async endForeignCluster() {
    await end(kube, [await read.foreignCluster()]);
  },
  async beginEndNamespace(only) {
    const namespaces = await read.namespaces();
    const accepted = await Promise.all(namespaces.map((namespace) => remove(kube, namespace, only)));
    return accepted.includes(true);
  },
  async namespaceGone() {
    const going = (await read.namespaces()).filter((namespace) => namespace.metadata.deletionTimestamp !== undefined);
    await Promise.all(
      going.map((namespace) =>
        kube.until(refOf(namespace), (object) => object === null || object.metadata.uid !== namespace.metadata.uid, {
          what: `the namespace ${namespace.metadata.name} to be gone`,
          timeoutSeconds: endedInSeconds,
        }),
      ),
    );
  },
});
