// How large a packet may be: the least along the tree, and what is left of it inside a tunnel.
import type { Topology } from './topology.ts';
import type { Tree } from './tree.ts';

/** The least of every segment, splice and site of the LAN; what it is, and which part is the narrow one. */
export const lanMtu = (topology: Topology, { exchanges, splices }: Tree, clusters: readonly string[]): { readonly bytes: number; readonly because: string } => {
  const parts = [
    ...topology.exchanges.filter(({ name }) => exchanges.includes(name)).map(({ title, mtuBytes }) => ({ bytes: mtuBytes, because: title })),
    ...topology.splices.filter(({ name }) => splices.includes(name)).map(({ name, mtuBytes }) => ({ bytes: mtuBytes, because: `splice ${name}` })),
    ...topology.sites
      .filter(({ cluster }) => clusters.includes(cluster))
      .map(({ cluster, mtuBytes }) => ({ bytes: mtuBytes, because: `the site of ${cluster}` })),
  ];
  const [first, ...rest] = parts;
  if (first === undefined) return { bytes: 1500, because: 'nothing is known' };
  return rest.reduce((least, part) => (part.bytes < least.bytes ? part : least), first);
};

/** WireGuard adds the outer IP header (20 or 40), UDP (8), its own header (16) and tag (16). */
export const tunnelMtu = (bytes: number, outer: 'ipv4' | 'ipv6'): number => bytes - (outer === 'ipv4' ? 60 : 80);

/** The narrowest splice and attachment between members, in Mbit/s; null: nobody says. */
export const lanCapacity = (topology: Topology, { splices }: Tree, clusters: readonly string[]): number | null => {
  const parts = [
    ...topology.splices.filter(({ name }) => splices.includes(name)).map(({ capacityMbps }) => capacityMbps),
    ...topology.sites.filter(({ cluster }) => clusters.includes(cluster)).map(({ capacityMbps }) => capacityMbps),
  ];
  return parts.length === 0 ? null : Math.min(...parts);
};
