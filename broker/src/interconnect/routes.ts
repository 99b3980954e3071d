// Which pods a site's nodes reach by a plain route over the LAN, and by whom.
import { overlap, parseRange } from '../clusters/address.ts';
import { type Circuit, isStanding, type Lan } from './lan.ts';
import type { Route } from './nodeConfig.ts';

type Ranges = { readonly cluster: string; readonly podCidrs: readonly string[]; readonly serviceCidrs: readonly string[] };

const meet = (a: string, b: string): boolean => {
  const [one, other] = [parseRange(a), parseRange(b)];
  return one !== null && other !== null && overlap(one, other);
};

const rangesOf = (ranges: readonly Ranges[], cluster: string): readonly string[] =>
  ranges.filter((one) => one.cluster === cluster).flatMap(({ podCidrs, serviceCidrs }) => [...podCidrs, ...serviceCidrs]);

/**
 * Of every other member, its pods by its address on the LAN. None to addresses that the site itself or the home cluster has: they are reached through a tunnel, and a route would lead the site's own
 * traffic astray.
 */
export const routesOf = ({ name: home }: Lan, member: string, circuits: readonly Circuit[], ranges: readonly Ranges[]): readonly Route[] =>
  circuits
    .filter((circuit) => circuit.kind === 'attachment' && isStanding(circuit) && circuit.member !== member)
    .flatMap(({ member: other, ipv4 }) => {
      const elsewhere = [member, ...(other === home ? [] : [home])].flatMap((cluster) => rangesOf(ranges, cluster));
      const pods = ranges.filter(({ cluster }) => cluster === other).flatMap(({ podCidrs }) => podCidrs);
      return pods.flatMap((to) => (ipv4 === null || to.includes(':') || elsewhere.some((range) => meet(range, to)) ? [] : [{ to, via: ipv4 }]));
    });
