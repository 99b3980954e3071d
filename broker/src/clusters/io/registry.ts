// The clusters of an owner, and how to speak to them.
import type { Cluster } from '../cluster.ts';
import type { Kube } from './kubernetes/kube.ts';

export type Clusters = {
  list(owner: string): Promise<Cluster[]>;
  /** NOT_FOUND names the clusters that there are. */
  find(owner: string, name: string): Promise<Cluster>;
  /** The owner's consumer cluster. REFUSED when there is none or more than one and no name is given. */
  home(owner: string, name?: string): Promise<Cluster>;
  /** With our own account at that cluster; connections are shared and closed by the registry. */
  kube(owner: string, name: string): Promise<Kube>;
};
