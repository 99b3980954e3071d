// Addresses and tags of a LAN. Nobody assigns them on a private VLAN: we do, statically (DHCP and router advertisements are forbidden on fabrics).
import { overlap, parseRange } from '../clusters/address.ts';
import type { Pools, Site } from './topology.ts';

/** RFC 4193: fd, forty random bits, subnet 0. `id`: ten hexadecimal digits. */
export const ipv6Of = (id: string): string => `fd${id.slice(0, 2)}:${id.slice(2, 6)}:${id.slice(6, 10)}::/64`;

const toNumber = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const toText = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

const split = (cidr: string): { readonly first: number; readonly size: number } => {
  const [address = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  const value = toNumber(address);
  return { first: value - (value % size), size };
};

const networksMax = 1 << 16;

const meet = (a: string, b: string): boolean => {
  const [one, other] = [parseRange(a), parseRange(b)];
  return one !== null && other !== null && overlap(one, other);
};

/** The lowest network of the pool that meets none of these ranges; null: none is left. */
export const freeNetwork = ({ ipv4, prefixBits }: Pools, taken: readonly string[]): string | null => {
  const pool = split(ipv4);
  const size = 2 ** (32 - prefixBits);
  for (let index = 0; index < Math.min(pool.size / size, networksMax); index += 1) {
    const candidate = `${toText(pool.first + index * size)}/${prefixBits}`;
    if (!taken.some((range) => meet(range, candidate))) return candidate;
  }
  return null;
};

/** `number`: the place on the LAN, from 1. */
export type Host = { readonly ipv4: string; readonly ipv6: string };

const hostOf = (network: { readonly ipv4: string; readonly ipv6: string }, number: number): Host => ({
  ipv4: toText(split(network.ipv4).first + number),
  ipv6: `${network.ipv6.replace('::/64', '')}::${number.toString(16)}`,
});

/** The lowest address that none of the members has; null: the network is full (its first and last are not given out). */
export const freeHost = (network: { readonly ipv4: string; readonly ipv6: string }, taken: readonly (string | null)[]): Host | null => {
  const { size } = split(network.ipv4);
  for (let number = 1; number < size - 1; number += 1) {
    const host = hostOf(network, number);
    if (!taken.includes(host.ipv4)) return host;
  }
  return null;
};

/** The lowest tag of the site's range that is not in use on its connection; null: none is left. */
export const freeVlan = ({ vlans: { from, to } }: Pick<Site, 'vlans'>, taken: readonly (number | null)[]): number | null => {
  for (let vlan = from; vlan <= to; vlan += 1) if (!taken.includes(vlan)) return vlan;
  return null;
};
