import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inWords, judge, readProbe, sizesToTry } from './measurement.ts';

const by = { at: '2026-11-22T12:00:00.000Z', from: 'home' };
const read = (message: string) => {
  const reading = readProbe(message, by);
  if (reading.kind !== 'measured') throw new Error(reading.why);
  return reading.measured;
};

describe('what a probe reports of a way', () => {
  it('is read as it was measured, and said in words', () => {
    const measured = read('own=9000 sent=20 received=19 rtt=7.313 mtu=9000\n');
    expect(measured).toMatchObject({ from: 'home', sent: 20, received: 19, roundTripMs: 7.313, mtuBytes: 9000, ownMtuBytes: 9000 });
    expect(inWords(measured)).toBe('9000 bytes pass, 1 of 20 packets lost, round trip 7.3 ms');
    expect(judge(measured, 9000)).toBe('fits');
  });

  it('stays unknown when it is nothing that a probe writes', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.constant(null)), (message) => readProbe(message, by).kind === 'unknown'));
    expect(readProbe('error=ping: permission denied (are you root?)\n', by)).toEqual({ kind: 'unknown', why: 'ping: permission denied (are you root?)' });
    expect(readProbe('own=1500 sent=20 received=21 rtt=1.0 mtu=1500', by).kind).toBe('unknown');
    expect(readProbe('own=1500 sent=0 received=0 rtt= mtu=', by).kind).toBe('unknown');
  });

  it('fails a plan whose packets do not pass, never one whose packets the probe could not send', () => {
    expect(judge(read('own=9000 sent=20 received=20 rtt=1.0 mtu=1500'), 9000)).toBe('narrow');
    expect(judge(read('own=9000 sent=20 received=20 rtt=1.0 mtu='), 9000)).toBe('narrow');
    expect(judge(read('own=1500 sent=20 received=20 rtt=1.0 mtu=1500'), 9000)).toBe('fits');
    expect(judge(read('own=1420 sent=20 received=20 rtt=1.0 mtu=1400'), 9000)).toBe('fits');
    expect(judge(read('own= sent=20 received=20 rtt=1.0 mtu=1500'), 9000)).toBe('fits');
    expect(judge(read('own=1500 sent=20 received=0 rtt= mtu='), 1500)).toBe('silent');
  });

  it('tries the planned size first and never a larger one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1280, max: 9216 }), (planned) => {
        const sizes = sizesToTry(planned);
        expect(sizes[0]).toBe(planned);
        expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
      }),
    );
  });
});
