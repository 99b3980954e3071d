// What a decision is made from: everything that was known of every cluster at one moment, kept under a version.
import type { Fact } from '../catalogue/index.ts';
import type { Resources } from './placement.ts';

/** How near a cluster is to being used: only its offer is known, it was added to Hanse, it is federated with the home cluster. */
export const reaches = ['offered', 'added', 'federated'] as const;
export type Reach = (typeof reaches)[number];

export type SnapshotCluster = {
  /** Our name of the cluster; of one that was not added, the Liqo cluster id or the id of its offering. Unique. */
  readonly name: string;
  readonly role: 'home' | 'provider';
  /** DID of the provider, or the cluster's own name where no offering names one. Replicas are spread over these. */
  readonly provider: string;
  /** Id of the offering that the facts are from; null: none names this cluster. */
  readonly offering: string | null;
  readonly reach: Reach;
  /** Facts whose `credential` is `observed` are what the cluster's own API says, those where it is `measured` what Hanse measured. */
  readonly facts: readonly Fact[];
  /** null: nobody has told. */
  readonly free: Resources | null;
  /** What `free` was worked out from: `peering`, `offering`, `observed`, `closed` (nothing new goes there now) or `none`. */
  readonly freeSource: string;
};

export type Snapshot = {
  /** Sequence under which it is stored; any broker decides the same on the same version. */
  readonly version: number;
  /** RFC 3339. */
  readonly takenAt: string;
  readonly clusters: readonly SnapshotCluster[];
};
