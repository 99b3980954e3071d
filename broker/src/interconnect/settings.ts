// Layer 2 in the configuration file: parsed, and its names held against each other.
import { z } from 'zod';
import { parseRange } from '../clusters/address.ts';
import type { Exchange, ExchangeApi, Splice, SpliceEnd, Topology } from './topology.ts';

const word = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'lower case letters, digits and hyphens');
const id = z.string().min(1).max(128);
const file = z.string().startsWith('/', 'must be an absolute path').max(4096);
const eur = z.number().min(0).max(10_000_000);
const mtuBytes = z.number().int().min(1280, 'IPv6 wants 1280').max(9216);
const vlan = z.number().int().min(1).max(4094);
const mbps = z.number().int().min(1).max(10_000_000);
const price = z.strictObject({ eurOnce: eur.default(0), eurPerMonth: eur.default(0) });
const free = { eurOnce: 0, eurPerMonth: 0 };

/** Plain http is for a server on the same machine: key and secret go this way. */
const isApiAddress = (text: string): boolean =>
  /^https:\/\/[^/?#@\s]+(\/[^?#\s]*)?$/.test(text) || /^http:\/\/(127\.0\.0\.1|\[::1\]):\d{1,5}(\/[^?#\s]*)?$/.test(text);

const exchange = z.strictObject({
  name: word,
  title: z.string().min(1).max(100).exactOptional(),
  kind: z.enum(['ixApi', 'manual']),
  url: z.string().max(2048).refine(isApiAddress, 'must be https://host/path (http only for 127.0.0.1)').exactOptional(),
  profile: z.enum(['2.1', '2.4', '2.7']).default('2.4'),
  keyFile: file.exactOptional(),
  secretFile: file.exactOptional(),
  account: id.exactOptional(),
  product: id.exactOptional(),
  metroAreaNetwork: id.exactOptional(),
  contact: z.string().min(1).max(500).exactOptional(),
  mtuBytes: mtuBytes.default(1500),
  prices: z.strictObject({ segment: price.default(free), attachment: price.default(free) }).default({ segment: free, attachment: free }),
});

const splice = z.strictObject({
  name: word,
  between: z.tuple([word, word]),
  connections: z.tuple([id, id]),
  accounts: z.tuple([id, id]).exactOptional(),
  /** One pair, or several: each carries one LAN. */
  vlans: z.union([
    z.tuple([vlan, vlan]).transform((pair) => [pair]),
    z
      .array(z.tuple([vlan, vlan]))
      .min(1)
      .max(500),
  ]),
  mtuBytes: mtuBytes.default(1500),
  capacityMbps: mbps,
  eurPerMonth: eur.default(0),
  owner: z.string().min(1).max(200),
});

const site = z.strictObject({
  cluster: word,
  exchange: word,
  connection: id,
  account: id.exactOptional(),
  roleAssignments: z.array(id).max(50).default([]),
  vlans: z
    .strictObject({ from: vlan, to: vlan })
    .refine(({ from, to }) => from <= to, 'from is above to')
    .default({ from: 2000, to: 2999 }),
  capacityMbps: mbps.default(1000),
  interface: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,10}$/, 'a network interface, at most 10 characters, so that its VLANs have room in 15')
    .default('eth1'),
  mtuBytes: mtuBytes.default(1500),
  mac: z
    .string()
    .regex(/^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/, 'a unicast MAC address in lower case: 02:fc:00:00:00:02')
    .exactOptional(),
});

const pools = z.strictObject({
  ipv4: z
    .string()
    .refine((text) => /^\d+\.\d+\.\d+\.\d+\/\d+$/.test(text) && parseRange(text) !== null, 'an IPv4 range such as 100.64.0.0/10')
    .default('100.64.0.0/10'),
  prefixBits: z.number().int().min(16).max(29).default(26),
});

/** The three lists and the pool of the configuration; defaults filled in. */
export const interconnectSettings = {
  exchanges: z.array(exchange).max(200),
  splices: z.array(splice).max(1000),
  sites: z.array(site).max(5000),
  lan: pools,
};

type Settings = { readonly [Key in keyof typeof interconnectSettings]?: z.output<(typeof interconnectSettings)[Key]> | undefined };

export type TopologyFault = { readonly path: string; readonly message: string };

const twice = (names: readonly string[], path: string): TopologyFault[] =>
  names.flatMap((name, index) => (names.indexOf(name) === index ? [] : [{ path: `${path}.${index}`, message: `${name} is named twice` }]));

const apiOf = (one: z.output<typeof exchange>, path: string): ExchangeApi | TopologyFault => {
  if (one.kind === 'manual') return { kind: 'manual', contact: one.contact ?? one.title ?? one.name };
  const { url, profile, keyFile, secretFile, account, product, metroAreaNetwork } = one;
  if (url === undefined || keyFile === undefined || secretFile === undefined || account === undefined)
    return { path, message: 'an exchange of kind ixApi needs url, keyFile, secretFile and account' };
  return { kind: 'ixApi', url: url.replace(/\/+$/, ''), profile, keyFile, secretFile, account, product, metroAreaNetwork };
};

const end = (one: z.output<typeof splice>, side: 0 | 1): SpliceEnd => ({
  exchange: one.between[side],
  connection: one.connections[side],
  ...(one.accounts === undefined ? {} : { account: one.accounts[side] }),
});

const spliceOf = (one: z.output<typeof splice>): Splice => {
  const { name, vlans, mtuBytes: mtu, capacityMbps, eurPerMonth, owner } = one;
  return { name, ends: [end(one, 0), end(one, 1)], vlans, mtuBytes: mtu, capacityMbps, eurPerMonth, owner };
};

/** Faults with the path in the file; none: the topology. */
export const readTopology = (
  settings: Settings,
): { readonly topology: Topology; readonly faults?: never } | { readonly topology?: never; readonly faults: readonly TopologyFault[] } => {
  const { exchanges = [], splices = [], sites = [], lan = { ipv4: '100.64.0.0/10', prefixBits: 26 } } = settings;
  const known = new Set(exchanges.map(({ name }) => name));
  const unknown = (name: string, path: string): TopologyFault[] => (known.has(name) ? [] : [{ path, message: `there is no exchange ${name}` }]);
  const built = exchanges.map((one, index): Exchange | TopologyFault => {
    const api = apiOf(one, `exchanges.${index}`);
    if (!('kind' in api)) return api;
    return { name: one.name, title: one.title ?? one.name, api, mtuBytes: one.mtuBytes, prices: one.prices };
  });
  const faults = [
    ...built.filter((one): one is TopologyFault => 'message' in one),
    ...twice(
      exchanges.map(({ name }) => name),
      'exchanges',
    ),
    ...twice(
      splices.map(({ name }) => name),
      'splices',
    ),
    ...twice(
      sites.map(({ cluster }) => cluster),
      'sites',
    ),
    ...splices.flatMap(({ between: [a, b] }, index) => [
      ...unknown(a, `splices.${index}.between`),
      ...unknown(b, `splices.${index}.between`),
      ...(a === b ? [{ path: `splices.${index}.between`, message: `${a} cannot be joined to itself` }] : []),
    ]),
    ...sites.flatMap(({ exchange: at }, index) => unknown(at, `sites.${index}.exchange`)),
    ...(Number(lan.ipv4.split('/')[1]) > lan.prefixBits
      ? [{ path: 'lan.prefixBits', message: `a network of /${lan.prefixBits} does not fit into ${lan.ipv4}` }]
      : []),
  ];
  if (faults.length > 0) return { faults };
  return { topology: { exchanges: built.filter((one): one is Exchange => 'api' in one), splices: splices.map(spliceOf), sites, pools: lan } };
};
