// What the verbs of this capability are given.
import type { Placed } from '../../audit/io/index.ts';
import type { Clusters } from '../../clusters/io/index.ts';
import type { Kube } from '../../clusters/io/index.ts';
import type { Peering } from '../../federation/index.ts';
import type { StepContext } from '../../operations/io/index.ts';
import type { Decider } from '../../placement/io/index.ts';
import type { Store } from '../../store/io/store.ts';
import type { DrainLimits } from '../migration/drain.ts';
import type { ApplicationRows } from './rows.ts';

export type World = {
  readonly store: Store;
  readonly clusters: Clusters;
  /** All peerings of a home cluster, in any state. */
  readonly peerings: (owner: string, home: string) => Promise<readonly Peering[]>;
  /** Decides over what is known of every cluster now; `chosen: null` when nothing fits. Books nothing. */
  readonly decide: Decider['decide'];
  /** Signs and keeps what was decided and from what; asked again for the same operation and application it changes nothing. */
  readonly issueReceipt: (placed: Placed) => Promise<unknown>;
  /** `host:port` entries and ranges that manifests may be fetched from beside public addresses. */
  readonly allowedAddresses: readonly string[];
  /** As the operator declared them; absent: the usual ones. */
  readonly drain?: DrainLimits;
};

export type Workplace = World & { readonly rows: ApplicationRows };

/** The home cluster with our account, its changes held against the lease. */
export async function kubeOf({ clusters }: Pick<World, 'clusters'>, { owner, guard, signal }: StepContext, home: string): Promise<Kube> {
  return (await clusters.kube(owner, home)).with({ guard, signal });
}
