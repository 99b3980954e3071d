// What federation asks of the rest of the house; main hands it in.
import type { Clusters } from '../../clusters/io/registry.ts';
import type { Kube } from '../../clusters/io/kubernetes/kube.ts';
import type { Json } from '../../ids.ts';
import type { Made } from '../../operations/journal.ts';
import type { Plan, Validity } from '../../operations/plan.ts';
import type { Peering } from '../peering.ts';
import type { SliceResources } from '../quantity.ts';
import type { ConsumerSide, ProviderSide } from '../sides.ts';
import type { LanPath } from '../tunnel.ts';
import type { Peerings } from './peerings.ts';

export type Booking = { readonly owner: string; readonly operation: string; readonly pool: string; readonly resources: SliceResources };

/** Capacity at a provider, pool = our name of the cluster. `resources` are always the whole of the peering, so that a resize says its new total. All idempotent. */
export type Reservations = {
  /** CAPACITY_TAKEN when the pool has not that much free beside what this peering has already. Expires unless applied. */
  hold(booking: Booking): Promise<void>;
  /** From now on this peering has exactly that much. */
  apply(booking: Booking): Promise<void>;
  /** What this operation holds and has not applied is free again. */
  cancel(booking: Omit<Booking, 'resources'>): Promise<void>;
  /** The peering has nothing there any more. */
  free(owner: string, pool: string): Promise<void>;
};

export type FederationDeps = {
  readonly clusters: Clusters;
  readonly peerings: Peerings;
  readonly reservations: Reservations;
  /** Applications of ours that have pods or claims at that provider, by name. */
  usersOf(owner: string, provider: string): Promise<readonly string[]>;
  /** Moving everything of ours off the provider; absent: leaving with evacuation is refused. */
  evacuation?: {
    plan(owner: string, provider: string): Promise<Pick<Plan, 'steps' | 'madeFrom'>>;
    /** Of a plan whose `madeFrom` holds that of `plan`. */
    stillValid(owner: string, plan: Plan): Promise<Validity>;
  };
  /** Clusters that satisfy criteria, and the decision for the plan. */
  choose?(owner: string, criteria: readonly string[]): Promise<{ readonly clusters: readonly string[]; readonly placement: Json }>;
  /** Objects that earlier operations recorded as made for this provider. */
  madeFor?(owner: string, provider: string): Promise<readonly Made[]>;
  /** By provider: the private network that home stands on with it, as planned with all of them; one that is not there has none. Absent: there is no layer 2. */
  lanPaths?(owner: string, home: string, providers: readonly string[]): Promise<Readonly<Record<string, LanPath>>>;
  /** The two sides; the implementation over Liqo's custom resources by default. */
  consumerSide?(kube: Kube, peering: Peering, operation: string): ConsumerSide;
  providerSide?(kube: Kube, peering: Peering, operation: string): ProviderSide;
};
