// A cluster that an owner has added: what we know of it beside its objects.
import type { ClusterName, OwnerId } from '../ids.ts';

export type ClusterSide = 'consumer' | 'provider';

export type Evidence = { readonly claim: string; readonly source: 'version' | 'group' | 'node' | 'object'; readonly value: string };

/** Three axes (reference/clusters §5.1): what was installed, by which manager, on which platform; each with the evidence it was concluded from. */
export type Platform = { readonly distribution: string; readonly manager: string; readonly platform: string; readonly evidence: readonly Evidence[] };

export type Cluster = {
  readonly name: ClusterName;
  readonly owner: OwnerId;
  readonly side: ClusterSide;
  readonly server: string;
  /** UID of the namespace kube-system: the same cluster cannot be added twice. */
  readonly uid: string;
  /** From Liqo's ConfigMap; null when Liqo is not installed. */
  readonly liqoClusterId: string | null;
  readonly liqoVersion: string | null;
  /** Namespace at that cluster in which our account lives. */
  readonly accountNamespace: string;
  readonly kubernetesVersion: string;
  readonly podCidrs: readonly string[];
  readonly serviceCidrs: readonly string[];
  /** Whether Liqo's own networking module runs there; false: native routing. */
  readonly liqoNetworking: boolean;
  readonly platform: Platform;
  readonly state: 'adding' | 'ready' | 'removing';
};
