import { expect, test } from 'vitest';
import type { Fact } from './offering.ts';
import { asOf } from './standing.ts';

const fact = (name: string, value: string, validUntil: string | null): Fact => ({
  name,
  group: 'locality',
  value,
  assurance: 'declared',
  credential: 'a'.repeat(64),
  issuer: 'did:web:a.example',
  validUntil,
});
const offering = {
  id: 'https://a.example/offer',
  provider: 'did:web:a.example',
  name: 'A',
  cluster: 'pa',
  facts: [fact('city', 'Amsterdam', '2026-12-01T00:00:00Z'), fact('city', 'Delft', null), fact('country', 'NL', '2026-12-10T00:00:00Z')],
  contradicted: ['city'],
  validUntil: '2026-12-01T00:00:00Z',
};
const standing = { offering, until: '2026-12-31T00:00:00Z' };

test('a fact counts until the moment at which its proof ends, and not in that moment', () => {
  expect(asOf(standing, Date.parse('2026-12-01T00:00:00Z') - 1)).toEqual(offering);
  const after = asOf(standing, Date.parse('2026-12-01T00:00:00Z'));
  expect(after?.facts.map(({ value }) => value)).toEqual(['Delft', 'NL']);
  expect(after).not.toHaveProperty('contradicted');
  expect(after?.validUntil).toBe('2026-12-10T00:00:00Z');
});

test('nothing is offered any more when what makes it an offer has ended', () => {
  expect(asOf(standing, Date.parse('2026-12-31T00:00:00Z') - 1)?.facts.map(({ value }) => value)).toEqual(['Delft']);
  expect(asOf(standing, Date.parse('2026-12-31T00:00:00Z'))).toBeNull();
});
