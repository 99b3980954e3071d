// The home cluster's side of a peering through our account there: it may watch, so it waits by watches.
import { HanseError } from '../../../errors.ts';
import type { Kube, KubeObject, Ref } from '../../../clusters/io/kubernetes/kube.ts';
import { certificateRequest } from '../../csr.ts';
import { identity as wantedIdentity, resourceSlice, signedNonceSecret, sliceResources, tenantNamespace } from '../../desired.ts';
import { granted, isLookedAt, isReady, isRunning, isSilent, parseAs, type Parsed, sliceVerdict } from '../../liqoObjects.ts';
import { authentication, annotation, clusterKeysName, liqoNamespace } from '../../names.ts';
import type { Peering } from '../../peering.ts';
import { decodeBase64, encodeBase64, sha256Hex, signingKey } from '../../pure-crypto.ts';
import { readAmount } from '../../../clusters/quantity.ts';
import { resourcesInWords, sameResources } from '../../quantity.ts';
import type { ConsumerSide } from '../../sides.ts';
import { searchSide } from './absence.ts';
import { homeEnd } from './consumerEnd.ts';
import { type HomeReaders, homeReaders, observeHome } from './consumerObserve.ts';
import { homeUse } from './consumerUse.ts';
import { ensure, gone, madeBy, refOf, remove, specOf } from './objects.ts';
import { liqoTunnelSide } from './tunnelSide.ts';
import { ensureVirtualNode, isLeftToLiqo, releaseOptions, resizeVirtualNode } from './virtualNode.ts';

const answersInSeconds = 60;
const nodeInSeconds = 240;

const clusterKeys = async (kube: Kube): Promise<{ publicKey: string; privateKey: string }> => {
  const secret = await kube.get({ apiVersion: 'v1', kind: 'Secret', namespace: liqoNamespace, name: clusterKeysName });
  const { publicKey, privateKey } = secret === null ? {} : parseAs('secret', secret).data;
  if (publicKey === undefined || privateKey === undefined)
    throw new HanseError('PREFLIGHT_FAILED', `${kube.cluster}: Liqo's cluster key (Secret ${liqoNamespace}/${clusterKeysName}) is not there`, {
      fix: 'See that Liqo runs at the home cluster: its controller makes the key when it starts.',
    });
  return { publicKey, privateKey };
};

const requestFor = async (
  kube: Kube,
  subjects: readonly { commonName: string; organization?: string }[],
): Promise<{ publicKey: string; csrs: readonly string[] }> => {
  const { publicKey, privateKey } = await clusterKeys(kube);
  const key = signingKey(decodeBase64(privateKey));
  const csrs = subjects.map(({ commonName, organization }) => (key === null ? null : certificateRequest(key, commonName, organization)));
  if (csrs.includes(null))
    throw new HanseError('PREFLIGHT_FAILED', `${kube.cluster}: Liqo's cluster key cannot be used for a certificate request (Ed25519 and RSA can)`);
  return { publicKey, csrs: csrs.flatMap((csr) => (csr === null ? [] : [encodeBase64(csr)])) };
};

/** Public key and request. The private key is read, used and forgotten. */
const request = async (kube: Kube, peering: Peering): ReturnType<ConsumerSide['request']> => {
  const { publicKey, csrs } = await requestFor(kube, [{ commonName: peering.homeClusterId }]);
  return { publicKey, csr: csrs[0] ?? '' };
};

/** As Liqo's slice controller names its requests: the same key and name give the same bytes, also when the slice is gone already. */
const allRequests = async (kube: Kube, peering: Peering, read: HomeReaders): Promise<readonly string[]> => {
  const slices = await read.slices();
  const names = new Set([peering.virtualNode, ...slices.map((slice) => slice.metadata.name)]);
  const suffix = sha256Hex(peering.homeClusterId).slice(0, 12);
  const { csrs } = await requestFor(kube, [
    { commonName: peering.homeClusterId },
    ...[...names].map((slice) => ({ commonName: `${slice}-${suffix}`, organization: peering.homeClusterId })),
  ]);
  return [...new Set([...csrs, ...slices.map((slice) => parseAs('slice', slice).spec.csr).filter((csr) => csr !== '')])];
};

const signatureIn = (secret: KubeObject | null, nonce?: string): string | null => {
  if (secret === null) return null;
  const { data } = parseAs('secret', secret);
  if (nonce !== undefined && decodeBase64(data['nonce'] ?? '') !== nonce) return null;
  return data['signedNonce'] ?? null;
};

const answer = async (kube: Kube, peering: Peering, operation: string, nonce: string): ReturnType<ConsumerSide['answer']> => {
  const wanted = signedNonceSecret(peering, nonce, operation);
  let secret = await ensure(kube, wanted);
  // an answer to an earlier challenge, which Liqo would sign again and again
  if (decodeBase64(parseAs('secret', secret).data['nonce'] ?? '') !== nonce) {
    await remove(kube, secret);
    await gone(kube, refOf(secret), secret.metadata.uid);
    secret = await ensure(kube, wanted);
  }
  const signed = await kube.until(refOf(wanted), (object) => signatureIn(object, nonce) !== null, {
    what: 'the challenge to be signed',
    timeoutSeconds: answersInSeconds,
  });
  const signature = signatureIn(signed, nonce);
  if (signature === null) throw new HanseError('TIMED_OUT', `${kube.cluster}: the challenge was not signed`);
  return { signature, made: madeBy(kube.cluster, secret, operation) };
};

const keepCredential = async (
  kube: Kube,
  peering: Peering,
  operation: string,
  authParams: Record<string, string>,
): ReturnType<ConsumerSide['keepCredential']> => {
  const wanted = wantedIdentity(peering, authParams, operation);
  let found = await ensure(kube, wanted);
  if (parseAs('identity', found).spec.authParams.signedCRT !== authParams['signedCRT']) found = await kube.replace({ ...found, spec: wanted['spec'] });
  await kube.until(refOf(wanted), (object) => object !== null && (parseAs('identity', object).status.kubeconfigSecretRef?.name ?? '') !== '', {
    what: `the credential for ${peering.provider}`,
    timeoutSeconds: answersInSeconds,
  });
  return madeBy(kube.cluster, found, operation);
};

const sliceRef = (peering: Peering): Ref => ({
  apiVersion: authentication,
  kind: 'ResourceSlice',
  namespace: peering.homeNamespace,
  name: peering.virtualNode,
});

const denied = (peering: Peering, slice: KubeObject | null): HanseError | null => {
  if (slice === null) return null;
  const { verdict, message } = sliceVerdict(parseAs('slice', slice));
  return verdict === 'denied' ? new HanseError('PROVIDER_REFUSED', `${peering.provider} denied the slice ${peering.virtualNode}: ${message}`) : null;
};

const sliceAccepted = async (kube: Kube, peering: Peering, operation: string): Promise<void> => {
  const decision = async (): Promise<KubeObject | null> => {
    const decided = await kube.until(sliceRef(peering), (object) => object !== null && sliceVerdict(parseAs('slice', object)).verdict !== 'pending', {
      what: `${peering.provider} to decide on the slice ${peering.virtualNode}`,
      timeoutSeconds: answersInSeconds,
    });
    const refused = denied(peering, decided);
    if (refused !== null) throw refused;
    return decided;
  };
  const slice = await kube.get(sliceRef(peering));
  await (slice === null || isLeftToLiqo(slice) ? decision() : ensureVirtualNode(kube, peering, operation, decision()));
};

const nodeReady = async (kube: Kube, peering: Peering, read: HomeReaders): Promise<void> => {
  const runs = (): Promise<KubeObject | null> =>
    kube.until(read.virtualNodeRef, (object) => object !== null && isRunning(parseAs('virtualNode', object)), {
      what: `the virtual node ${peering.virtualNode} to run`,
      timeoutSeconds: nodeInSeconds,
    });
  const virtualNode = await runs();
  // not before: Liqo, which is about to start its virtual kubelet, would have to begin again
  await releaseOptions(kube, peering, virtualNode === null ? [] : [virtualNode]);
  await kube.until(read.nodeRef, (object) => object !== null && isReady(parseAs('node', object)), {
    what: `the virtual node ${peering.virtualNode} to be Ready`,
    timeoutSeconds: nodeInSeconds,
  });
  await runs();
};

const resizeSlice = async (kube: Kube, peering: Peering, read: HomeReaders, resources: Peering['resources']): Promise<void> => {
  const found = await kube.get(sliceRef(peering));
  if (found === null) throw new HanseError('NOT_FOUND', `${kube.cluster}: there is no slice ${peering.virtualNode}`);
  const parsed = parseAs('slice', found);
  if (!sameResources(readAmount(parsed.spec.resources), resources))
    await kube.replace({ ...found, spec: { ...specOf(found), resources: { ...parsed.spec.resources, ...sliceResources(resources) } } });
  const says = `${resourcesInWords(resources)} for ${peering.virtualNode}`;
  const answered = await kube.until(
    sliceRef(peering),
    (object) => object !== null && (denied(peering, object) !== null || sameResources(granted(parseAs('slice', object)), resources)),
    {
      what: `${peering.provider} to lend ${says}`,
      timeoutSeconds: answersInSeconds,
    },
  );
  const refused = denied(peering, answered);
  if (refused !== null) throw refused;
  if (answered !== null) await resizeVirtualNode(kube, peering, answered);
  await kube.until(
    read.nodeRef,
    (object) => object !== null && sameResources({ ...readAmount(parseAs('node', object).status.allocatable), gpus: resources.gpus }, resources),
    {
      what: `the virtual node to have ${says}`,
      timeoutSeconds: answersInSeconds,
    },
  );
};

/** Liqo asks a provider's API server every 15 s, and waits 5 s for the answer; its first look comes some seconds after the peering, later on a busy machine. */
const silenceSeenInSeconds = 25;
const lookedAtInSeconds = 60;

/**
 * Liqo lets go of a provider without asking it only when it was told so and has found it silent itself: before that it would wait for an answer with each object that it replicates.
 * One that answers Liqo, and only Hanse not, is cleared by Liqo in the ordinary way.
 */
const declareGone = async (kube: Kube, read: HomeReaders): Promise<void> => {
  const found = await read.foreignCluster();
  if (found === null) return;
  const seen = async (what: string, is: (object: Parsed<'foreignCluster'>) => boolean, timeoutSeconds: number): Promise<void> => {
    await kube
      .until(refOf(found), (object) => object === null || is(parseAs('foreignCluster', object)), { what, timeoutSeconds })
      .catch((error: unknown) => {
        if (!(error instanceof HanseError) || error.code !== 'TIMED_OUT') throw error;
      });
  };
  const { provider } = read.peering;
  await seen(`Liqo to look at ${provider}`, isLookedAt, lookedAtInSeconds);
  await kube.patch(refOf(found), { metadata: { annotations: { [annotation.permanentlyUnreachable]: 'true' } } });
  await seen(`Liqo to find ${provider} silent`, isSilent, silenceSeenInSeconds);
};

export const liqoConsumerSide = (kube: Kube, peering: Peering, operation: string): ConsumerSide => {
  const read = homeReaders(kube, peering);
  const tunnel = liqoTunnelSide(kube, { namespace: peering.homeNamespace, peerClusterId: peering.providerClusterId }, operation);
  return {
    tunnel,
    observe: () => observeHome(read, tunnel),
    publicKey: async () => (await clusterKeys(kube)).publicKey,
    async ensureNamespace() {
      return madeBy(kube.cluster, await ensure(kube, tenantNamespace(peering.homeNamespace, peering.providerClusterId, operation)), operation);
    },
    answer: (nonce) => answer(kube, peering, operation, nonce),
    readAnswer: async () => signatureIn(await read.signedNonce()),
    request: () => request(kube, peering),
    keepCredential: (authParams) => keepCredential(kube, peering, operation, authParams),
    async ensureSlice() {
      return madeBy(kube.cluster, await ensure(kube, resourceSlice(peering, operation)), operation);
    },
    sliceAccepted: () => sliceAccepted(kube, peering, operation),
    async nodeReady() {
      const [slice, virtualNode] = await Promise.all([kube.get(sliceRef(peering)), kube.get(read.virtualNodeRef)]);
      // one that was accepted before this operation may have no node yet
      if (virtualNode === null && slice !== null && !isLeftToLiqo(slice)) await ensureVirtualNode(kube, peering, operation, Promise.resolve(slice));
      await nodeReady(kube, peering, read);
    },
    resizeSlice: (resources) => resizeSlice(kube, peering, read, resources),
    use: () => homeUse(kube, peering, read),
    certificateRequests: () => allRequests(kube, peering, read),
    declareGone: () => declareGone(kube, read),
    ...homeEnd(kube, read),
    search: (made) => searchSide(kube, { peerClusterId: peering.providerClusterId, tenantNamespace: peering.homeNamespace, made }),
  };
};
