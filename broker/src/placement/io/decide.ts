// Takes the snapshot and decides on it. Books nothing and changes nothing but the stored snapshot.
import type { Fact } from '../../catalogue/index.ts';
import type { Catalogue } from '../../catalogue/io/index.ts';
import type { Cluster } from '../../clusters/index.ts';
import { type Clusters, readMeasured } from '../../clusters/io/index.ts';
import type { Store } from '../../store/io/store.ts';
import { assemble, together } from '../assemble.ts';
import { measuredFacts } from '../measured.ts';
import { place } from '../place.ts';
import type { Placement, PlacementRequest, Resources } from '../placement.ts';
import type { Snapshot, SnapshotCluster } from '../snapshot.ts';
import { readBooked, readClosed, readLent, readUsed } from './capacity.ts';
import { observeHome } from './home.ts';
import { createOffers, matching } from './offers.ts';
import type { Asked, Offers } from './offers.ts';
import { findSnapshot, storeSnapshot } from './snapshots.ts';

export type Decider = {
  /**
   * `chosen: null` when nothing fits. CLUSTER_… only where the home cluster is asked for. `planned`: by cluster, what earlier parts of the same plan will have taken there, or given back where it is
   * negative; the stored snapshot has it counted.
   */
  decide(owner: string, request: PlacementRequest, planned?: ReadonlyMap<string, Resources>): Promise<Placement>;
  /** Offers held against the criteria, the matching ones first. INVALID_REQUEST for words that cannot be read. */
  offers(owner: string, asked: Asked): Promise<Offers>;
  /** Added providers that satisfy the criteria, best first. */
  choose(owner: string, criteria: readonly string[]): Promise<{ readonly clusters: readonly string[]; readonly placement: Placement }>;
  /** What is known of every cluster that was added, whatever is free there. */
  known(owner: string): Promise<readonly SnapshotCluster[]>;
  /** What was decided on. NOT_FOUND. */
  snapshot(owner: string, version: number): Promise<Snapshot>;
};

export type DeciderOptions = { readonly store: Pick<Store, 'db'>; readonly clusters: Clusters; readonly catalogue: Catalogue; readonly now?: () => number };

export function createDecider({ store, clusters, catalogue, now = Date.now }: DeciderOptions): Decider {
  const measuredOf = async (owner: string): Promise<ReadonlyMap<string, readonly Fact[]>> =>
    new Map([...(await readMeasured(store, owner))].map(([name, measured]) => [name, measuredFacts(measured, now())]));
  const standing = async (owner: string) => {
    const [lent, used, booked, closed, measured] = await Promise.all([
      readLent(store, owner),
      readUsed(store, owner),
      readBooked(store, owner, new Date(now())),
      readClosed(store, owner),
      measuredOf(owner),
    ]);
    return { lent, used, booked, closed, measured };
  };
  const take = async (owner: string, among: readonly string[], planned: ReadonlyMap<string, Resources> = new Map()): Promise<Snapshot> => {
    const [known, taken] = await Promise.all([clusters.list(owner), standing(owner)]);
    const { offerings } = await catalogue.view(owner, liqoIdsOf(known));
    // only where it is named: nobody else has to wait for its API server
    const named = known.find(({ name, side, state }) => side === 'consumer' && state === 'ready' && among.includes(name));
    const home = named === undefined ? {} : { home: await observeHome(clusters, owner, named) };
    const assembled = assemble({ clusters: known, offerings, ...taken, used: together(taken.used, planned), ...home });
    return storeSnapshot(store, owner, { clusters: assembled, now: new Date(now()).toISOString() });
  };
  return {
    async decide(owner, request, planned) {
      return place(request, await take(owner, request.among ?? [], planned));
    },
    offers: createOffers({ clusters, catalogue, standing, now }),
    async choose(owner, criteria) {
      const placement = place(matching({ where: criteria, prefer: [] }, 'added'), await take(owner, []));
      return { clusters: placement.candidates.filter(({ total }) => total !== null).map(({ cluster }) => cluster), placement };
    },
    async known(owner) {
      const known = await clusters.list(owner);
      const { offerings } = await catalogue.view(owner, liqoIdsOf(known));
      const none = new Map<string, Resources>();
      return assemble({ clusters: known, offerings, lent: none, used: none, booked: none, measured: await measuredOf(owner) }).filter(
        ({ reach }) => reach !== 'offered',
      );
    },
    snapshot: (owner, version) => findSnapshot(store, owner, version),
  };
}

const liqoIdsOf = (clusters: readonly Cluster[]): readonly string[] => clusters.flatMap(({ liqoClusterId }) => liqoClusterId ?? []);
