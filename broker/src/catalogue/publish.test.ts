import { expect, test } from 'vitest';
import { publishedVocabulary } from './publish.ts';
import { clusterTerms, factTable } from './vocabulary.ts';

test('publishes every term that is read, and no fact that nobody can ask for', () => {
  const { context, facts, schemes } = publishedVocabulary();
  const text = JSON.stringify(context);
  for (const [term] of clusterTerms) expect(text).toContain(`"https://hanse.dev/ns#${term}"`);
  expect(facts.map(({ name }) => name)).toEqual(Object.keys(factTable));
  for (const { fact } of schemes) expect(factTable).toHaveProperty([fact]);
  for (const [, fact] of clusterTerms) expect(factTable).toHaveProperty([fact]);
});
