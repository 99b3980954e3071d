import { describe, expect, it } from 'vitest';
import { contains, freeRange, giveOut, moved } from './addresses.ts';

describe("simulated Liqo's addresses", () => {
  it('are those that were asked for, where they are free', () => expect(giveOut('10.42.0.0/16', ['10.43.0.0/16'])).toBe('10.42.0.0/16'));

  it('are the next range that splits the least, where they are not (as Liqo 1.2 gives them out)', () => {
    const own = ['10.42.0.0/16', '10.43.0.0/16'];
    expect(freeRange(16, own)).toBe('10.40.0.0/16');
    expect(giveOut('10.42.0.0/16', [...own, '10.40.0.0/16', '10.41.0.0/16'])).toBe('10.44.0.0/16');
    // what was reserved is given to nobody
    expect(giveOut('10.42.0.0/16', [...own, '10.40.0.0/15', '10.44.0.0/14'])).toBe('10.32.0.0/16');
    expect(giveOut('10.0.0.0/8', ['10.0.0.0/8'])).toBeNull();
  });

  it('keep their place in the range', () => {
    expect(moved('10.42.3.77', '10.42.0.0/16', '10.32.0.0/16')).toBe('10.32.3.77');
    expect([contains('10.32.0.0/16', '10.32.255.1'), contains('10.32.0.0/16', '10.33.0.1')]).toEqual([true, false]);
  });
});
