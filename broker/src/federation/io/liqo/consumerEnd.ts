// Taking the home side of a peering away, each part waited for before the next.
import { HanseError } from '../../../errors.ts';
import type { Kube, KubeObject } from '../../../clusters/io/kubernetes/kube.ts';
import { parseAs } from '../../liqoObjects.ts';
import { annotation } from '../../names.ts';
import type { ConsumerSide } from '../../sides.ts';
import type { HomeReaders } from './consumerObserve.ts';
import { end, type Only, refOf, remove } from './objects.ts';
import { releaseOptions } from './virtualNode.ts';

const endedInSeconds = 240;

/** From here on the node is drained: what remains is a pod of the home cluster that stops. */
const isEnding = (object: KubeObject | null): boolean =>
  object === null || parseAs('virtualNode', object).status.conditions.some(({ type, status }) => type === 'VirtualKubelet' && status === 'Deleting');

const holdsNamespaces = (map: KubeObject): boolean => Object.keys(parseAs('namespaceMap', map).status.currentMapping).length > 0;

const endAndDrainNodes = async (kube: Kube, read: HomeReaders): Promise<void> => {
  const [virtualNodes, maps] = await Promise.all([read.virtualNodes(), read.namespaceMaps()]);
  // Liqo would make the maps anew for a virtual node that stays
  await Promise.all(virtualNodes.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map((virtualNode) => remove(kube, virtualNode)));
  // pods in namespaces at the provider end before their namespaces do; where there is none of those, nothing is left to drain
  if (maps.some(holdsNamespaces))
    await Promise.all(
      virtualNodes.map((virtualNode) =>
        kube.until(refOf(virtualNode), isEnding, { what: `the virtual node ${virtualNode.metadata.name} to be drained`, timeoutSeconds: endedInSeconds }),
      ),
    );
};

/** The maps too: Liqo ends them when the virtual kubelet has ended, which need not be waited for. */
const endReplicated = async (kube: Kube, read: HomeReaders): Promise<void> => {
  const [slices, maps] = await Promise.all([read.slices(), read.namespaceMaps()]);
  await end(kube, [...slices, ...maps]);
};

const ifGone =
  ({ metadata: { uid } }: KubeObject) =>
  (object: KubeObject | null): boolean =>
    object === null || object.metadata.uid !== uid;

const virtualNodeGone = (kube: Kube, virtualNode: KubeObject): Promise<unknown> =>
  kube.until(refOf(virtualNode), ifGone(virtualNode), {
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

const beginEndSlices = async (kube: Kube, read: HomeReaders, only: Only): Promise<readonly KubeObject[]> => {
  const [slices, virtualNodes] = await Promise.all([read.slices(), read.virtualNodes()]);
  await releaseOptions(kube, read.peering, virtualNodes, only);
  await Promise.all(slices.map((slice) => remove(kube, slice, only)));
  return slices;
};

const endSlices = async (kube: Kube, read: HomeReaders, only: Only): Promise<void> => {
  await end(kube, await beginEndSlices(kube, read, only), only);
  if (only.onlyOf !== undefined) await endOrphanedNodes(kube, read);
};

const remindEverySeconds = 2;
const reminders = 30;

const failedWith =
  (...codes: readonly string[]) =>
  (error: unknown): void => {
    if (!(error instanceof HanseError) || !codes.includes(error.code)) throw error;
  };

/**
 * Liqo's replicator keeps the Secret until nothing of the peering is replicated any more. When that is not so at once it looks again after ever longer times, up to minutes; but also whenever
 * the Secret changes, so it is changed.
 */
const endSecret = async (kube: Kube, secret: KubeObject): Promise<void> => {
  const gone = (): Promise<unknown> =>
    kube.until(refOf(secret), ifGone(secret), { what: `the Secret ${secret.metadata.name} to be gone`, timeoutSeconds: remindEverySeconds });
  if (!(await remove(kube, secret))) return;
  for (let reminder = 1; reminder < reminders; reminder += 1) {
    const isGone = await gone().then(() => true, failedWith('TIMED_OUT'));
    if (isGone === true) return;
    const metadata = { uid: secret.metadata.uid, annotations: { [annotation.reminder]: String(reminder) } };
    await kube.patch(refOf(secret), { metadata }).then(() => {}, failedWith('NOT_FOUND', 'OBJECT_CONFLICT'));
  }
  await gone();
};

const endIdentity = async (kube: Kube, read: HomeReaders, only: Only): Promise<void> => {
  const identities = only.onlyOf === undefined ? await read.identities() : [await read.identity()];
  await end(kube, identities, only);
  const [secret, identity] = await Promise.all([read.identitySecret(), read.identity()]);
  if (identity !== null) return;
  // Liqo leaves to the garbage collector what renews the credential, and the Secret waits for it; an account without this right leaves it there too
  await end(kube, await read.renews()).catch(failedWith('CLUSTER_FORBIDDEN'));
  // with the Identity goes its Secret; the declarative way has a Secret alone
  if (secret === null || (secret.metadata.ownerReferences === undefined && only.onlyOf !== undefined)) return;
  await endSecret(kube, secret);
};

export const homeEnd = (
  kube: Kube,
  read: HomeReaders,
): Pick<
  ConsumerSide,
  | 'beginEndSlices'
  | 'endSlices'
  | 'endAndDrainNodes'
  | 'endReplicated'
  | 'nodesGone'
  | 'endIdentity'
  | 'endAnswer'
  | 'endForeignCluster'
  | 'beginEndNamespace'
  | 'namespaceGone'
> => ({
  async beginEndSlices() {
    await beginEndSlices(kube, read, {});
  },
  endSlices: (only) => endSlices(kube, read, only),
  endAndDrainNodes: () => endAndDrainNodes(kube, read),
  endReplicated: () => endReplicated(kube, read),
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
        kube.until(refOf(namespace), ifGone(namespace), {
          what: `the namespace ${namespace.metadata.name} to be gone`,
          timeoutSeconds: endedInSeconds,
        }),
      ),
    );
  },
});
