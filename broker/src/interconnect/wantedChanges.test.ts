import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRange } from '../clusters/address.ts';
import { costOf } from './cost.ts';
import type { Circuit } from './lan.ts';
import { joinSteps, leaveSteps } from './makePlan.ts';
import { kinds } from './planSteps.ts';
import { readTopology } from './settings.ts';
import type { Topology } from './topology.ts';
import { type LanChanges, type Standing, vlanKey, wantedChanges } from './wantedChanges.ts';

const names = ['a', 'b', 'c', 'd', 'e'];
const api = { kind: 'manual' as const, contact: 'someone' };
const price = (eurPerMonth: number) => ({ eurOnce: 0, eurPerMonth });

const topologies: fc.Arbitrary<Topology> = fc
  .record({
    splices: fc.array(
      fc.record({
        between: fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)).filter(([a, b]) => a !== b),
        vlan: fc.integer({ min: 3000, max: 3003 }),
        mtuBytes: fc.constantFrom(1500, 4000, 9000),
        eurPerMonth: fc.integer({ min: 0, max: 5 }),
      }),
      { maxLength: 7 },
    ),
    mtus: fc.array(fc.constantFrom(1400, 1500, 9000), { minLength: 5, maxLength: 5 }),
    sites: fc.array(fc.record({ exchange: fc.constantFrom(...names), port: fc.constantFrom('p1', 'p2'), mtuBytes: fc.constantFrom(1500, 9000) }), {
      minLength: 2,
      maxLength: 8,
    }),
  })
  .map(({ splices, mtus, sites }) => ({
    exchanges: names.map((name, index) => ({
      name,
      title: name.toUpperCase(),
      api,
      mtuBytes: mtus[index] ?? 1500,
      prices: { segment: price(1), attachment: price(2) },
    })),
    splices: splices.map(({ between: [a, b], vlan, mtuBytes, eurPerMonth }, index) => ({
      name: `s${index}`,
      // some share a connection
      ends: [
        { exchange: a, connection: `x${index % 3}` },
        { exchange: b, connection: `x${index % 3}` },
      ] as const,
      vlans: [
        [vlan, vlan],
        [vlan + 100 + index, vlan + 100 + index],
      ] as const,
      mtuBytes,
      capacityMbps: 1000,
      eurPerMonth,
      owner: 'someone',
    })),
    sites: sites.map(({ exchange, port, mtuBytes }, index) => ({
      cluster: `k${index}`,
      exchange,
      connection: port,
      roleAssignments: [],
      vlans: { from: 2000, to: 2009 },
      capacityMbps: 100,
      interface: 'eth1',
      mtuBytes,
    })),
    pools: { ipv4: '100.64.0.0/10', prefixBits: 26 },
  }));

const empty: Standing = { lan: null, circuits: [], vlansTaken: {}, rangesTaken: [], freshId: '7f3a00b1c2' };

/** As it would be recorded once everything is ordered and cancelled. */
const after = ({ lan, order, keep, cancel }: LanChanges, before: Standing): Standing => {
  const others = before.circuits.filter(({ ref }) => ![...keep, ...cancel].some((one) => one.ref === ref));
  const ready = (circuit: Circuit): Circuit => ({ ...circuit, state: 'ready' });
  return { ...before, lan, circuits: [...others, ...keep, ...order.map(ready), ...cancel.map((circuit): Circuit => ({ ...circuit, state: 'ending' }))] };
};

const joinedBy = (topology: Topology, circuits: readonly Circuit[], from: string): ReadonlySet<string> => {
  const found = new Set([from]);
  const ends = circuits.filter(({ kind }) => kind === 'spliceEnd');
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const {
      name,
      ends: [a, b],
    } of topology.splices) {
      const stands = [a, b].every(({ exchange }) => ends.some((end) => end.member === name && end.exchange === exchange));
      if (stands && (found.has(a.exchange) || found.has(b.exchange))) found.add(a.exchange).add(b.exchange);
    }
  }
  return found;
};

const wishes = fc.array(fc.subarray([1, 2, 3, 4, 5, 6, 7]), { minLength: 1, maxLength: 4 });

/** Members come and go, one wish after the other; each state that follows is looked at. */
const through = (topology: Topology, turns: readonly (readonly number[])[], look: (standing: Standing, changes: LanChanges) => void): void => {
  let standing = empty;
  for (const turn of turns) {
    const members = turn.map((index) => `k${index}`).filter((cluster) => topology.sites.some((site) => site.cluster === cluster));
    const wanted = wantedChanges(topology, standing, 'k0', members);
    if (wanted.kind === 'refused') {
      expect(wanted.reasons.length).toBeGreaterThan(0);
      continue;
    }
    standing = after(wanted, standing);
    look(standing, wanted);
    if (members.length === 0) standing = { ...standing, lan: null, freshId: '00000000ff' };
  }
};
const standingOn = ({ circuits }: Standing, { lan }: LanChanges): readonly Circuit[] =>
  circuits.filter((circuit) => circuit.lan === lan.id && circuit.state === 'ready');
const hold = (look: (standing: Standing, changes: LanChanges, topology: Topology) => void): void =>
  fc.assert(
    fc.property(topologies, wishes, (topology, turns) => through(topology, turns, (standing, changes) => look(standing, changes, topology))),
    { numRuns: 400 },
  );

describe('what a LAN takes', () => {
  it('never joins two clusters without standing splices between their exchanges, and never closes a loop', () => {
    hold((standing, changes, topology) => {
      const circuits = standingOn(standing, changes);
      const attached = circuits.filter(({ kind }) => kind === 'attachment');
      const [first] = attached;
      if (first === undefined) return expect(circuits).toEqual([]);
      const reached = joinedBy(topology, circuits, first.exchange);
      expect(attached.map(({ member }) => member).sort()).toEqual([...changes.clusters].sort());
      for (const { exchange } of attached) {
        expect(reached.has(exchange)).toBe(true);
        expect(circuits.filter((one) => one.kind === 'segment' && one.exchange === exchange)).toHaveLength(1);
      }
      const segments = circuits.filter(({ kind }) => kind === 'segment');
      expect(circuits.filter(({ kind }) => kind === 'spliceEnd')).toHaveLength(2 * (segments.length - 1));
      expect(segments.every(({ exchange }) => reached.has(exchange))).toBe(true);
    });
  });

  it('never gives a tag twice on a connection, an address twice on a LAN, or a reference twice', () => {
    hold(({ circuits }, changes) => {
      const tags = circuits.flatMap(({ exchange, connection, vlan }) => (vlan === null ? [] : [`${vlanKey(exchange, connection ?? '')}/${vlan}`]));
      expect(new Set(tags).size).toBe(tags.length);
      const standing = circuits.filter(({ lan, state }) => lan === changes.lan.id && state === 'ready');
      const addresses = standing.flatMap(({ ipv4 }) => ipv4 ?? []);
      expect(new Set(addresses).size).toBe(addresses.length);
      expect(new Set(circuits.map(({ ref }) => ref)).size).toBe(circuits.length);
      expect(circuits.every(({ ref }) => ref.length <= 128)).toBe(true);
    });
  });

  it('never plans a packet larger than any part of the LAN carries', () => {
    hold((standing, changes, topology) => {
      const circuits = standingOn(standing, changes);
      if (circuits.length === 0) return;
      const parts = [
        ...topology.exchanges.filter(({ name }) => circuits.some((one) => one.exchange === name)),
        ...topology.splices.filter(({ name }) => circuits.some((one) => one.kind === 'spliceEnd' && one.member === name)),
        ...topology.sites.filter(({ cluster }) => circuits.some((one) => one.kind === 'attachment' && one.member === cluster)),
      ].map(({ mtuBytes }) => mtuBytes);
      expect(changes.mtu.bytes).toBe(Math.min(...parts));
    });
  });

  it('orders nothing and cancels nothing when what is wanted stands', () => {
    hold((standing, changes, topology) => {
      if (changes.clusters.length === 0) return;
      expect(wantedChanges(topology, standing, 'k0', changes.clusters)).toMatchObject({ kind: 'changes', order: [], cancel: [] });
    });
  });

  it('orders segments before what hangs on them, cancels them after it, and can undo every order', () => {
    hold((_, changes, topology) => {
      const { steps } = joinSteps(topology, changes, {});
      const ordered = steps.filter(({ kind }) => kind === kinds.order);
      expect(ordered).toHaveLength(changes.order.length);
      expect(steps.every(({ undo }) => undo.kind !== 'irreversible')).toBe(true);
      expect(ordered.every(({ undo }) => undo.kind === 'undo')).toBe(true);
      const kindOf = (title: string): boolean => title.includes('segment');
      const firstOther = ordered.findIndex(({ title }) => !kindOf(title));
      if (firstOther >= 0) expect(ordered.slice(firstOther).some(({ title }) => kindOf(title))).toBe(false);
      const cancelled = leaveSteps(topology, changes.lan, changes.cancel, {}).steps.filter(({ kind }) => kind === kinds.cancel);
      expect(cancelled).toHaveLength(changes.cancel.length);
      const firstSegment = cancelled.findIndex(({ title }) => kindOf(title));
      if (firstSegment >= 0) expect(cancelled.slice(firstSegment).every(({ title }) => kindOf(title))).toBe(true);
    });
  });
});

const federation = (): Topology => {
  const { topology, faults } = readTopology({
    exchanges: ['ams-ix', 'de-cix', 'top-ix', 'new-york'].map((name) => ({
      name,
      title: name.toUpperCase(),
      kind: 'manual' as const,
      profile: '2.4' as const,
      mtuBytes: 9000,
      prices: { segment: { eurOnce: 10, eurPerMonth: 100 }, attachment: { eurOnce: 5, eurPerMonth: 200 } },
    })),
    splices: [
      {
        name: 'ams-fra',
        between: ['ams-ix', 'de-cix'],
        connections: ['x', 'y'],
        vlans: [[2101, 3101]],
        mtuBytes: 9000,
        capacityMbps: 10_000,
        eurPerMonth: 420,
        owner: 'c',
      },
      {
        name: 'fra-tur',
        between: ['de-cix', 'top-ix'],
        connections: ['y', 'z'],
        vlans: [[3102, 412]],
        mtuBytes: 1500,
        capacityMbps: 1000,
        eurPerMonth: 310,
        owner: 'c',
      },
    ],
    sites: [
      ['harbour', 'ams-ix'],
      ['po', 'top-ix'],
      ['hudson', 'new-york'],
    ].map(([cluster = '', exchange = '']) => ({
      cluster,
      exchange,
      connection: `port-of-${cluster}`,
      roleAssignments: [],
      vlans: { from: 2000, to: 2999 },
      capacityMbps: 1000,
      interface: 'eth1',
      mtuBytes: 9000,
    })),
    lan: { ipv4: '100.64.0.0/10', prefixBits: 26 },
  });
  if (!topology) throw new Error(JSON.stringify(faults));
  return topology;
};

describe('the demo federation', () => {
  it('reaches Turin through Frankfurt, where nobody is attached, at the MTU of the narrow splice', () => {
    const wanted = wantedChanges(federation(), empty, 'harbour', ['po']);
    if (wanted.kind === 'refused') throw new Error(JSON.stringify(wanted));
    expect(wanted).toMatchObject({
      tree: { exchanges: ['ams-ix', 'de-cix', 'top-ix'], splices: ['ams-fra', 'fra-tur'] },
      mtu: { bytes: 1500, because: 'splice fra-tur' },
    });
    expect(costOf(federation(), wanted.order)).toEqual({ eurOnce: 3 * 10 + 6 * 5, eurPerMonth: 3 * 100 + 6 * 200 + 420 + 310 });
  });

  it('refuses New York, and names the splice that is missing', () => {
    expect(wantedChanges(federation(), empty, 'harbour', ['hudson'])).toEqual({
      kind: 'refused',
      reasons: [
        {
          message: 'hudson is connected at NEW-YORK, and no splice joins NEW-YORK with any of AMS-IX, DE-CIX, TOP-IX.',
          fix: 'Configure a splice between new-york and ams-ix or de-cix or top-ix, or choose a provider that is connected there.',
        },
      ],
    });
  });

  it('gives the LAN a network that meets no range of a member', () => {
    const wanted = wantedChanges(federation(), { ...empty, rangesTaken: ['100.64.0.0/24', '100.64.1.0/26'] }, 'harbour', ['po']);
    expect(wanted).toMatchObject({ lan: { ipv4: '100.64.1.64/26', ipv6: 'fd7f:3a00:b1c2::/64' } });
    expect(parseRange('fd7f:3a00:b1c2::/64')).not.toBeNull();
  });
});
