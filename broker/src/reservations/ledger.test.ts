import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, freeIn } from './ledger.ts';
import type { Amount, Ledger, Request } from './ledger.ts';

const amount = (max: number) => fc.record({ cpuMillis: fc.nat(max), memoryBytes: fc.nat(max), pods: fc.nat(max), gpus: fc.nat(max) });
const booking = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const pool = fc.constantFrom('pa', 'pb', 'pc', 'nowhere');
const request: fc.Arbitrary<Request> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('reserve' as const),
      booking,
      operation: fc.constant(null),
      parts: fc.array(fc.record({ pool, amount: amount(6) }), { maxLength: 3 }),
      seconds: fc.constant(60),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('apply' as const), booking }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), booking }) },
);
const ten: Amount = { cpuMillis: 10, memoryBytes: 10, pods: 10, gpus: 10 };
const ledger = (): Ledger => ({
  capacity: new Map([
    ['pa', ten],
    ['pb', ten],
    ['pc', ten],
  ]),
  used: new Map(),
  bookings: new Map(),
});
const keys = ['cpuMillis', 'memoryBytes', 'pods', 'gpus'] as const;

/** Counted from the bookings alone. */
const booked = (of: Ledger, name: string, key: keyof Amount): number =>
  [...of.bookings.values()].flatMap(({ parts }) => parts.filter((part) => part.pool === name)).reduce((sum, part) => sum + part.amount[key], 0);

describe('the ledger', () => {
  it('never books more than a pool has, and counts what it booked', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 60 }), (requests) => {
        const of = ledger();
        for (const each of requests) {
          decide(of, each);
          for (const name of of.capacity.keys())
            for (const key of keys) {
              expect(booked(of, name, key)).toBeLessThanOrEqual(10);
              expect(of.used.get(name)?.[key] ?? 0).toBe(booked(of, name, key));
            }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('changes nothing when it answers that the capacity is taken, and says what is free', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 40 }), request, (requests, last) => {
        const of = ledger();
        for (const each of requests) decide(of, each);
        const before = structuredClone(of.bookings);
        const answer = decide(of, last);
        if (answer.kind !== 'taken') return;
        expect(of.bookings).toEqual(before);
        expect(answer.free).toEqual(freeIn(of, answer.pool));
      }),
      { numRuns: 200 },
    );
  });

  it('refuses a negative or broken amount, which would make room that is not there', () => {
    for (const cpuMillis of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const answer = decide(ledger(), { kind: 'reserve', booking: 'a', operation: null, parts: [{ pool: 'pa', amount: { ...ten, cpuMillis } }], seconds: 1 });
      expect(answer.kind).toBe('taken');
    }
  });

  it('gives back what was booked when a booking is made again with another size, and keeps it applied', () => {
    const of = ledger();
    const ask = (cpuMillis: number) =>
      decide(of, { kind: 'reserve', booking: 'a', operation: null, parts: [{ pool: 'pa', amount: { ...ten, cpuMillis } }], seconds: 1 });
    expect(ask(10).kind).toBe('held');
    expect(decide(of, { kind: 'apply', booking: 'a' }).kind).toBe('applied');
    expect(ask(4).kind).toBe('applied');
    expect(freeIn(of, 'pa')?.cpuMillis).toBe(6);
  });
});
