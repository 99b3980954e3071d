// One peering of a home cluster with a provider's cluster, as Liqo understands it.
import type { Tunnel } from './tunnel.ts';

export type Peering = {
  /** Our names of the two clusters. */
  readonly home: string;
  readonly provider: string;
  /** Liqo cluster ids: what labels and selectors carry (liqo.io/remote-cluster-id). */
  readonly homeClusterId: string;
  readonly providerClusterId: string;
  /** Tenant namespaces on both sides. */
  readonly homeNamespace: string;
  readonly providerNamespace: string;
  readonly authentication: 'handshake' | 'declarative';
  readonly dataPlane: 'native' | 'tunnel';
  /** How it is built; absent under native routing. */
  readonly tunnel?: Tunnel;
  /** Name of the ResourceSlice, the VirtualNode and the Node at home. */
  readonly virtualNode: string;
  readonly resources: { readonly cpuMillis: number; readonly memoryBytes: number; readonly pods: number; readonly gpus: number };
  readonly state: 'peering' | 'ready' | 'leaving';
};
