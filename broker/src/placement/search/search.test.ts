import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aCriterion, someFacts, somePreferences } from '../../../../test/fixtures/randomWorlds.ts';
import { aCluster, aRequest, resources } from '../../../../test/fixtures/worlds.ts';
import type { Fact } from '../../catalogue/index.ts';
import { satisfies } from '../criteria/fact.ts';
import { parseCriterion, place } from '../index.ts';
import type { Criterion, Preference } from '../placement.ts';
import { find } from './find.ts';
import type { Found, Query } from './find.ts';
import { createOfferIndex } from './offerIndex.ts';
import type { OfferIndex } from './offerIndex.ts';

const told = (name: string, facts: readonly Fact[], endsAt: number | null = null) => ({
  id: `https://${name}.example/offer`,
  provider: `did:web:${name}.example`,
  name,
  cluster: null,
  facts,
  endsAt,
});
const offers = fc.array(someFacts, { maxLength: 12 });
const ask = (index: OfferIndex, query: Partial<Query>): Found =>
  find(index.read(), { criteria: [], preferences: [], text: '', facets: [], offset: 0, limit: 100, ...query });

/** The same by `place`: names come in the same order. */
function plainly(worlds: readonly Fact[][], criteria: readonly Criterion[], preferred: readonly Preference[]) {
  const clusters = worlds.map((facts, index) =>
    aCluster(nameAt(index), { facts, reach: 'offered', provider: `did:web:${nameAt(index)}.example`, free: resources(1) }),
  );
  const request = aRequest({ criteria, preferences: preferred, reach: 'offered', replicas: 1, each: resources(0, { memoryBytes: 0, pods: 0 }) });
  return place(request, { version: 1, takenAt: '', clusters }).candidates;
}
const nameAt = (index: number): string => `c${String(index).padStart(3, '0')}`;

test('the index and the plain evaluation of the same criteria agree, in what matches, in scores and in their order', () => {
  fc.assert(
    fc.property(offers, fc.array(aCriterion, { maxLength: 3 }), somePreferences, (worlds, criteria, preferred) => {
      const index = createOfferIndex();
      // what was there before and has changed, and what is gone, must not count
      for (const [at, facts] of worlds.entries()) {
        index.put(`k${at}`, told(nameAt(at), worlds[at + 1] ?? []));
        index.put(`gone${at}`, told('gone', facts));
      }
      for (const [at, facts] of worlds.entries()) {
        index.put(`k${at}`, told(nameAt(at), facts));
        index.remove(`gone${at}`);
      }
      const found = ask(index, { criteria, preferences: preferred });
      const expected = plainly(worlds, criteria, preferred);
      expect(found.total).toBe(worlds.length);
      expect(found.matching).toBe(expected.filter(({ total }) => total !== null).length);
      const wanted = expected.map(({ cluster, total }) => ({ key: `k${Number(cluster.slice(1))}`, matches: total !== null }));
      const order = (list: readonly { key: string; matches: boolean }[], matches: boolean) =>
        list.filter((each) => each.matches === matches).map(({ key }) => key);
      expect(order(found.hits, false)).toEqual(order(wanted, false).toSorted());
      for (const [at, { total }] of expected.filter((each) => each.total !== null).entries()) expect(found.hits[at]?.total).toBeCloseTo(total ?? 0, 9);
      expect(order(found.hits, true).toSorted()).toEqual(order(wanted, true).toSorted());
    }),
    { numRuns: 500 },
  );
});

test('a page is a piece of the whole, and pages do not overlap', () => {
  fc.assert(
    fc.property(offers, fc.array(aCriterion, { maxLength: 2 }), somePreferences, fc.integer({ min: 1, max: 5 }), (worlds, criteria, preferred, limit) => {
      const index = createOfferIndex();
      for (const [at, facts] of worlds.entries()) index.put(`k${at}`, told(nameAt(at), facts));
      const whole = ask(index, { criteria, preferences: preferred }).hits.map(({ key }) => key);
      const pages: string[] = [];
      for (let offset = 0; offset < worlds.length; offset += limit)
        pages.push(...ask(index, { criteria, preferences: preferred, offset, limit }).hits.map(({ key }) => key));
      expect(pages).toEqual(whole);
    }),
  );
});

test('what would let more in lets in exactly as many, and less would not do', () => {
  fc.assert(
    fc.property(offers, fc.array(aCriterion, { minLength: 1, maxLength: 3 }), (worlds, criteria) => {
      const index = createOfferIndex();
      for (const [at, facts] of worlds.entries()) index.put(`k${at}`, told(nameAt(at), facts));
      const found = ask(index, { criteria });
      const matching = (of: readonly Criterion[]): number =>
        worlds.filter((facts) => of.every((each) => satisfies(each)(facts.filter(({ name }) => name === each.fact)))).length;
      for (const { criterion, instead, without } of found.wider) {
        const others = criteria.filter(
          (each) => parseCriterion(criterion).fact !== each.fact || JSON.stringify(each) !== JSON.stringify(parseCriterion(criterion)),
        );
        // the same criterion twice is left away by nobody
        if (others.length !== criteria.length - 1) continue;
        expect(matching(others) - found.matching).toBe(without);
        if (instead !== null) expect(matching([...others, parseCriterion(instead.criterion)]) - found.matching).toBe(instead.more);
        expect(instead === null || instead.more > 0).toBe(true);
      }
    }),
  );
});

test('counts the values of a fact among what satisfies everything else', () => {
  const index = createOfferIndex();
  const stating = (country: string, label: string): Fact[] => [
    { name: 'country', group: 'locality', value: country, assurance: 'declared', credential: '', issuer: '', validUntil: null },
    { name: 'label', group: 'compliance', value: label, assurance: 'certified', credential: '', issuer: '', validUntil: null },
  ];
  for (const [at, [country, label]] of [
    ['DE', 'L1'],
    ['DE', 'L3'],
    ['NL', 'L3'],
    ['IT', 'SC'],
  ].entries())
    index.put(`k${at}`, told(`n${at}`, stating(country ?? '', label ?? '')));
  index.put('k9', told('n9', []));
  const { facets, wider, matching } = ask(index, { criteria: ['country=DE', 'label>=L2'].map(parseCriterion), facets: ['country', 'label', 'city'] });
  expect(matching).toBe(1);
  expect(facets.map(({ fact, values, unknown }) => [fact, Object.fromEntries(values.map(({ value, count }) => [value, count])), unknown])).toEqual([
    ['country', { DE: 1, NL: 1 }, 0],
    ['label', { L1: 1, L3: 1 }, 0],
    ['city', {}, 1],
  ]);
  expect(wider).toEqual([
    { criterion: 'country=DE', instead: { criterion: 'country=DE,NL', more: 1 }, without: 1 },
    { criterion: 'label>=L2', instead: { criterion: 'label>=L1', more: 1 }, without: 1 },
  ]);
});

test('finds words by their beginnings, in names, ids and what is stated', () => {
  const index = createOfferIndex();
  const fact = (value: string): Fact => ({ name: 'city', group: 'locality', value, assurance: 'declared', credential: '', issuer: '', validUntil: null });
  index.put('a', told('Hafen Nord', [fact('Hamburg')]));
  index.put('b', told('Hafen Süd', [fact('Genova')]));
  const keys = (text: string): string[] => ask(index, { text }).hits.map(({ key }) => key);
  expect(keys('hafen')).toEqual(['a', 'b']);
  expect(keys('HAF süd')).toEqual(['b']);
  expect(keys('ham')).toEqual(['a']);
  expect(keys('amburg')).toEqual([]);
  expect(keys('  ')).toEqual(['a', 'b']);
  index.put('b', told('Molo', [fact('Genova')]));
  expect(keys('süd')).toEqual([]);
  expect(keys('genova')).toEqual(['b']);
});

test('tells what has ended, and stays the same when the dead are cleared away', () => {
  const index = createOfferIndex();
  index.put('a', told('a', [], 1000));
  index.put('b', told('b', [], 2000));
  expect(index.ended(999)).toEqual([]);
  expect(index.ended(1000)).toEqual(['a']);
  index.remove('a');
  expect(index.ended(1500)).toEqual([]);
  const fact: Fact = { name: 'price', group: 'technical', value: 0.03, assurance: 'declared', credential: '', issuer: '', validUntil: null };
  for (let round = 0; round < 2500; round += 1) index.put('b', told(`b${round}`, [{ ...fact, value: round }], 3000));
  expect(index.read().slots).toBeLessThan(2000);
  expect(ask(index, { criteria: [parseCriterion('price=2499')] })).toMatchObject({ total: 1, matching: 1 });
  expect(ask(index, { text: 'b2499' }).total).toBe(1);
  expect(index.ended(3000)).toEqual(['b']);
});

test('an offer is found by what it is called, wherever it stands among the others, and scores as it does among them', () => {
  const index = createOfferIndex();
  const priced = (value: number): Fact => ({ name: 'price', group: 'technical', value, assurance: 'declared', credential: 'c', issuer: 'i', validUntil: null });
  for (let at = 0; at < 1500; at += 1) index.put(`k${at}`, told(nameAt(at), [priced(at + 1)]));
  const query = { preferences: [{ fact: 'price', direction: 'lowest', weight: 1 }] as const, limit: 1000 };
  const whole = ask(index, { ...query, limit: 2000 });
  for (const name of ['c1499', 'https://c1499.example/offer']) {
    const found = ask(index, { ...query, named: [name] });
    expect(found.hits).toEqual(whole.hits.filter(({ key }) => key === 'k1499'));
    expect(found.hits).toHaveLength(1);
    expect(found.total).toBe(1500);
  }
  expect(ask(index, { ...query, named: ['c149', 'nobody'] }).hits.map(({ key }) => key)).toEqual(['k149']); // not what only begins so
  expect(ask(index, { ...query, named: ['c14'] }).hits).toEqual([]);
});
