// Takes the snapshot and decides on it. Books nothing and changes nothing but the stored snapshot.
import type { Offering } from '../../catalogue/index.ts';
import type { Catalogue } from '../../catalogue/io/index.ts';
import type { Clusters } from '../../clusters/io/index.ts';
import type { Store } from '../../store/io/store.ts';
import { assemble, nothing, together } from '../assemble.ts';
import { parseCriterion } from '../criterion.ts';
import { smallestChange } from '../explain.ts';
import { place } from '../place.ts';
import type { Candidate, Opinion, Placement, PlacementRequest, Resources } from '../placement.ts';
import { parsePreference } from '../preference.ts';
import type { Snapshot, SnapshotCluster } from '../snapshot.ts';
import { readBooked, readClosed, readLent, readUsed } from './capacity.ts';
import { observeHome } from './home.ts';
import { findSnapshot, storeSnapshot } from './snapshots.ts';

export type Asked = { readonly where: readonly string[]; readonly prefer: readonly string[] };

export type Offer = {
  readonly offering: Offering;
  /** Our name of the cluster; null: it was not added. */
  readonly cluster: string | null;
  readonly matches: boolean;
  readonly score: number | null;
  readonly opinions: readonly Opinion[];
  /** The smallest change of what is asked that would make it match; null: it matches. */
  readonly relaxation: string | null;
};

export type Offers = { readonly items: readonly Offer[]; readonly rejected: readonly { readonly source: string; readonly reason: string }[] };

export type Decider = {
  /**
   * `chosen: null` when nothing fits. CLUSTER_… only where the home cluster is asked for. `planned`: by cluster, what earlier parts of the same plan will have taken there, or given back where it is
   * negative; the stored snapshot has it counted.
   */
  decide(owner: string, request: PlacementRequest, planned?: ReadonlyMap<string, Resources>): Promise<Placement>;
  /** Every offer held against the criteria, the matching ones first. INVALID_REQUEST for words that cannot be read. */
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
  const take = async (
    owner: string,
    among: readonly string[],
    planned: ReadonlyMap<string, Resources> = new Map(),
  ): Promise<{ readonly snapshot: Snapshot; readonly view: Awaited<ReturnType<Catalogue['view']>> }> => {
    const [known, view, lent, used, booked, closed] = await Promise.all([
      clusters.list(owner),
      catalogue.view(owner),
      readLent(store, owner),
      readUsed(store, owner),
      readBooked(store, owner, new Date(now())),
      readClosed(store, owner),
    ]);
    // only where it is named: nobody else has to wait for its API server
    const named = known.find(({ name, side, state }) => side === 'consumer' && state === 'ready' && among.includes(name));
    const home = named === undefined ? {} : { home: await observeHome(clusters, owner, named) };
    const assembled = assemble({ clusters: known, offerings: view.offerings, lent, used: together(used, planned), booked, closed, ...home });
    return { snapshot: await storeSnapshot(store, owner, { clusters: assembled, now: new Date(now()).toISOString() }), view };
  };
  return {
    async decide(owner, request, planned) {
      const { snapshot } = await take(owner, request.among ?? [], planned);
      return place(request, snapshot);
    },
    async offers(owner, asked) {
      const request = matching(asked, 'offered');
      const { snapshot, view } = await take(owner, []);
      const { candidates } = place(request, snapshot);
      const items = candidates.flatMap((candidate) => offerOf(candidate, { snapshot, offerings: view.offerings }));
      return { items, rejected: view.rejected };
    },
    async choose(owner, criteria) {
      const { snapshot } = await take(owner, []);
      const placement = place(matching({ where: criteria, prefer: [] }, 'added'), snapshot);
      return { clusters: placement.candidates.filter(({ total }) => total !== null).map(({ cluster }) => cluster), placement };
    },
    async known(owner) {
      const [known, { offerings }] = await Promise.all([clusters.list(owner), catalogue.view(owner)]);
      const none = new Map<string, Resources>();
      return assemble({ clusters: known, offerings, lent: none, used: none, booked: none }).filter(({ reach }) => reach !== 'offered');
    },
    snapshot: (owner, version) => findSnapshot(store, owner, version),
  };
}

/** Nothing is placed: the criteria alone decide. */
const matching = ({ where, prefer }: Asked, reach: 'offered' | 'added'): PlacementRequest => ({
  subject: 'offers',
  replicas: 1,
  each: nothing,
  criteria: where.map(parseCriterion),
  preferences: prefer.map(parsePreference),
  providersMin: 1,
  exclude: [],
  reach,
});

function offerOf(candidate: Candidate, { snapshot, offerings }: { readonly snapshot: Snapshot; readonly offerings: readonly Offering[] }): Offer[] {
  const cluster = snapshot.clusters.find(({ name }) => name === candidate.cluster);
  const offering = offerings.find(({ id, provider }) => id === candidate.offering && provider === cluster?.provider);
  if (cluster === undefined || offering === undefined) return [];
  const { opinions, total } = candidate;
  return [
    {
      offering,
      cluster: cluster.reach === 'offered' ? null : cluster.name,
      matches: total !== null,
      score: total,
      opinions,
      relaxation: smallestChange(candidate),
    },
  ];
}
