import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collisions, overlap, parseRange } from './ranges.ts';

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const dotted = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
const range = fc.record({ address, prefix: fc.integer({ min: 0, max: 32 }) });
const text = ({ address: value, prefix }: { address: number; prefix: number }): string => `${dotted(value)}/${prefix}`;
const mask = (value: number, prefix: number): number => (prefix === 0 ? 0 : (value & (-1 << (32 - prefix))) >>> 0);

describe('ranges', () => {
  it('finds two ranges to overlap exactly when the wider one holds the other', () => {
    fc.assert(
      fc.property(range, range, (a, b) => {
        const prefix = Math.min(a.prefix, b.prefix);
        expect(overlap(text(a), text(b))).toBe(mask(a.address, prefix) === mask(b.address, prefix));
        expect(overlap(text(a), text(b))).toBe(overlap(text(b), text(a)));
      }),
    );
  });

  it('never throws on anything that claims to be a range', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:.]{0,45}\/\d{0,4}$/)), (garbage) => void parseRange(garbage)));
  });

  it('reads the short and the long writing of an IPv6 range as the same', () => {
    expect(parseRange('fd00::/64')).toEqual(parseRange('fd00:0:0:0:0:0:0:0/64'));
    expect(overlap('fd00::/64', 'fd00::1:0/112')).toBe(true);
    expect(overlap('fd00::/64', '0.0.0.0/0')).toBe(false);
  });

  it('names both clusters and both ranges of a collision', () => {
    const found = collisions([
      { cluster: 'harbour', podCidrs: ['10.42.0.0/16'], serviceCidrs: ['10.43.0.0/16'] },
      { cluster: 'po', podCidrs: ['10.42.0.0/16'], serviceCidrs: ['10.99.0.0/16'] },
    ]);
    expect(found).toEqual([
      'The pods of harbour (10.42.0.0/16) and the pods of po (10.42.0.0/16) use the same addresses: they cannot be routed natively to each other.',
    ]);
  });

  it('lets two clusters use the same service range, but no pod range meet a service range', () => {
    const services = ['10.96.0.0/12'];
    expect(
      collisions([
        { cluster: 'a', podCidrs: ['10.11.0.0/16'], serviceCidrs: services },
        { cluster: 'b', podCidrs: ['10.12.0.0/16'], serviceCidrs: services },
      ]),
    ).toEqual([]);
    expect(
      collisions([
        { cluster: 'a', podCidrs: ['10.100.0.0/16'], serviceCidrs: [] },
        { cluster: 'b', podCidrs: ['10.12.0.0/16'], serviceCidrs: services },
      ]),
    ).toHaveLength(1);
  });

  it('does not take an unknown range for one that fits', () => {
    expect(collisions([{ cluster: 'a', podCidrs: [], serviceCidrs: [] }])).toHaveLength(1);
    expect(collisions([{ cluster: 'a', podCidrs: ['10.0.0.0'], serviceCidrs: [] }])).toHaveLength(1);
  });
});
