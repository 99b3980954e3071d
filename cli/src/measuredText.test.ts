import { expect, test } from 'vitest';
import { entry } from '../../contract/src/operation.ts';
import { measuredText } from './measuredText.ts';

const cost = (readyMin: number | null, more: object = {}) => ({
  predicted: { interruptionSeconds: 0, readyMin: 5 },
  measured: { interruptionSeconds: 0, belowWantedSeconds: 0, readyMin, drainSeconds: 18, goingMsMax: 3960, ...more },
});
const told = (...results: unknown[]): string =>
  measuredText({
    journal: results.map((result, step) => entry.parse({ step, phase: 'perform', attempt: 1, state: 'done', at: '2026-11-22T08:00:00Z', result })),
  });

test('a move says what it cost, each of several with its step, and nothing is said where nothing was measured', () => {
  const usual =
    'no interruption; never fewer than 5 ready endpoints; senders took up to 4.0 s to drop an endpoint, and the old replicas answered for 18 s more.';
  expect(told({ readyMin: 10 }, cost(5))).toBe(`Measured: ${usual}\n`);
  const [first, second] = told(cost(5), {}, cost(null, { interruptionSeconds: 1.5, belowWantedSeconds: 2, goingMsMax: null })).split('\n');
  expect(first).toBe(`Measured (step 1): ${usual}`);
  expect(second).toBe('Measured (step 3): no ready endpoint for 1.5 s, for 2 s fewer than wanted, and the old replicas answered for 18 s more.');
  expect(told({ readyMin: 5 })).toBe('');
});
