// Reading what the home cluster shows of one peering.
import type { Kube, KubeObject, Ref } from '../../../clusters/io/kubernetes/kube.ts';
import { asked, granted, isReady, isRunning, parseAs, sliceVerdict, thing } from '../../liqoObjects.ts';
import {
  annotation,
  authentication,
  coreLiqo,
  identityName,
  identitySecretName,
  label,
  offloading,
  signedNonceName,
  tenantNamespaceName,
} from '../../names.ts';
import type { HomeObserved } from '../../observed.ts';
import type { Peering } from '../../peering.ts';
import { decodeBase64, sha256Hex } from '../../pure-crypto.ts';
import type { TunnelSide } from '../../sides.ts';

export const homeReaders = (kube: Kube, peering: Peering) => {
  const namespace = peering.homeNamespace;
  const ofPeer = `${label.remoteCluster}=${peering.providerClusterId}`;
  const secret = (name: string) => kube.get({ apiVersion: 'v1', kind: 'Secret', namespace, name });
  const nodeRef: Ref = { apiVersion: 'v1', kind: 'Node', name: peering.virtualNode };
  const virtualNodeRef: Ref = { apiVersion: offloading, kind: 'VirtualNode', namespace, name: peering.virtualNode };
  return {
    peering,
    nodeRef,
    virtualNodeRef,
    namespaces: () => kube.list({ apiVersion: 'v1', kind: 'Namespace', labelSelector: `${ofPeer},${label.tenantNamespace}=true` }),
    usualNamespace: () => kube.get({ apiVersion: 'v1', kind: 'Namespace', name: tenantNamespaceName(peering.providerClusterId) }),
    signedNonce: () => secret(signedNonceName),
    identity: () => kube.get({ apiVersion: authentication, kind: 'Identity', namespace, name: identityName(peering.providerClusterId) }),
    identities: () => kube.list({ apiVersion: authentication, kind: 'Identity', namespace }),
    renews: () => kube.list({ apiVersion: authentication, kind: 'Renew', namespace, labelSelector: ofPeer }),
    identitySecret: () => secret(identitySecretName(peering.providerClusterId)),
    slices: () =>
      kube.list({ apiVersion: authentication, kind: 'ResourceSlice', namespace, labelSelector: `${label.replicationTo}=${peering.providerClusterId}` }),
    virtualNodes: () => kube.list({ apiVersion: offloading, kind: 'VirtualNode', namespace, labelSelector: ofPeer }),
    nodes: () => kube.list({ apiVersion: 'v1', kind: 'Node', labelSelector: ofPeer }),
    node: () => kube.get(nodeRef),
    namespaceMaps: () => kube.list({ apiVersion: offloading, kind: 'NamespaceMap', namespace, labelSelector: ofPeer }),
    foreignCluster: () => kube.get({ apiVersion: coreLiqo, kind: 'ForeignCluster', name: peering.providerClusterId }),
  };
};

export type HomeReaders = ReturnType<typeof homeReaders>;

const nonceSeen = (object: KubeObject | null): HomeObserved['signedNonce'] => {
  if (object === null) return null;
  const { data } = parseAs('secret', object);
  const nonce = data['nonce'];
  return { ...thing(object), digest: nonce === undefined ? null : sha256Hex(decodeBase64(nonce)), signed: (data['signedNonce'] ?? '') !== '' };
};

const identitySeen = (object: KubeObject | null): HomeObserved['identity'] => {
  if (object === null) return null;
  const { spec, status } = parseAs('identity', object);
  return { ...thing(object), certificate: spec.authParams.signedCRT ?? '', hasSecret: (status.kubeconfigSecretRef?.name ?? '') !== '' };
};

const sliceSeen = (object: KubeObject): HomeObserved['slices'][number] => {
  const slice = parseAs('slice', object);
  return {
    ...thing(object),
    ...sliceVerdict(slice),
    asked: asked(slice),
    granted: granted(slice),
    createsNode: slice.metadata.annotations[annotation.createVirtualNode] === 'true',
  };
};

const isOurs = (peering: Peering, namespace: KubeObject): boolean => {
  const { labels = {} } = namespace.metadata;
  return labels[label.remoteCluster] === peering.providerClusterId && labels[label.tenantNamespace] === 'true';
};

export const observeHome = async (read: HomeReaders, side: Pick<TunnelSide, 'observe'>): Promise<HomeObserved> => {
  const { peering } = read;
  const [namespaces, usual, signedNonce, identity, identitySecret, slices, virtualNodes, peerNodes, named, tunnel, foreignCluster] = await Promise.all([
    read.namespaces(),
    read.usualNamespace(),
    read.signedNonce(),
    read.identity(),
    read.identitySecret(),
    read.slices(),
    read.virtualNodes(),
    read.nodes(),
    read.node(),
    side.observe(),
    read.foreignCluster(),
  ]);
  const nodes = named === null || peerNodes.some((node) => node.metadata.name === named.metadata.name) ? peerNodes : [...peerNodes, named];
  return {
    namespaces: namespaces.map(thing),
    inTheWay: usual === null || isOurs(peering, usual) ? null : thing(usual),
    signedNonce: nonceSeen(signedNonce),
    identity: identitySeen(identity),
    identitySecret: identitySecret === null ? null : thing(identitySecret),
    slices: slices.map(sliceSeen),
    virtualNodes: virtualNodes.map((object) => ({ ...thing(object), running: isRunning(parseAs('virtualNode', object)) })),
    nodes: nodes.map((object) => ({ ...thing(object), ready: isReady(parseAs('node', object)) })),
    tunnel,
    foreignCluster: foreignCluster === null ? null : { ...thing(foreignCluster), role: parseAs('foreignCluster', foreignCluster).status.role },
  };
};
