import fc from 'fast-check';
import { expect, test } from 'vitest';
import { someClusters, someFacts, someRequest, aCriterion } from '../../../test/fixtures/randomWorlds.ts';
import { aCluster, aFact, aRequest, aSnapshot, resources } from '../../../test/fixtures/worlds.ts';
import { localityFacts } from './assemble.ts';
import { factJudge } from './criteria/fact.ts';
import { parseCriterion, parsePreference, place } from './index.ts';
import { relaxed } from './relax.ts';
import type { Placement, PlacementRequest, Snapshot } from './index.ts';

const runs = { numRuns: 1000, seed: 3 };
const world = fc.tuple(someRequest, someClusters()).map(([request, clusters]) => ({ request, snapshot: aSnapshot(...clusters) }));
const chosenNames = ({ chosen }: Placement): string[] => (chosen ?? []).map(({ cluster }) => cluster);

test('never places a replica where any opinion excludes', () => {
  fc.assert(
    fc.property(world, ({ request, snapshot }) => {
      const placement = place(request, snapshot);
      for (const name of chosenNames(placement)) {
        const candidate = placement.candidates.find(({ cluster }) => cluster === name);
        expect(candidate?.opinions.some(({ verdict }) => verdict === 'excluded')).toBe(false);
      }
    }),
    runs,
  );
});

test('never places a workload outside the countries it names, nor on a country that nobody stated', () => {
  const request = aRequest({ criteria: [parseCriterion('country=DE,NL')], replicas: 1 });
  const facts = fc.option(fc.constantFrom('DE', 'NL', 'IT', 'US'), { nil: undefined });
  fc.assert(
    fc.property(fc.array(facts, { maxLength: 8 }), (countries) => {
      const clusters = countries.map((country, index) => aCluster(`c${index}`, { facts: country === undefined ? [] : [aFact('country', country)] }));
      for (const name of chosenNames(place(request, aSnapshot(...clusters)))) expect(['DE', 'NL']).toContain(countries[Number(name.slice(1))]);
    }),
    runs,
  );
});

test('never chooses more than is free', () => {
  fc.assert(
    fc.property(world, ({ request, snapshot }) => {
      for (const { cluster: name, replicas } of place(request, snapshot).chosen ?? []) {
        const free = snapshot.clusters.find((cluster) => cluster.name === name)?.free ?? resources(0, { pods: 0 });
        expect(request.each.cpuMillis * replicas).toBeLessThanOrEqual(free.cpuMillis);
        expect(request.each.memoryBytes * replicas).toBeLessThanOrEqual(free.memoryBytes);
        expect(request.each.pods * replicas).toBeLessThanOrEqual(free.pods);
      }
    }),
    runs,
  );
});

test('one more cluster never takes an answer away', () => {
  fc.assert(
    fc.property(world, someClusters(1), ({ request, snapshot }, more) => {
      const larger = aSnapshot(...snapshot.clusters, ...more.map((cluster) => ({ ...cluster, name: 'new' })));
      if (place(request, snapshot).chosen !== null) expect(place(request, larger).chosen).not.toBeNull();
    }),
    runs,
  );
});

test('answers the same whatever order clusters and facts come in', () => {
  const shuffled = world.chain(({ request, snapshot }) =>
    fc.tuple(fc.shuffledSubarray([...snapshot.clusters], { minLength: snapshot.clusters.length }), fc.boolean()).map(([clusters, reversed]) => ({
      request,
      snapshot,
      other: { ...snapshot, clusters: clusters.map((each) => (reversed ? { ...each, facts: each.facts.toReversed() } : each)) },
    })),
  );
  fc.assert(
    fc.property(shuffled, ({ request, snapshot, other }) => {
      expect(place(request, other)).toEqual(place(request, snapshot));
    }),
    runs,
  );
});

test('keeps one opinion of every cluster for every criterion and preference', () => {
  fc.assert(
    fc.property(world, ({ request, snapshot }) => {
      const { candidates } = place(request, snapshot);
      expect(candidates.map(({ cluster }) => cluster).toSorted()).toEqual(snapshot.clusters.map(({ name }) => name).toSorted());
      for (const { opinions } of candidates) {
        expect(opinions.filter(({ verdict }) => verdict === 'scored')).toHaveLength(request.preferences.length);
        expect(opinions.length).toBeGreaterThanOrEqual(request.criteria.length + request.preferences.length + 2);
      }
    }),
    runs,
  );
});

test('a relaxed criterion is satisfied by the cluster it was relaxed for', () => {
  let count = 0;
  fc.assert(
    fc.property(aCriterion, someFacts, (criterion, facts) => {
      const cluster = aCluster('c', { facts });
      const relaxation = relaxed(factJudge(criterion)(cluster));
      if (relaxation === null) return;
      count += 1;
      expect(factJudge(parseCriterion(relaxation))(cluster)).toMatchObject({ verdict: 'satisfied', asked: relaxation });
    }),
    { numRuns: 5000, seed: 3 },
  );
  expect(count).toBeGreaterThan(500);
});

// What allocate promises, tried on every possible answer.
const everySplit = function* (rooms: readonly number[], replicas: number): Generator<number[]> {
  const [room, ...others] = rooms;
  if (room === undefined) {
    if (replicas === 0) yield [];
    return;
  }
  for (let count = 0; count <= Math.min(room, replicas); count += 1) for (const rest of everySplit(others, replicas - count)) yield [count, ...rest];
};

const worth = (request: PlacementRequest, snapshot: Snapshot, { candidates, chosen }: Pick<Placement, 'candidates' | 'chosen'>): readonly number[] => {
  const held = new Map<string, number>();
  let score = 0;
  for (const { cluster, replicas } of chosen ?? []) {
    const provider = snapshot.clusters.find(({ name }) => name === cluster)?.provider ?? '';
    held.set(provider, (held.get(provider) ?? 0) + replicas);
    score += (candidates.find((each) => each.cluster === cluster)?.total ?? 0) * replicas;
  }
  const fitting = new Set(
    candidates.filter(({ total }) => total !== null).map(({ cluster }) => snapshot.clusters.find(({ name }) => name === cluster)?.provider),
  );
  const wanted = Math.min(request.providersMin, request.replicas, fitting.size);
  const even = Math.ceil(request.replicas / Math.max(1, wanted));
  return [Math.min(held.size, wanted), -Math.max(even, ...held.values()), Math.round(score * 1e9)];
};

const isBetter = (left: readonly number[], right: readonly number[]): boolean => {
  const first = left.findIndex((each, index) => each !== right[index]);
  return first !== -1 && (left[first] ?? 0) > (right[first] ?? 0);
};

test('no other answer spreads better, shares more evenly or scores higher', () => {
  let tried = 0;
  const open = world.map(({ request: { among: _, ...request }, snapshot }) => ({
    request: { ...request, criteria: request.criteria.slice(0, 1), exclude: [] },
    snapshot: aSnapshot(...snapshot.clusters.map((each) => ({ ...each, role: 'provider' as const, reach: 'federated' as const }))),
  }));
  fc.assert(
    fc.property(open, ({ request, snapshot }) => {
      const placement = place(request, snapshot);
      const fitting = placement.candidates.filter(({ total }) => total !== null).map(({ cluster }) => cluster);
      const rooms = fitting.map((name) => {
        const free = snapshot.clusters.find((cluster) => cluster.name === name)?.free;
        return free == null ? 0 : Math.min(free.pods, free.cpuMillis / 500, free.memoryBytes / request.each.memoryBytes);
      });
      const own = worth(request, snapshot, placement);
      for (const split of everySplit(rooms, request.replicas)) {
        expect(placement.chosen).not.toBeNull();
        const chosen = split.flatMap((replicas, index) => (replicas === 0 ? [] : [{ cluster: fitting[index] ?? '', replicas }]));
        expect(isBetter(worth(request, snapshot, { ...placement, chosen }), own)).toBe(false);
        tried += 1;
      }
    }),
    { numRuns: 1000, seed: 5 },
  );
  expect(tried).toBeGreaterThan(1000);
});

test('considers the home cluster only where it is named, and an unfederated one only where that is asked', () => {
  const snapshot = aSnapshot(aCluster('home', { role: 'home' }), aCluster('pa', { reach: 'added' }));
  expect(place(aRequest(), snapshot).chosen).toBeNull();
  expect(place(aRequest({ among: ['home'] }), snapshot).chosen).toEqual([{ cluster: 'home', replicas: 2 }]);
  expect(place(aRequest({ reach: 'added' }), snapshot).chosen).toEqual([{ cluster: 'pa', replicas: 2 }]);
});

test('prefers what is preferred, and goes by name where all are alike', () => {
  const snapshot = aSnapshot(aCluster('pb', { facts: [aFact('price', 0.02)] }), aCluster('pa', { facts: [aFact('price', 0.03)] }));
  expect(chosenNames(place(aRequest(), snapshot))).toEqual(['pa']);
  expect(chosenNames(place(aRequest({ preferences: [parsePreference('price')] }), snapshot))).toEqual(['pb']);
  expect(place(aRequest({ replicas: 6, providersMin: 2 }), snapshot).chosen).toEqual([
    { cluster: 'pa', replicas: 3 },
    { cluster: 'pb', replicas: 3 },
  ]);
});

test('knows where the home cluster is from a region code of its nodes, and from nothing else', () => {
  const told = (...regions: string[]) => localityFacts('harbour', regions).map(({ name, value, assurance }) => `${name}=${value} ${assurance}`);
  expect(told('NL32', 'NL32')).toEqual(['country=NL declared', 'region=NL32 declared']);
  expect(told('US-NY')).toEqual(['country=US declared', 'region=US-NY declared']);
  expect(told('EL30', 'DE71')).toEqual(['country=DE declared', 'country=GR declared', 'region=DE71 declared', 'region=EL30 declared']);
  expect(told('eu-central-1', 'fsn1', 'europe-west3', '')).toEqual([]);
});
