import fc from 'fast-check';
import { expect, test } from 'vitest';
import { askedMin, type Heartbeats, measuredBy } from './measured.ts';

const now = Date.parse('2026-11-22T20:00:00Z');
const minuteMs = 60_000;

/** `minutes`: how long ago the ten minutes ended. */
const aPeriod = (minutes: number, more: Partial<Heartbeats> = {}): Heartbeats => ({
  firstAt: now - (minutes + 10) * minuteMs,
  lastAt: now - minutes * minuteMs,
  answeredAt: now - minutes * minuteMs,
  asked: 40,
  answered: 40,
  roundTripsMs: Array.from({ length: 40 }, () => 4.02),
  ...more,
});

test('too few probes are no measurement', () => {
  expect(measuredBy([], now)).toEqual({ availability: null, latency: null });
  const few = aPeriod(0, { asked: askedMin - 1, answered: 9, roundTripsMs: Array.from({ length: 9 }, () => 1) });
  expect(measuredBy([few], now)).toEqual({ availability: null, latency: null });
});

test('says from how many probes, since when and until when', () => {
  const { availability, latency } = measuredBy([aPeriod(600), aPeriod(5)], now);
  expect(availability).toEqual({ share: 1, probes: 80, since: '2026-11-22T09:50:00.000Z', until: '2026-11-22T20:25:00.000Z' });
  expect(latency).toEqual({ medianMs: 4.1, probes: 40, since: '2026-11-22T19:45:00.000Z', until: '2026-11-22T20:25:00.000Z' });
});

test('what is older than a day counts no longer', () => {
  const { availability } = measuredBy([aPeriod(25 * 60, { answered: 0 }), aPeriod(1)], now);
  expect(availability).toMatchObject({ share: 1, probes: 40 });
});

test('a cluster that fell silent has an availability still, and its latency ends', () => {
  const silent = aPeriod(0, { answered: 0, answeredAt: null, roundTripsMs: [] });
  expect(measuredBy([aPeriod(60), silent], now)).toMatchObject({ availability: { share: 0.5, until: '2026-11-22T20:30:00.000Z' }, latency: null });
});

test('one silence in a day is never rounded away, and fewer than half of the answers cannot hide the others', () => {
  const periods = fc.array(
    fc.record({ asked: fc.integer({ min: 1, max: 40 }), missed: fc.integer({ min: 0, max: 40 }), ms: fc.double({ min: 0.01, max: 20_000, noNaN: true }) }),
    { minLength: 1, maxLength: 20 },
  );
  fc.assert(
    fc.property(periods, (given) => {
      const heartbeats = given.map(({ asked, missed, ms }, index) => {
        const answered = Math.max(0, asked - missed);
        return aPeriod(index / 100, { asked, answered, roundTripsMs: Array.from({ length: answered }, () => ms) });
      });
      const { availability, latency } = measuredBy(heartbeats, now);
      const answered = heartbeats.reduce((sum, each) => sum + each.answered, 0);
      if (availability !== null) expect(availability.share).toBeLessThanOrEqual(answered / availability.probes);
      if (availability?.share === 1) expect(answered).toBe(availability.probes);
      if (latency === null) return;
      const all = heartbeats.flatMap(({ roundTripsMs }) => roundTripsMs);
      expect(all.filter((ms) => ms <= latency.medianMs).length * 2).toBeGreaterThanOrEqual(all.length);
    }),
  );
});
