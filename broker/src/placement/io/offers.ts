// One page of the offers, held against criteria: found by the index, with every opinion of those that are shown.
import type { Fact, Offering } from '../../catalogue/index.ts';
import type { Catalogue } from '../../catalogue/io/index.ts';
import type { Cluster } from '../../clusters/index.ts';
import type { Clusters } from '../../clusters/io/index.ts';
import { assemble, nothing } from '../assemble.ts';
import type { Known } from '../assemble.ts';
import { factNamed, parseCriteria } from '../criterion.ts';
import { smallestChange } from '../explain.ts';
import { place } from '../place.ts';
import type { Candidate, Opinion, PlacementRequest } from '../placement.ts';
import { parsePreference } from '../preference.ts';
import type { Facet } from '../search/facet.ts';
import { find } from '../search/find.ts';
import type { Hit } from '../search/find.ts';
import type { Wider } from '../search/wider.ts';
import { createIndexKeeper } from './keepIndex.ts';

export type Asked = {
  readonly where: readonly string[];
  readonly prefer: readonly string[];
  readonly text?: string;
  readonly facets?: readonly string[];
  /** Only those that are called so: by a name of ours, an id, or what their providers call them. */
  readonly named?: readonly string[];
  readonly offset?: number;
  readonly limit?: number;
};

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

export type Offers = {
  /** The matching ones best first, then the others by name. */
  readonly items: readonly Offer[];
  readonly total: number;
  readonly matching: number;
  readonly facets: readonly Facet[];
  readonly wider: readonly Wider[];
  readonly rejected: readonly { readonly source: string; readonly reason: string }[];
};

export type OffersOptions = {
  readonly clusters: Pick<Clusters, 'list'>;
  readonly catalogue: Pick<Catalogue, 'changes' | 'find' | 'rejected'>;
  /** What is lent, used, booked, closed and measured. */
  standing(owner: string): Promise<Omit<Known, 'clusters' | 'offerings'>>;
  now(): number;
};

export function createOffers({ clusters, catalogue, standing, now }: OffersOptions): (owner: string, asked: Asked) => Promise<Offers> {
  const indexOf = createIndexKeeper({ catalogue, now });
  return async (owner, { where, prefer, text = '', facets = [], named, offset = 0, limit = 1000 }) => {
    const request = matching({ where, prefer }, 'offered');
    for (const fact of facets) factNamed(fact);
    const [added, rejected, known] = await Promise.all([clusters.list(owner), catalogue.rejected(owner), standing(owner)]);
    const index = await indexOf(owner, added, known.measured);
    // an added cluster is called by our name of it, its offer by what it is at Liqo
    const also = named === undefined ? [] : added.flatMap(({ name, liqoClusterId }) => (named.includes(name) ? (liqoClusterId ?? []) : []));
    const only = named === undefined ? {} : { named: [...named, ...also] };
    const { hits, ...found } = find(index.reading, { ...request, text, facets, ...only, offset, limit });
    const offerings = await index.find(hits.map(({ key }) => key));
    const opinionsOf = judged(request, { clusters: added, offerings: [...offerings.values()], ...known });
    const items = hits.flatMap((hit) => {
      const offering = offerings.get(hit.key);
      const said = offering === undefined ? undefined : opinionsOf(offering);
      return offering === undefined || said === undefined ? [] : [offerOf(hit, withMeasured(offering, known.measured?.get(said.cluster ?? '')), said)];
    });
    const isWanted = ({ offering: { id, name }, cluster }: Offer): boolean =>
      [id, name, cluster].some((each) => each !== null && named?.includes(each) === true);
    return { items: named === undefined ? items : items.filter(isWanted), ...found, rejected };
  };
}

/** Nothing is placed: the criteria alone decide. INVALID_REQUEST for words that cannot be read. */
export const matching = ({ where, prefer }: Pick<Asked, 'where' | 'prefer'>, reach: 'offered' | 'added'): PlacementRequest => ({
  subject: 'offers',
  replicas: 1,
  each: nothing,
  criteria: parseCriteria(where),
  preferences: prefer.map(parsePreference),
  providersMin: 1,
  exclude: [],
  reach,
});

type Said = { readonly candidate: Candidate; readonly cluster: Cluster['name'] | null };

/** The opinions are those that a decision would have of the same offers. */
function judged(request: PlacementRequest, known: Known): (offering: Offering) => Said | undefined {
  const entries = assemble(known);
  const nameOf = ({ offering, provider }: { readonly offering: string | null; readonly provider: string }): string => `${offering ?? ''}\n${provider}`;
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const { candidates } = place(request, { version: 0, takenAt: '', clusters: entries });
  const said = new Map(
    candidates.flatMap((candidate) => {
      const entry = byName.get(candidate.cluster);
      const added = known.clusters.find(({ name }) => name === candidate.cluster);
      return entry === undefined ? [] : [[nameOf(entry), { candidate, cluster: entry.reach === 'offered' ? null : (added?.name ?? null) }] as const];
    }),
  );
  return ({ id, provider }) => said.get(nameOf({ offering: id, provider }));
}

/** What Hanse measured of the cluster that is offered stands beside what is stated of it. */
const withMeasured = (offering: Offering, measured: readonly Fact[] = []): Offering =>
  measured.length === 0 ? offering : { ...offering, facts: [...offering.facts, ...measured] };

/** Scores are those among all offers, not among the ones of the page. */
function offerOf({ total, scores }: Hit, offering: Offering, { candidate, cluster }: Said): Offer {
  const first = candidate.opinions.findIndex(({ verdict }) => verdict === 'scored');
  const opinions = candidate.opinions.map((opinion, index) => (opinion.verdict === 'scored' ? { ...opinion, score: scores[index - first] ?? 0 } : opinion));
  const matches = candidate.total !== null;
  return { offering, cluster, matches, score: matches ? total : null, opinions, relaxation: smallestChange(candidate) };
}
