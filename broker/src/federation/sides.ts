// The two sides of a peering as ports. Steps at the provider go through ProviderSide only: its first implementation uses an account that the provider made,
// limited to this consumer's tenant namespace; another one may carry signed requests to the provider's own Hanse without a plan changing.
import type { Made } from '../operations/journal.ts';
import type { Admission } from './desired.ts';
import type { Grant } from './grant.ts';
import type { SliceResources } from './quantity.ts';
import type { HomeObserved, ProviderObserved } from './observed.ts';
import type { Cidrs, Tunnel } from './tunnel.ts';
import type { Endpoint } from './tunnelObjects.ts';
import type { TunnelEnd } from './tunnelObserved.ts';

/** Something that an end of a peering has to remove or to prove absent. */
export type Remainder = { readonly kind: string; readonly namespace?: string; readonly name: string; readonly uid: string };

/** What was found, and what could not be looked at for want of a right. */
export type Search = { readonly found: readonly Made[]; readonly unseen: readonly string[] };

/** Anything that a peering carries: names for a person, and what its pods request together. */
export type Use = {
  readonly requested: SliceResources;
  readonly pods: readonly string[];
  readonly claims: readonly string[];
  readonly namespaces: readonly string[];
  readonly unseen: readonly string[];
};

/** One side of Liqo's tunnel. What is ensured is waited for; all idempotent. */
export type TunnelSide = {
  /** Whether Liqo's network module runs there; null: it could not be seen. */
  module(): Promise<boolean | null>;
  /** Of this cluster, as the other side has to be told. */
  ranges(): Promise<Cidrs>;
  observe(): Promise<TunnelEnd>;
  /** Told the other side's addresses, it says how it will see them. */
  ensureRanges(remote: Cidrs): Promise<{ readonly made: readonly Made[]; readonly seenAs: Cidrs }>;
  ensureServer(tunnel: Tunnel): Promise<readonly Made[]>;
  /** Where this side's server is reached, as its Service says. */
  endpoint(): Promise<Endpoint>;
  ensureClient(tunnel: Tunnel, endpoint: Endpoint): Promise<readonly Made[]>;
  /** Of this side's gateway: the public key, base64. */
  key(): Promise<string>;
  ensurePeerKey(key: string): Promise<readonly Made[]>;
  connected(): Promise<void>;
  /** Resolves when they are gone. */
  end(kinds: 'all' | readonly ('configurations' | 'servers' | 'clients' | 'peerKeys')[], options: { readonly onlyOf?: string }): Promise<void>;
};

export type ProviderSide = {
  readonly tunnel: TunnelSide;
  observe(): Promise<ProviderObserved>;
  /** Offer: the provider's word. */
  readGrant(): Promise<Grant>;
  ensureNamespace(): Promise<readonly Made[]>;
  /** Request: the provider's challenge, to be signed by the consumer. A secret of seconds: never kept. */
  challenge(): Promise<{ readonly nonce: string; readonly made: readonly Made[] }>;
  /** The challenge that is there; null: none. */
  readChallenge(): Promise<string | null>;
  /** Lend: admitted as a tenant. Resolves when the provider has signed. */
  lend(admission: Admission): Promise<readonly Made[]>;
  /** What was signed: the certificate and where to use it. null: not admitted. */
  readAdmission(): Promise<{ readonly authParams: Record<string, string>; readonly namespace: string; readonly csr: string } | null>;
  cordon(): Promise<void>;
  uncordon(): Promise<void>;
  drain(): Promise<void>;
  /** Certificate requests that were made with exactly these bytes (base64 of PEM), and those that Liqo had signed for the same key: what an earlier peering left behind. */
  certificateRequests(csrs: readonly string[]): Promise<{ readonly found: readonly Remainder[]; readonly unseen: readonly string[] }>;
  /** End: Tenant, challenge and signed certificates are gone when it resolves. `onlyOf`: only what that operation made. */
  end(options: { readonly onlyOf?: string }): Promise<void>;
  endForeignCluster(): Promise<void>;
  endCertificateRequests(requests: readonly Remainder[]): Promise<void>;
  /** Accepts the deletion of the tenant namespace, where a federation made it; false: it stays or is not there. */
  beginEndNamespace(options: { readonly onlyOf?: string }): Promise<boolean>;
  namespaceGone(): Promise<void>;
  /** Everything of this peering that is still there. */
  search(made: readonly Made[]): Promise<Search>;
};

export type ConsumerSide = {
  readonly tunnel: TunnelSide;
  observe(): Promise<HomeObserved>;
  /** The cluster's public key as Liqo keeps it (base64 of PEM), for comparison. */
  publicKey(): Promise<string>;
  ensureNamespace(): Promise<readonly Made[]>;
  /** Signed by the home's Liqo. */
  answer(nonce: string): Promise<{ readonly signature: string; readonly made: readonly Made[] }>;
  /** Signature of the challenge that was answered; null: none. */
  readAnswer(): Promise<string | null>;
  /** Public key and certificate request, made with the cluster's own key (which the provider checks). Base64 of PEM. */
  request(): Promise<Omit<Admission, 'signature'>>;
  keepCredential(authParams: Record<string, string>): Promise<readonly Made[]>;
  ensureSlice(): Promise<readonly Made[]>;
  sliceAccepted(): Promise<void>;
  nodeReady(): Promise<void>;
  resizeSlice(resources: SliceResources): Promise<void>;
  use(): Promise<Use>;
  /** Bytes of every certificate request that this peering causes at the provider (base64 of PEM): the control plane's and the slices'. */
  certificateRequests(): Promise<readonly string[]>;
  declareGone(): Promise<void>;
  /** Accepts the end of the slices; `endReplicated` waits for it. */
  beginEndSlices(): Promise<void>;
  endSlices(options: { readonly onlyOf?: string }): Promise<void>;
  /** Resolves when the node is drained: of it, only the virtual kubelet's end remains. */
  endAndDrainNodes(): Promise<void>;
  /** Slices and maps of namespaces: resolves when nothing that concerns workloads is replicated to the provider any more. */
  endReplicated(): Promise<void>;
  nodesGone(): Promise<void>;
  endIdentity(options: { readonly onlyOf?: string }): Promise<void>;
  endAnswer(options: { readonly onlyOf?: string }): Promise<void>;
  endForeignCluster(): Promise<void>;
  beginEndNamespace(options: { readonly onlyOf?: string }): Promise<boolean>;
  namespaceGone(): Promise<void>;
  search(made: readonly Made[]): Promise<Search>;
};
