import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aCriterion, someFacts } from '../../../test/fixtures/randomWorlds.ts';
import { satisfies } from './criteria/fact.ts';
import { parseCriterion } from './index.ts';
import { measuredFacts } from './measured.ts';

const stated = ['asserted', 'declared', 'notarised', 'certified'] as const;

test('what is measured satisfies @measured only, what is stated never does, and neither changes what is said about the other', () => {
  let met = 0;
  fc.assert(
    fc.property(someFacts, aCriterion, fc.constantFrom(...stated), (some, { assurance: _, ...criterion }, demanded) => {
      const facts = some.filter(({ name }) => name === criterion.fact);
      const ours = facts.filter(({ assurance }) => assurance === 'measured');
      const theirs = facts.filter(({ assurance }) => assurance !== 'measured');
      const byTheirs = satisfies({ ...criterion, assurance: demanded });
      const byOurs = satisfies({ ...criterion, assurance: 'measured' });
      expect(byTheirs(ours)).toBe(false);
      expect(byOurs(theirs)).toBe(false);
      expect(byTheirs(facts)).toBe(byTheirs(theirs));
      expect(byOurs(facts)).toBe(byOurs(ours));
      met += Number(byOurs(facts)) + Number(byTheirs(facts));
    }),
    { numRuns: 500 },
  );
  expect(met).toBeGreaterThan(20);
});

test('is a fact of this Hanse until it is too old', () => {
  const since = '2026-11-22T08:00:00.000Z';
  const measured = {
    availability: { share: 0.9987, probes: 4000, since, until: '2026-11-22T20:00:00.000Z' },
    latency: { medianMs: 12, probes: 80, since, until: '2026-11-22T19:00:00.000Z' },
  };
  const facts = measuredFacts(measured, Date.parse('2026-11-22T18:00:00Z'));
  expect(facts.map(({ name, value, assurance, measurement }) => [name, value, assurance, measurement])).toEqual([
    ['latency.ms', 12, 'measured', { probes: 80, since }],
    ['availability', 0.9987, 'measured', { probes: 4000, since }],
  ]);
  const holds = (text: string): boolean => satisfies(parseCriterion(text))(facts.filter(({ name }) => text.startsWith(name)));
  expect(['latency.ms<=20@measured', 'availability>=0.99@measured', 'availability>=0.99'].filter(holds)).toHaveLength(3);
  expect(['latency.ms<=10@measured', 'availability>=0.999@measured', 'availability>=0.9@asserted'].filter(holds)).toEqual([]);
  expect(measuredFacts(measured, Date.parse('2026-11-22T19:00:00Z')).map(({ name }) => name)).toEqual(['availability']);
  expect(measuredFacts(measured, Date.parse('2026-11-22T20:00:00Z'))).toEqual([]);
  expect(measuredFacts({ availability: null, latency: null }, 0)).toEqual([]);
});
