import fc from 'fast-check';
import { expect, test } from 'vitest';
import { positionIn } from './position.ts';

test('a position is read in decimal degrees, or in degrees, minutes and seconds', () => {
  expect(positionIn({ type: 'gx:GPSLocation', 'gx:latitude': '52.370216', 'gx:longitude': '+4.9' })).toBe('52.370216 4.9');
  expect(
    positionIn({ latitude: { degrees: -33, minutes: 52, seconds: 7, decimals: { '@value': '0.5' } }, longitude: { degrees: 151, minutes: 12, seconds: 36 } }),
  ).toBe('-33.86875 151.21');
});

test('what is no place on the earth, or could be read as two, is no position', () => {
  for (const [latitude, longitude] of [
    ['91', '0'],
    ['0', '180.1'],
    ['+521312', '4.9'],
    ['52° 22′', '4.9'],
    [['52.3', '48.8'], '4.9'],
    ['52.3', undefined],
    [{ degrees: 52, minutes: -3 }, '4.9'],
    [{ minutes: 3 }, { degrees: 4, seconds: 61 }],
    ['1e1', '0'],
  ])
    expect(positionIn({ latitude, longitude })).toBe(null);
  const hostile = fc.oneof(fc.anything(), fc.record({ degrees: fc.anything(), minutes: fc.anything() }), fc.constant({ degrees: { toString: 1, valueOf: 1 } }));
  fc.assert(
    fc.property(hostile, (given) => {
      expect(positionIn({ latitude: given, longitude: '0' }) ?? '0 0').toMatch(/^-?[\d.]+ 0$/);
    }),
  );
});
