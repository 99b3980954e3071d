// Layer 2 for the rest of the house: what joining and leaving take, who is on a LAN, and what a site's node has to be told.
import { randomBytes } from 'node:crypto';
import type { Allowed } from '../../clusters/index.ts';
import { HanseError } from '../../errors.ts';
import type { Performers } from '../../operations/io/performer.ts';
import type { Store } from '../../store/io/store.ts';
import type { LanPlan } from '../compose.ts';
import { costOf } from '../cost.ts';
import { type Circuit, circuitTitle, isStanding, type Lan, membersOf } from '../lan.ts';
import { joinSteps, leaveSteps, type Quotes } from '../makePlan.ts';
import { lanMtu } from '../mtu.ts';
import { nodeConfig, type NodeConfigFormat } from '../nodeConfig.ts';
import { routesOf } from '../routes.ts';
import { exchangeOf, type Price, siteOf, type Topology } from '../topology.ts';
import { type Standing, standingClusters, vlanKey, type Wanted, wantedChanges } from '../wantedChanges.ts';
import { createDrivers } from './exchanges/drivers.ts';
import type { Probing } from './measure.ts';
import { interconnectPerformers } from './performers.ts';
import { createRecords, type Records } from './records.ts';

/** Of a cluster: pods first, they are routed over the LAN. */
export type Ranges = { readonly cluster: string; readonly podCidrs: readonly string[]; readonly serviceCidrs: readonly string[] };

export type LanView = Lan & {
  readonly mtuBytes: number;
  readonly clusters: readonly string[];
  readonly exchanges: readonly string[];
  readonly splices: readonly string[];
  readonly cost: Price;
  readonly circuits: readonly Circuit[];
};

export type NodeConfigRequest = { readonly lan: string; readonly format: NodeConfigFormat; readonly member?: string | undefined };

export type Interconnect = {
  readonly performers: Performers;
  readonly records: Records;
  /** `ranges`: what the LAN's network may not meet. */
  join(owner: string, home: string, providers: readonly string[], ranges: readonly Ranges[]): Promise<LanPlan>;
  /** Of each provider that stands on the home's LAN, or will by `join` with the same words: its address there, and how large a packet may be. */
  paths(
    owner: string,
    home: string,
    providers: readonly string[],
    ranges: readonly Ranges[],
  ): Promise<Readonly<Record<string, { readonly mtuBytes: number; readonly address: string }>>>;
  leave(owner: string, home: string, provider: string): Promise<LanPlan>;
  lans(owner: string): Promise<readonly LanView[]>;
  /** NOT_FOUND if the home has no LAN. By member, or of all. */
  nodeConfig(owner: string, of: NodeConfigRequest, ranges: readonly Ranges[]): Promise<string>;
  readonly drivers: ReturnType<typeof createDrivers>;
  close(): Promise<void>;
};

export type InterconnectOptions = { readonly store: Store; readonly topology: Topology; readonly allowedAddresses: Allowed; readonly probing: Probing };

const viewOf = (topology: Topology, lan: Lan, all: readonly Circuit[]): LanView => {
  const circuits = all.filter((circuit) => circuit.lan === lan.id);
  const standing = circuits.filter(isStanding);
  const exchanges = standing.filter(({ kind }) => kind === 'segment').map(({ exchange }) => exchange);
  const splices = [...new Set(standing.filter(({ kind }) => kind === 'spliceEnd').map(({ member }) => member))];
  const clusters = membersOf(standing);
  const { bytes } = lanMtu(topology, { exchanges, splices }, clusters);
  return { ...lan, mtuBytes: bytes, clusters, exchanges, splices, cost: costOf(topology, standing), circuits };
};

/** Where these clusters stand on the LAN once that is carried out. */
const addressesIn = (changes: Wanted, clusters: readonly string[]): Awaited<ReturnType<Interconnect['paths']>> => {
  if (changes.kind === 'refused') return {};
  const attached = [...changes.keep, ...changes.order].filter(({ kind, member }) => kind === 'attachment' && clusters.includes(member));
  return Object.fromEntries(attached.flatMap(({ member, ipv4 }) => (ipv4 === null ? [] : [[member, { mtuBytes: changes.mtu.bytes, address: ipv4 }]])));
};

const quotesOf = async (topology: Topology, drivers: Interconnect['drivers'], circuits: readonly Circuit[]): Promise<Quotes> => {
  const quotes: Record<string, Quotes[string]> = {};
  for (const circuit of circuits) {
    const exchange = exchangeOf(topology, circuit.exchange);
    quotes[circuit.ref] = (await (exchange && drivers.of(exchange))?.quote(circuit)) ?? null;
  }
  return quotes;
};

export const createInterconnect = ({ store, topology, allowedAddresses, probing }: InterconnectOptions): Interconnect => {
  const records = createRecords({ store });
  const drivers = createDrivers(topology, allowedAddresses);

  const standingOf = async (owner: string, home: string, ranges: readonly Ranges[]): Promise<Standing> => {
    const [lan, lans, circuits, others] = await Promise.all([
      records.lan(owner, home),
      records.lans(owner),
      records.circuits(owner),
      records.vlansOfOthers(owner),
    ]);
    const vlansTaken: Record<string, number[]> = {};
    for (const { exchange, connection, vlan } of others) (vlansTaken[vlanKey(exchange, connection)] ??= []).push(vlan);
    const rangesTaken = [...lans.map(({ ipv4 }) => ipv4), ...ranges.flatMap(({ podCidrs, serviceCidrs }) => [...podCidrs, ...serviceCidrs])];
    return { lan, circuits, vlansTaken, rangesTaken, freshId: randomBytes(5).toString('hex') };
  };

  /** What the exchanges say about those connections that are to be used now. */
  const withTaken = async (standing: Standing, circuits: readonly Circuit[]): Promise<Standing> => {
    const vlansTaken: Record<string, readonly number[]> = { ...standing.vlansTaken };
    const ours = new Set(standing.circuits.map(({ vlan, exchange, connection }) => `${exchange}/${connection}/${vlan}`));
    const ports = new Map(
      circuits.flatMap(({ exchange, connection }) => (connection === null ? [] : [[vlanKey(exchange, connection), { exchange, connection }]])),
    );
    for (const [key, { exchange: name, connection }] of ports) {
      const exchange = exchangeOf(topology, name);
      const there = (await (exchange && drivers.of(exchange))?.vlansTaken(connection)) ?? [];
      vlansTaken[key] = [...(vlansTaken[key] ?? []), ...there.filter((vlan) => !ours.has(`${name}/${connection}/${vlan}`))];
    }
    return { ...standing, vlansTaken };
  };

  const termsAt = async (circuits: readonly Circuit[]): Promise<Record<string, string>> => {
    const terms: Record<string, string> = {};
    for (const name of new Set(circuits.map(({ exchange }) => exchange))) {
      const exchange = exchangeOf(topology, name);
      const told = await (exchange && drivers.of(exchange))?.survey();
      if (told !== undefined && told.terms !== '') terms[name] = told.terms;
    }
    return terms;
  };

  const isConfigured = (cluster: string): boolean => siteOf(topology, cluster) !== undefined;

  const membersWith = (standing: Standing, home: string, connected: readonly string[]): readonly string[] =>
    [...new Set([home, ...standingClusters(standing), ...connected])].filter(isConfigured);

  const join: Interconnect['join'] = async (owner, home, providers, ranges) => {
    const connected = providers.filter(isConfigured);
    if (!isConfigured(home) || connected.length === 0) return { kind: 'none' };
    const standing = await standingOf(owner, home, ranges);
    const members = membersWith(standing, home, connected);
    const first = wantedChanges(topology, standing, home, members);
    if (first.kind === 'refused') return first;
    if (first.order.length === 0) return { kind: 'none' };
    // which tags are free is asked only of the exchanges that are concerned, then decided again
    const changes: Wanted = wantedChanges(topology, await withTaken(standing, first.order), home, members);
    if (changes.kind === 'refused') return changes;
    return { kind: 'steps', ...joinSteps(topology, changes, await termsAt(changes.order)) };
  };

  const paths: Interconnect['paths'] = async (owner, home, providers, ranges) => {
    const connected = providers.filter(isConfigured);
    if (!isConfigured(home) || connected.length === 0) return {};
    const standing = await standingOf(owner, home, ranges);
    return addressesIn(wantedChanges(topology, standing, home, membersWith(standing, home, connected)), connected);
  };

  const leave: Interconnect['leave'] = async (owner, home, provider) => {
    const standing = await standingOf(owner, home, []);
    const members = standingClusters(standing);
    if (standing.lan === null || !members.includes(provider)) return { kind: 'none' };
    const changes = wantedChanges(topology, standing, home, [home, ...members.filter((member) => member !== home && member !== provider)]);
    if (changes.kind === 'refused') return changes;
    return { kind: 'steps', ...leaveSteps(topology, standing.lan, changes.cancel, await quotesOf(topology, drivers, changes.cancel)) };
  };

  const lans: Interconnect['lans'] = async (owner) => {
    const [all, circuits] = await Promise.all([records.lans(owner), records.circuits(owner)]);
    return all.map((lan) => viewOf(topology, lan, circuits));
  };

  return {
    performers: interconnectPerformers({ topology, records, driver: drivers.of, probing }),
    records,
    drivers,
    join,
    paths,
    leave,
    lans,
    async nodeConfig(owner, { lan: name, format, member }, ranges) {
      const lan = (await lans(owner)).find((one) => one.name === name);
      if (!lan) throw new HanseError('NOT_FOUND', `There is no LAN ${name}.`, { fix: 'List them with hanse get lans.' });
      const attached = lan.circuits.filter(
        (circuit) => circuit.kind === 'attachment' && isStanding(circuit) && (member === undefined || circuit.member === member),
      );
      if (attached.length === 0) throw new HanseError('NOT_FOUND', `${member ?? 'Nobody'} stands on LAN ${name}.`);
      const texts = attached.map((circuit) => {
        const site = siteOf(topology, circuit.member);
        if (site === undefined) throw new HanseError('NOT_FOUND', `No site is configured for ${circuitTitle(circuit)}.`);
        const routes = routesOf(lan, circuit.member, lan.circuits, ranges);
        return `# ${circuit.member}\n${nodeConfig(format, { lan, site, circuit, routes, mtuBytes: lan.mtuBytes })}`;
      });
      return texts.join('---\n');
    },
    close: () => drivers.close(),
  };
};
