import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aCluster, aFact, aRequest, aSnapshot, resources } from '../../../test/fixtures/worlds.ts';
import { explain, nearestCandidate, parseCriterion, parsePolicy, parsePreference, place, smallestChange } from './index.ts';

const world = aSnapshot(
  aCluster('amstel', { facts: [aFact('country', 'NL'), aFact('label', 'L2', { assurance: 'certified' }), aFact('price', 0.03), aFact('gpu.count', 4)] }),
  aCluster('ebro', { facts: [aFact('country', 'ES'), aFact('label', 'L1', { assurance: 'certified' }), aFact('price', 0.02)], reach: 'added' }),
  aCluster('hudson', { facts: [aFact('country', 'US'), aFact('price', 0.01)] }),
  aCluster('main', {
    facts: [aFact('country', 'DE'), aFact('label', 'L3', { assurance: 'certified' }), aFact('price', 0.05), aFact('gpu.count', 8)],
    free: resources(1),
  }),
  aCluster('po', { facts: [aFact('country', 'IT'), aFact('label', 'L2')], free: null }),
);

const golden = (name: string): string => readFileSync(join(import.meta.dirname, 'golden', `${name}.txt`), 'utf8').trim();

test('explains a choice, every loser with what would have to change', () => {
  const placement = place(
    aRequest({ replicas: 3, providersMin: 2, criteria: ['country=DE,NL', 'label>=L1@certified'].map(parseCriterion), preferences: [parsePreference('price')] }),
    world,
  );
  expect(explain(placement).join('\n')).toBe(golden('two-of-five'));
});

test('explains why nothing fits, and names the nearest', () => {
  const placement = place(aRequest({ criteria: ['country=EU', 'gpu.count>=6', 'label=L2'].map(parseCriterion), exclude: ['main'] }), world);
  expect(placement.chosen).toBeNull();
  expect(explain(placement).join('\n')).toBe(golden('nothing-fits'));
  expect(nearestCandidate(placement.candidates)?.cluster).toBe('amstel');
  expect(placement.candidates.map(smallestChange).every((change) => change !== null)).toBe(true);
});

test('says only once of a cluster that it has yet to be federated, and takes that for one change', () => {
  const federated = ['amstel', 'hudson', 'main', 'po'];
  const asking = (among: string[]) => explain(place(aRequest({ criteria: ['country=ES', 'gpu.count>=1'].map(parseCriterion), among }), world));
  const home = aSnapshot(...world.clusters, aCluster('yard', { role: 'home', facts: [aFact('country', 'ES'), aFact('gpu.count', 1)] }));
  expect(asking(federated).find((line) => line.startsWith('ebro'))).toBe(
    'ebro: no, it was added but is not federated; nobody stated what gpu.count>=1 asks. To match: federate with it first and leave gpu.count>=1 away.',
  );
  expect(asking(['amstel']).find((line) => line.startsWith('ebro'))).toContain('name it among the clusters');
  const [summary, ...lines] = explain(place(aRequest({ criteria: [parseCriterion('country=ES')], among: federated }), home));
  expect(summary).toContain('Nearest is amstel');
  expect(lines.find((line) => line.startsWith('yard'))).toBe('yard: no, it is the home cluster. To match: name home among the clusters.');
});

test('at least none is never what to ask instead', () => {
  const none = aSnapshot(aCluster('po', { facts: [aFact('gpu.count', 0)] }));
  expect(explain(place(aRequest({ criteria: [parseCriterion('gpu.count>=1')] }), none))[1]).toContain('To match: leave gpu.count>=1 away.');
});

test('the example policy is one', () => {
  const file = join(import.meta.dirname, '../../../examples/policy.yaml');
  expect(parsePolicy(readFileSync(file, 'utf8'), file)).toMatchObject({ name: 'eu-certified', providersMin: 2 });
});
