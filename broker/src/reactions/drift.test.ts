import { describe, expect, it } from 'vitest';
import { aCluster, aFact, aRequest, aSnapshot } from '../../../test/fixtures/worlds.ts';
import { nothing, parseCriterion, parsePreference, place, type PlacementRequest, type Snapshot } from '../placement/index.ts';
import { priceSignals, proofSignals } from './drift.ts';

const priced = (pa: number, pb: number): Snapshot =>
  aSnapshot(aCluster('pa', { facts: [aFact('price', pa)] }), aCluster('pb', { facts: [aFact('price', pb)] }));
const drift = (request: Partial<PlacementRequest>, before: Snapshot | null, fresh: Snapshot) => ({
  application: 'shop',
  clusters: ['pa'],
  now: place(aRequest({ ...request, each: nothing }), fresh),
  before,
  fresh,
});
const cheap = { preferences: [parsePreference('price')] };

describe('a price that changed', () => {
  it('is told where another is better now', () => {
    expect(priceSignals(drift(cheap, priced(40, 50), priced(60, 50)))).toMatchObject([{ cause: 'price', provider: 'pa', application: 'shop' }]);
    expect(priceSignals(drift(cheap, priced(40, 50), priced(40, 30)))[0]?.found).toContain('pb is better for shop than pa now');
  });

  it('is no news where it was so when it was placed, where pa is still the best, where nobody asked for it, or where nobody knows', () => {
    expect(priceSignals(drift(cheap, priced(60, 50), priced(60, 50)))).toEqual([]);
    expect(priceSignals(drift(cheap, priced(40, 50), priced(45, 50)))).toEqual([]);
    expect(priceSignals(drift({}, priced(40, 50), priced(60, 50)))).toEqual([]);
    expect(priceSignals(drift(cheap, null, priced(60, 50)))).toEqual([]);
  });

  it('of a third does not make news of what was dearer all along', () => {
    const third = (price: number): Snapshot => aSnapshot(...priced(60, 50).clusters, aCluster('pc', { facts: [aFact('price', price)] }));
    expect(priceSignals(drift(cheap, third(70), third(65)))).toEqual([]);
  });
});

describe('a proof that lapsed', () => {
  const asked = { criteria: [parseCriterion('country=NL')] };
  const seat = (country: string | null): Snapshot => aSnapshot(aCluster('pa', { facts: country === null ? [] : [aFact('country', country)] }));

  it('is told with what was asked and what is found, also when nothing is shown any more', () => {
    expect(proofSignals(drift(asked, null, seat('DE')))).toMatchObject([{ cause: 'proof', provider: 'pa', application: 'shop' }]);
    expect(proofSignals(drift(asked, null, seat(null)))[0]?.found).toContain('country=NL');
  });

  it('is told of a measurement that says otherwise, and not of one that is missing: nobody is left because Hanse did not look', () => {
    const near = { criteria: [parseCriterion('latency.ms<=20@measured')] };
    const latency = (ms: number) => aFact('latency.ms', ms, { assurance: 'measured', credential: 'measured' });
    const at = (...facts: readonly ReturnType<typeof aFact>[]) => proofSignals(drift(near, null, aSnapshot(aCluster('pa', { facts }))));
    expect(at(latency(80))).toMatchObject([{ cause: 'proof', provider: 'pa' }]);
    expect(at()).toEqual([]);
    expect(at(latency(12))).toEqual([]);
  });

  it('is not told of what still holds, nor of want of room, nor of who is excluded by name', () => {
    expect(proofSignals(drift(asked, null, seat('NL')))).toEqual([]);
    const full = aSnapshot(aCluster('pa', { free: nothing, freeSource: 'closed' }));
    expect(proofSignals({ ...drift({}, null, full), now: place(aRequest({ exclude: [] }), full) })).toEqual([]);
    expect(proofSignals(drift({ exclude: ['pa'] }, null, seat('NL')))).toEqual([]);
  });
});
