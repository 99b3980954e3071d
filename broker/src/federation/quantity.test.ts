import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantityValue, readAmount } from '../clusters/quantity.ts';
import { exceeds, resourceList, resourcesInWords, sameResources } from './quantity.ts';

const resources = fc.record({
  cpuMillis: fc.integer({ min: 0, max: 10_000_000 }),
  memoryBytes: fc.integer({ min: 0, max: 2 ** 46 }),
  pods: fc.integer({ min: 0, max: 100_000 }),
  gpus: fc.integer({ min: 0, max: 1000 }),
});

describe('quantities', () => {
  it('reads back exactly what it wrote', () => {
    fc.assert(
      fc.property(resources, (one) => {
        expect(readAmount(resourceList(one))).toEqual(one);
        expect(sameResources(readAmount(resourceList(one)), one)).toBe(true);
      }),
    );
  });

  it.each([
    ['4', 4],
    ['1500m', 1.5],
    ['8Gi', 8 * 2 ** 30],
    ['20M', 20_000_000],
    ['1e3', 1000],
    ['0.5', 0.5],
  ])('reads %s', (text, value) => expect(quantityValue(text)).toBe(value));

  it('never takes for a quantity what is none', () => {
    for (const text of ['', 'many', '4 Gi', '-1', 'NaN', 'Infinity', '1e999', '0x10', '9'.repeat(40)]) expect(quantityValue(text)).toBeNull();
    fc.assert(fc.property(fc.string(), (text) => [null, 'number'].includes(quantityValue(text) === null ? null : typeof quantityValue(text))));
  });

  it('names each limit that is passed, and no other', () => {
    fc.assert(
      fc.property(resources, resources, (wanted, limit) => {
        const over = [wanted.cpuMillis > limit.cpuMillis, wanted.memoryBytes > limit.memoryBytes, wanted.pods > limit.pods, wanted.gpus > limit.gpus].filter(
          Boolean,
        ).length;
        expect(exceeds(wanted, limit)).toHaveLength(over);
        expect(exceeds(wanted, {})).toEqual([]);
      }),
    );
  });

  it('says a size in words', () =>
    expect(resourcesInWords({ cpuMillis: 4000, memoryBytes: 8 * 2 ** 30, pods: 110, gpus: 2 })).toBe('4 CPU, 8 GiB, 110 pods, 2 GPU'));
});
