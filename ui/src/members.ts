// Who is on the map: what was added, what is offered, and how each stands. From the API's answers alone.
import type { Application, ApplicationStatus, Cluster, ClusterPicture, Fact, Offer, Operation, Peering } from '../../contract/src/index.ts';
import { distanceKm, placeOf } from './map/places.ts';
import type { Point } from './map/places.ts';
import { counted, cut, plain, platformName, shownName } from './words.ts';

export type Standing = 'home' | 'joined' | 'waiting' | 'failed' | 'offered';

export type Member = {
  readonly id: string;
  readonly name: string;
  readonly standing: Standing;
  /** The word beside it: joined, waiting, … */
  readonly state: string;
  readonly about: string;
  readonly place: Point | null;
  /** Not on this map, and why. */
  readonly outside: string | null;
  readonly matches: boolean;
  /** Virtual CPUs; null: nobody told. */
  readonly cores: number | null;
  /** Share of it in use, 0 to 1. */
  readonly used: number;
  readonly offer: Offer | null;
  readonly cluster: Cluster | null;
  readonly peering: Peering | null;
  readonly picture: ClusterPicture | null;
  readonly applications: readonly Application[];
};

export type Known = {
  readonly clusters: readonly Cluster[];
  readonly offers: readonly Offer[];
  readonly peerings: readonly Peering[];
  readonly pictures: readonly ClusterPicture[];
  readonly applications: readonly Application[];
  readonly operations: readonly Operation[];
  /** Of applications that are on their way. */
  readonly statuses: readonly ApplicationStatus[];
};

export const factOf = (offer: Offer | null, name: string): Fact | undefined => offer?.offering.facts.find((fact) => fact.name === name);
const textOf = (offer: Offer | null, name: string): string | undefined => factOf(offer, name)?.value.toString();
const numberOf = (offer: Offer | null, name: string): number | null => {
  const value = factOf(offer, name)?.value;
  return typeof value === 'number' ? value : null;
};

/** Home first, then who joined, then who offers; who matches before who does not, by name among equals. */
export const membersOf = (known: Known): Member[] => {
  const offerAt = new Map(known.offers.flatMap((offer) => (offer.cluster === null ? [] : [[offer.cluster, offer] as const])));
  const added = known.clusters.map((cluster) => memberOf(known, cluster, offerAt.get(cluster.name) ?? null));
  const offered = known.offers
    .filter(({ cluster }) => cluster === null || !known.clusters.some(({ name }) => name === cluster))
    .map((offer) => memberOf(known, null, offer));
  const all = [...added, ...offered];
  const home =
    all.find(({ standing, place }) => standing === 'home' && place !== null)?.place ??
    all.find(({ standing, place }) => standing === 'joined' && place)?.place ??
    null;
  const order: readonly Standing[] = ['home', 'joined', 'failed', 'waiting', 'offered'];
  return all
    .map((member) => ({ ...member, outside: outsideOf(member, home) }))
    .toSorted((a, b) => order.indexOf(a.standing) - order.indexOf(b.standing) || Number(b.matches) - Number(a.matches) || (a.name < b.name ? -1 : 1));
};

const nearKm = 3_500; // a continent, not the globe

const outsideOf = (member: Member, home: Point | null): string | null => {
  if (member.standing !== 'offered') return null;
  if (member.place === null) return 'says no place that is known';
  const km = home === null ? 0 : distanceKm(home, member.place);
  if (km <= nearKm) return null;
  return member.matches ? `${(Math.round(km / 10) * 10).toLocaleString('en')} km away` : reasonAgainst(member.offer);
};

/** The first criterion that it fails, in words. */
export const reasonAgainst = (offer: Offer | null): string => {
  const against = offer?.opinions.find(({ verdict }) => verdict === 'excluded');
  if (!against) return 'outside the criteria';
  return against.found === 'unknown' ? `nobody stated what ${against.asked} asks` : `asked ${against.asked}, it has ${cut(plain(against.found), 80)}`;
};

const memberOf = (known: Known, cluster: Cluster | null, offer: Offer | null): Member => {
  const name = cluster?.name ?? (offer === null ? '' : shownName(offer.offering.name, offer.offering.id));
  const peering = known.peerings.find(({ provider }) => provider === cluster?.name) ?? null;
  const picture = known.pictures.find((one) => one.cluster === cluster?.name) ?? null;
  const applications = known.applications.filter(({ clusters }) => cluster !== null && clusters.includes(cluster.name));
  const { standing, state } = standingOf(cluster, peering, picture, known.operations);
  const city = textOf(offer, 'city');
  const region = textOf(offer, 'region') ?? picture?.region ?? undefined;
  return {
    id: cluster?.name ?? offer?.offering.id ?? name,
    name,
    standing,
    state,
    about: aboutOf({ standing, state, cluster, offer, city, replicas: cluster === null ? '' : replicasAt(known, cluster.name) }),
    place: placeOf({ city, region, country: textOf(offer, 'country') }),
    outside: null,
    matches: offer?.matches ?? true,
    ...sizeOf(known, cluster?.name ?? null, offer, picture),
    offer,
    cluster,
    peering,
    picture,
    applications,
  };
};

/** What it offers, or what it has; and how much of what it lends, or has, is in use. */
const sizeOf = (known: Known, name: string | null, offer: Offer | null, picture: ClusterPicture | null): Pick<Member, 'cores' | 'used'> => {
  const own = picture?.own ?? null;
  const lent = known.pictures.flatMap(({ providers }) => providers).find(({ cluster }) => cluster === name)?.capacity ?? own;
  const total = lent?.allocatable.cpuMillis ?? 0;
  const used = lent === null || total === 0 ? 0 : Math.min(1, Math.max(0, 1 - lent.free.cpuMillis / total));
  return { cores: numberOf(offer, 'cpu.cores') ?? (own === null ? null : own.allocatable.cpuMillis / 1000), used };
};

const standingOf = (
  cluster: Cluster | null,
  peering: Peering | null,
  picture: ClusterPicture | null,
  operations: readonly Operation[],
): Pick<Member, 'standing' | 'state'> => {
  if (cluster === null) return { standing: 'offered', state: 'offered' };
  if (picture !== null && picture.health !== 'connected') return { standing: 'failed', state: picture.health };
  if (cluster.side === 'consumer') return { standing: 'home', state: cluster.state === 'ready' ? 'home' : cluster.state };
  const working = operations.find(
    ({ subject, state, kind }) => subject.split(', ').includes(cluster.name) && (state === 'waiting' || state === 'asking') && kind !== 'evacuate',
  );
  if (working) return { standing: 'waiting', state: 'waiting' };
  if (peering === null) return cluster.state === 'ready' ? { standing: 'offered', state: 'added' } : { standing: 'waiting', state: cluster.state };
  return peering.state === 'ready'
    ? { standing: 'joined', state: 'joined' }
    : { standing: 'waiting', state: peering.state === 'leaving' ? 'leaving' : 'peering' };
};

type Told = { standing: Standing; state: string; cluster: Cluster | null; offer: Offer | null; city: string | undefined; replicas: string };

const aboutOf = ({ standing, state, cluster, offer, city, replicas }: Told): string => {
  const platform = cluster === null ? cut(plain(city ?? offer?.offering.provider ?? ''), 60) : platformName(cluster);
  if (standing === 'home') return `home · ${platform}`;
  if (standing === 'failed') return `${platform} · ${state}`;
  if (standing === 'joined') return replicas === '' ? platform : `${platform} · ${replicas}`;
  if (standing === 'waiting') return `${platform} · ${state}`;
  if (offer !== null && !offer.matches) return `${platform} · ${reasonAgainst(offer)}`;
  return `${platform} · offers, not chosen`;
};

/** What runs here: of who is on the way what is ready now, of all others what was decided. */
const replicasAt = ({ applications, statuses }: Known, cluster: string): string => {
  type Count = { readonly ready: number; readonly wanted: number | null };
  const counts = applications.flatMap(({ name, placement, clusters }): readonly Count[] => {
    const status = statuses.find((one) => one.name === name);
    if (status !== undefined) {
      const ready = status.pods.filter((pod) => pod.cluster === cluster && pod.isReady && !pod.isEnding).length;
      const wanted = status.workloads.reduce((sum, one) => sum + one.wanted, 0);
      return ready > 0 || clusters.includes(cluster) ? [{ ready, wanted }] : [];
    }
    const planned = (placement.chosen ?? []).filter(({ cluster: at }) => at === cluster && clusters.includes(at));
    return planned.map(({ replicas }) => ({ ready: replicas, wanted: null }));
  });
  const [only, other] = counts;
  if (only === undefined) return '';
  if (other === undefined && only.wanted !== null) return `${only.ready} of ${counted(only.wanted, 'replica')}`;
  const ready = counts.reduce((sum, one) => sum + one.ready, 0);
  return ready === 0 ? '' : counted(ready, 'replica');
};
