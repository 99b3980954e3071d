// From who is to stand on a LAN to what has to be ordered and what can be cancelled. The same topology and records give the same answer.
import type { Refusal } from '../operations/plan.ts';
import { freeHost, freeNetwork, freeVlan, type Host, ipv6Of } from './addressing.ts';
import { type Circuit, circuitTitle, isStanding, type Lan, membersOf } from './lan.ts';
import { lanMtu } from './mtu.ts';
import { exchangeOf, type Site, siteOf, type Splice, type SpliceEnd, type Topology } from './topology.ts';
import { spanningTree, type Tree } from './tree.ts';

/** What is known before anything is decided. */
export type Standing = {
  /** null: the home has no LAN yet. */
  readonly lan: Lan | null;
  /** Of this LAN and of those before it that are not quite gone. */
  readonly circuits: readonly Circuit[];
  /** Tags that others use, by `exchange/connection`, as the exchange or our other records say. */
  readonly vlansTaken: Readonly<Record<string, readonly number[]>>;
  /** Ranges that the LAN's own may not meet: pods and services of every cluster, other LANs. */
  readonly rangesTaken: readonly string[];
  /** Ten random hexadecimal digits, for a LAN that is made. */
  readonly freshId: string;
};

export type LanChanges = {
  readonly lan: Lan;
  readonly tree: Tree;
  readonly clusters: readonly string[];
  readonly order: readonly Circuit[];
  readonly keep: readonly Circuit[];
  readonly cancel: readonly Circuit[];
  readonly mtu: { readonly bytes: number; readonly because: string };
};

export type Wanted = { readonly kind: 'refused'; readonly reasons: readonly Refusal[] } | ({ readonly kind: 'changes' } & LanChanges);

export const vlanKey = (exchange: string, connection: string): string => `${exchange}/${connection}`;

const treeOf = (circuits: readonly Circuit[]): Tree => ({
  exchanges: [...new Set(circuits.filter(({ kind }) => kind === 'segment').map(({ exchange }) => exchange))],
  splices: [...new Set(circuits.filter(({ kind }) => kind === 'spliceEnd').map(({ member }) => member))],
});

const refused = (...reasons: readonly Refusal[]): Wanted => ({ kind: 'refused', reasons });

const missingSplice = (topology: Topology, from: readonly string[], to: string, cluster: string): Refusal => {
  const titles = from.map((name) => exchangeOf(topology, name)?.title ?? name).join(', ');
  const title = exchangeOf(topology, to)?.title ?? to;
  return {
    message: `${cluster} is connected at ${title}, and no splice joins ${title} with ${from.length === 1 ? titles : `any of ${titles}`}.`,
    fix: `Configure a splice between ${to} and ${from.join(' or ')}, or choose a provider that is connected there.`,
  };
};

/** References of a kind, member and number: those of circuits that are ending are not used again. */
const freshRef = (lan: Lan, circuits: readonly Circuit[], word: string): string => {
  for (let number = 1; ; number += 1) {
    const ref = `hanse:${lan.id}:${word}:${number}`;
    if (!circuits.some((circuit) => circuit.ref === ref)) return ref;
  }
};

const blank = {
  connection: null,
  vlan: null,
  account: null,
  ipv4: null,
  ipv6: null,
  capacityMbps: null,
  roleAssignments: [],
  mac: null,
  state: 'reserved',
  id: null,
  told: '',
  messages: [],
  since: null,
  decommissionAt: null,
  chargedUntil: null,
  measured: null,
} as const;

const segment = (lan: Lan, circuits: readonly Circuit[], exchange: string): Circuit => ({
  ...blank,
  ref: freshRef(lan, circuits, `segment:${exchange}`),
  lan: lan.id,
  exchange,
  kind: 'segment',
  member: exchange,
});

type End = { readonly splice: Splice; readonly end: SpliceEnd; readonly vlan: number };

const spliceEnd = (lan: Lan, circuits: readonly Circuit[], { splice, end: { exchange, connection, account }, vlan }: End): Circuit => ({
  ...blank,
  ref: freshRef(lan, circuits, `splice:${splice.name}:${exchange}`),
  lan: lan.id,
  exchange,
  kind: 'spliceEnd',
  member: splice.name,
  connection,
  vlan,
  account: account ?? null,
  capacityMbps: splice.capacityMbps,
});

const attachment = (lan: Lan, circuits: readonly Circuit[], site: Site, host: Host, vlan: number): Circuit => ({
  ...blank,
  ref: freshRef(lan, circuits, `member:${site.cluster}`),
  lan: lan.id,
  exchange: site.exchange,
  kind: 'attachment',
  member: site.cluster,
  connection: site.connection,
  vlan,
  account: site.account ?? null,
  ...host,
  capacityMbps: site.capacityMbps,
  roleAssignments: site.roleAssignments,
  mac: site.mac ?? null,
});

const lanFor = (topology: Topology, standing: Standing, home: string): Lan | Refusal => {
  if (standing.lan !== null) return standing.lan;
  const ipv4 = freeNetwork(topology.pools, standing.rangesTaken);
  if (ipv4 === null)
    return {
      message: `No network of /${topology.pools.prefixBits} is free in ${topology.pools.ipv4}.`,
      fix: 'Set lan.ipv4 in the configuration to another range.',
    };
  return { id: standing.freshId, name: home, ipv4, ipv6: ipv6Of(standing.freshId) };
};

/** One attachment after the other, each with the lowest address and tag that those before it left. */
const attach = (lan: Lan, standing: Standing, kept: readonly Circuit[], sites: readonly Site[]): readonly Circuit[] | Refusal => {
  const made: Circuit[] = [];
  for (const site of sites) {
    const all = [...standing.circuits, ...made];
    const host = freeHost(
      lan,
      [...kept, ...made].map(({ ipv4 }) => ipv4),
    );
    const taken = tagsOn({ ...standing, circuits: all }, site.exchange, site.connection);
    const vlan = freeVlan(site, taken);
    if (host === null) return { message: `The LAN's network ${lan.ipv4} is full.`, fix: 'Set lan.prefixBits to a smaller number before the LAN is made.' };
    if (vlan === null)
      return {
        message: `No VLAN from ${site.vlans.from} to ${site.vlans.to} is free on connection ${site.connection} of ${site.cluster} at ${site.exchange}.`,
        fix: `Widen sites.vlans of ${site.cluster} in the configuration.`,
      };
    made.push(attachment(lan, all, site, host, vlan));
  }
  return made;
};

/** Tags in use on a connection: by ours that are not quite gone, and by others. */
const tagsOn = (standing: Standing, exchange: string, connection: string): readonly (number | null)[] => [
  ...(standing.vlansTaken[vlanKey(exchange, connection)] ?? []),
  ...standing.circuits.filter((circuit) => circuit.exchange === exchange && circuit.connection === connection).map(({ vlan }) => vlan),
];

/** The first pair of the splice that is free at both ends; where one end stands, its pair. */
const joinBy = (standing: Standing, kept: readonly Circuit[], splice: Splice): readonly End[] | Refusal => {
  const standingAt = (end: SpliceEnd): Circuit | undefined =>
    kept.find((circuit) => circuit.kind === 'spliceEnd' && circuit.member === splice.name && circuit.exchange === end.exchange);
  const fits = (vlan: number, end: SpliceEnd): boolean => {
    const there = standingAt(end);
    return there === undefined ? !tagsOn(standing, end.exchange, end.connection).includes(vlan) : there.vlan === vlan;
  };
  if (splice.ends.every((end) => standingAt(end) !== undefined)) return [];
  const pair = splice.vlans.find((vlans) => splice.ends.every((end, index) => fits(vlans[index === 0 ? 0 : 1], end)));
  if (pair === undefined)
    return {
      message: `Every pair of VLANs of splice ${splice.name} is in use (${splice.vlans.map((vlans) => vlans.join('–')).join(', ')}).`,
      fix: 'Give the splice another pair in the configuration, once its owner carries it, or wait until what uses them has ended: hanse get circuits.',
    };
  return splice.ends.flatMap((end, index) => (standingAt(end) === undefined ? [{ splice, end, vlan: pair[index === 0 ? 0 : 1] }] : []));
};

/** One splice after the other: two may share a connection. */
const joinAll = (lan: Lan, standing: Standing, kept: readonly Circuit[], splices: readonly Splice[]): readonly Circuit[] | Refusal => {
  let made: readonly Circuit[] = [];
  for (const splice of splices) {
    const ends = joinBy({ ...standing, circuits: [...standing.circuits, ...made] }, kept, splice);
    if ('message' in ends) return ends;
    made = [...made, ...ends.map((end) => spliceEnd(lan, standing.circuits, end))];
  }
  return made;
};

/** `clusters`: everyone who is to stand on the LAN from now on, the home among them; with nobody but the home there is no LAN. */
export const wantedChanges = (topology: Topology, standing: Standing, home: string, clusters: readonly string[]): Wanted => {
  const others = clusters.filter((cluster) => cluster !== home);
  const lan = lanFor(topology, standing, home);
  if (!('id' in lan)) return refused(lan);
  const live = standing.circuits.filter((circuit) => circuit.lan === lan.id && isStanding(circuit));
  const unfinished = live.filter(({ state }) => state === 'reserved' || state === 'pending');
  if (unfinished.length > 0)
    return refused({
      message: `Another operation is ordering for the LAN of ${home}: ${unfinished.map(circuitTitle).join(', ')}.`,
      fix: 'Wait until it has ended: hanse operations.',
    });
  const nothing: Tree = { exchanges: [], splices: [] };
  if (others.length === 0) return { kind: 'changes', lan, tree: nothing, clusters: [], order: [], keep: [], cancel: live, mtu: lanMtu(topology, nothing, []) };

  const sites = [home, ...others].map((cluster) => siteOf(topology, cluster));
  const unknown = [home, ...others].filter((_, index) => sites[index] === undefined);
  if (unknown.length > 0)
    return refused(...unknown.map((name) => ({ message: `No site is configured for ${name}.`, fix: 'Add it under sites in the configuration.' })));
  const known = sites.filter((site): site is Site => site !== undefined);
  const [root] = known;
  const spanning = spanningTree(
    topology,
    treeOf(live),
    root?.exchange ?? '',
    known.map(({ exchange }) => exchange),
  );
  if (spanning.kind === 'unreachable') {
    const [site] = known.filter(({ exchange }) => exchange === spanning.to);
    return refused(missingSplice(topology, spanning.from, spanning.to, site?.cluster ?? spanning.to));
  }

  const { tree } = spanning;
  const serves = (circuit: Circuit): boolean => {
    if (!tree.exchanges.includes(circuit.exchange)) return false;
    if (circuit.kind === 'spliceEnd') return tree.splices.includes(circuit.member);
    return circuit.kind === 'segment' || known.some(({ cluster, exchange }) => cluster === circuit.member && exchange === circuit.exchange);
  };
  const keep = live.filter(serves);
  const has = (kind: Circuit['kind'], member: string, exchange: string): boolean =>
    keep.some((circuit) => circuit.kind === kind && circuit.member === member && circuit.exchange === exchange);
  const spliceEnds = joinAll(
    lan,
    standing,
    keep,
    topology.splices.filter(({ name }) => tree.splices.includes(name)),
  );
  if ('message' in spliceEnds) return refused(spliceEnds);
  const attachments = attach(
    lan,
    { ...standing, circuits: [...standing.circuits, ...spliceEnds] },
    keep,
    known.filter(({ cluster, exchange }) => !has('attachment', cluster, exchange)),
  );
  if ('message' in attachments) return refused(attachments);
  const order = [
    ...tree.exchanges.filter((exchange) => !has('segment', exchange, exchange)).map((exchange) => segment(lan, standing.circuits, exchange)),
    ...spliceEnds,
    ...attachments,
  ];
  const members = [home, ...others];
  return {
    kind: 'changes',
    lan,
    tree,
    clusters: members,
    order,
    keep,
    cancel: live.filter((circuit) => !serves(circuit)),
    mtu: lanMtu(topology, tree, members),
  };
};

/** Who stands there now. */
export const standingClusters = (standing: Pick<Standing, 'lan' | 'circuits'>): readonly string[] =>
  standing.lan === null ? [] : membersOf(standing.circuits.filter(({ lan }) => lan === standing.lan?.id));
