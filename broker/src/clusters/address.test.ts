import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, kindOf, overlap, parseAddress, parseRange, refuseAddress } from './address.ts';

const kind = (text: string): string => {
  const address = parseAddress(text);
  return address === null ? 'none' : kindOf(address);
};
const range = (text: string) => parseRange(text) ?? { network: [], bits: 0 };

describe('an address', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['2a00:1450:4001::1', 'public'],
    ['10.0.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['100.64.0.1', 'private'],
    ['fd12::1', 'private'],
    ['127.255.255.255', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['169.254.1.1', 'link-local'],
    ['fe80::1', 'link-local'],
    ['169.254.169.254', 'metadata'],
    ['fd00:ec2::254', 'metadata'],
    ['::ffff:169.254.169.254', 'metadata'],
    ['0.0.0.0', 'special'],
    ['::', 'special'],
    ['::127.0.0.1', 'special'],
    ['::a9fe:a9fe', 'special'],
    ['255.255.255.255', 'special'],
    ['224.0.0.1', 'special'],
    ['64:ff9b::7f00:1', 'special'],
    ['2002:7f00:1::', 'special'],
    ['127.1', 'none'],
    ['0177.0.0.1', 'none'],
    ['1.2.3.4.5', 'none'],
    ['fe80::1%eth0', 'none'],
    ['1::2::3', 'none'],
    ['12345::', 'none'],
  ])('%s is %s', (text, expected) => expect(kind(text)).toBe(expected));

  it('is the same one in every way of writing it', () => {
    const bytes = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(bytes, (four) => {
        expect(parseAddress(`::ffff:${four.join('.')}`)).toEqual(parseAddress(four.join('.')));
      }),
    );
  });

  it('that a name leads to is judged by itself', () => {
    expect(refuseAddress('api.example', '8.8.8.8', 443, [])).toBeNull();
    expect(refuseAddress('api.example', '10.0.0.1', 443, ['10.0.0.0/8'])).toBeNull();
    expect(refuseAddress('api.example', '10.0.0.1', 443, ['api.example:443'])).toBeNull();
    expect(refuseAddress('api.example', '169.254.169.254', 443, ['api.example:443', '0.0.0.0/0'])).toContain('metadata');
    expect(refuseAddress('api.example', '127.0.0.1', 443, ['0.0.0.0/0'])).toContain('loopback');
  });
});

describe('ranges', () => {
  it('overlap where one contains the other, whatever the order', () => {
    expect(overlap(range('10.42.0.0/16'), range('10.42.3.0/24'))).toBe(true);
    expect(overlap(range('10.42.0.0/16'), range('10.43.0.0/16'))).toBe(false);
    expect(contains(range('10.0.0.0/9'), [10, 127, 0, 0])).toBe(true);
    expect(contains(range('10.0.0.0/9'), [10, 128, 0, 0])).toBe(false);
    const any = fc.tuple(fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 }), fc.integer({ min: 0, max: 32 }));
    const written = ([four, bits]: readonly [readonly number[], number]) => range(`${four.join('.')}/${bits}`);
    fc.assert(
      fc.property(any, any, (left, right) => {
        expect(overlap(written(left), written(right))).toBe(overlap(written(right), written(left)));
      }),
    );
  });
});

it('any text is an address of 4 or 16 bytes, a range of such, or neither; never a crash', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:.]{0,50}(\/\d{0,4})?$/), fc.ipV4Extended(), fc.ipV6());
  fc.assert(
    fc.property(text, (given) => {
      expect([undefined, 4, 16]).toContain(parseAddress(given)?.length);
      const read = parseRange(given);
      if (read !== null) expect(read.bits).toBeLessThanOrEqual(read.network.length * 8);
    }),
    { numRuns: 3000, seed: 2 },
  );
});
