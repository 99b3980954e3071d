import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aCluster, aFact, aRequest, aSnapshot } from '../../../../test/fixtures/worlds.ts';
import { explain, parseCriterion, parsePreference, place } from '../index.ts';
import { farthestKm, kmBetween, pointOf, printPoint, readPoint } from './distance.ts';
import type { Point } from './distance.ts';

const somewhere: fc.Arbitrary<Point> = fc
  .tuple(fc.double({ min: -90, max: 90, noNaN: true }), fc.double({ min: -180, max: 180, noNaN: true }))
  .map(([latitude, longitude]) => pointOf(latitude, longitude) ?? { latitude: 0, longitude: 0 });

test('a great circle is as long as is known of it', () => {
  const at = (text: string): Point => readPoint(text) ?? { latitude: 0, longitude: 0 };
  // from published tables of distances between cities, to a tenth of a percent
  expect(kmBetween(at('52.3676,4.9041'), at('48.8566,2.3522'))).toBeCloseTo(430, -1);
  expect(kmBetween(at('0,0'), at('0,180'))).toBeCloseTo(20_015, 0);
  expect(kmBetween(at('90,0'), at('-90,77'))).toBeLessThanOrEqual(farthestKm);
  expect(kmBetween(at('51,179.9'), at('51,-179.9'))).toBeLessThan(15);
  fc.assert(
    fc.property(somewhere, somewhere, somewhere, (one, other, third) => {
      expect(kmBetween(one, other)).toBe(kmBetween(other, one));
      expect(kmBetween(one, other)).toBeLessThanOrEqual(kmBetween(one, third) + kmBetween(third, other) + 0.01);
      expect(readPoint(printPoint(one))).toEqual(one);
    }),
  );
});

test('an offer that tells no position is nowhere near, and says so; one that does is told how far it is', () => {
  const clusters = [
    aCluster('near', { facts: [aFact('position', '52.3 4.8')] }),
    aCluster('far', { facts: [aFact('position', '48.85 2.35')] }),
    aCluster('mute'),
  ];
  const criteria = [parseCriterion('distance(52.37,4.9)<=100km')];
  const placement = place(aRequest({ criteria, replicas: 1 }), aSnapshot(...clusters));
  expect(placement.chosen).toEqual([{ cluster: 'near', replicas: 1 }]);
  const [, , ...others] = explain(placement);
  expect(others.join('\n')).toContain(
    'far: no, distance(52.37,4.9)<=100km but 430.718 km away, at 48.85 2.35 (declared). To match: ask distance(52.37,4.9)<=430.718km',
  );
  expect(others.join('\n')).toContain('mute: no, nobody stated what distance(52.37,4.9)<=100km asks');
  const preferred = place(aRequest({ preferences: [parsePreference('distance(48.8,2.3)')], replicas: 1 }), aSnapshot(...clusters));
  expect(preferred.candidates.map(({ cluster }) => cluster)).toEqual(['far', 'mute', 'near']);
});

test('a preferred criterion weighs as it says, and its score is told with its reason', () => {
  const clusters = [
    aCluster('cheap', { facts: [aFact('price', 0.01), aFact('country', 'NL')] }),
    aCluster('german', { facts: [aFact('price', 0.03), aFact('country', 'DE')] }),
    aCluster('mute'),
  ];
  const first = (...prefer: string[]) => place(aRequest({ preferences: prefer.map(parsePreference), replicas: 1 }), aSnapshot(...clusters)).candidates[0];
  expect(first('price', 'country=DE*3')).toMatchObject({ cluster: 'german', total: 0.75 });
  expect(first('price*3', 'country=DE')).toMatchObject({ cluster: 'cheap', total: 0.75 });
  expect(first('country=DE')?.opinions.at(-1)).toMatchObject({ criterion: 'country=DE', verdict: 'scored', score: 1, found: 'DE (declared)' });
});
