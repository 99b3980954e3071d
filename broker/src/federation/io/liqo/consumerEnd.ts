// Taking the home side of a peering away, each part waited for before the next.
import type { Kube, KubeObject } from '../../../clusters/io/kubernetes/kube.ts';
import { parseAs } from '../../liqoObjects.ts';
import { label } from '../../names.ts';
import type { ConsumerSide } from '../../sides.ts';
import type { HomeReaders } from './consumerObserve.ts';
import { end, type Only, refOf, remove } from './objects.ts';

const endedInSeconds = 240;

/** From here on the node is drained: what remains is a pod of the home cluster that stops. */
const isEnding = (object: KubeObject | null): boolean =>
  object === null || parseAs('virtualNode', object).status.conditions.some(({ type, status }) => type === 'VirtualKubelet' && status === 'Deleting');

const beginEndNodes = async (kube: Kube, read: HomeReaders): Promise<void> => {
  const virtualNodes = await read.virtualNodes();
  await Promise.all(
    virtualNodes.map(async (virtualNode) => {
      if (virtualNode.metadata.deletionTimestamp === undefined) await remove(kube, virtualNode);
      await kube.until(refOf(virtualNode), isEnding, { what: `the virtual node ${virtualNode.metadata.name} to be drained`, timeoutSeconds: endedInSeconds });
    }),
  );
  // Liqo does this when the pod has ended; done now, nothing is replicated to the provider any more, and the namespaces may go
  await end(kube, await read.namespaceMaps());
};

const nodesGone = async (kube: Kube, read: HomeReaders): Promise<void> => {
  const virtualNodes = await read.virtualNodes();
  await Promise.all(
    virtualNodes.map((virtualNode) =>
      kube.until(refOf(virtualNode), (object) => object === null || object.metadata.uid !== virtualNode.metadata.uid, {
        what: `the virtual node ${virtualNode.metadata.name} to be gone`,
        timeoutSeconds: endedInSeconds,
      }),
    ),
  );
};

const endSlices = async (kube: Kube, read: HomeReaders, only: Only): Promise<void> => {
  const slices = (await read.slices()).filter((slice) => only.onlyOf === undefined || slice.metadata.labels?.[label.operation] === only.onlyOf);
  await end(kube, slices, only);
  // Liqo takes a slice's virtual node away with it
  if (only.onlyOf !== undefined && slices.length > 0) await nodesGone(kube, read);
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
