// What both sides show of one peering, as a value: read by io/liqo, decided upon by wantedChanges.
import type { Grant } from './grant.ts';
import type { Parsed, Thing, Verdict } from './liqoObjects.ts';
import type { SliceResources } from './quantity.ts';
import type { TunnelEnd } from './tunnelObserved.ts';

export type SliceSeen = Thing & {
  readonly verdict: Verdict;
  readonly message: string;
  readonly asked: SliceResources;
  readonly granted: SliceResources;
  readonly createsNode: boolean;
};

export type HomeObserved = {
  /** Tenant namespaces that Liqo would find for this provider (by label). More than one is a contradiction. */
  readonly namespaces: readonly Thing[];
  /** The namespace with the name we would take, if it is not Liqo's for this provider. */
  readonly inTheWay: Thing | null;
  /** `digest` of the challenge in it, never the challenge. */
  readonly signedNonce: (Thing & { readonly digest: string | null; readonly signed: boolean }) | null;
  readonly identity: (Thing & { readonly certificate: string; readonly hasSecret: boolean }) | null;
  /** The control plane's kubeconfig, which the declarative way makes without an Identity. */
  readonly identitySecret: Thing | null;
  readonly slices: readonly SliceSeen[];
  readonly virtualNodes: readonly (Thing & { readonly running: boolean })[];
  readonly nodes: readonly (Thing & { readonly ready: boolean })[];
  readonly tunnel: TunnelEnd;
  readonly foreignCluster: (Thing & { readonly role: string }) | null;
};

export type ProviderObserved = {
  readonly namespace: Thing | null;
  readonly nonce: (Thing & { readonly digest: string | null }) | null;
  readonly tenant: (Thing & Pick<Parsed<'tenant'>['spec'], 'authzPolicy' | 'publicKey' | 'tenantCondition' | 'csr'> & { readonly certificate: string }) | null;
  readonly foreignCluster: Thing | null;
  readonly tunnel: TunnelEnd;
  readonly grant: Grant;
};

export type Observed = { readonly home: HomeObserved; readonly provider: ProviderObserved };
