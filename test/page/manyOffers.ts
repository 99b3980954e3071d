// A catalogue as large as a continent's.
import type { Fact, Offer } from '../../contract/src/index.ts';

const cities = [
  'Amsterdam',
  'Frankfurt',
  'Paris',
  'Madrid',
  'Milan',
  'Warsaw',
  'Vienna',
  'Stockholm',
  'Dublin',
  'Lisbon',
  'Zurich',
  'Prague',
  'Helsinki',
  'Athens',
  'Budapest',
];

export const manyOffers = (count: number): Offer[] =>
  Array.from({ length: count }, (_, index) => {
    const provider = `did:web:p${index}.example`;
    const fact = (name: string, group: Fact['group'], value: Fact['value']): Fact => ({
      name,
      group,
      value,
      assurance: 'declared',
      credential: 'a'.repeat(64),
      issuer: provider,
      validUntil: null,
    });
    return {
      offering: {
        id: `https://p${index}.example/cluster`,
        provider,
        name: `Provider ${index}`,
        cluster: `p${index}`,
        facts: [
          fact('city', 'locality', cities[index % cities.length] ?? 'Paris'),
          fact('country', 'locality', 'NL'),
          fact('cpu.cores', 'technical', 16 + ((index * 37) % 500)),
          fact('price', 'technical', 0.01 + (index % 40) / 1000),
          fact('label', 'compliance', 'L1'),
        ],
        validUntil: null,
      },
      cluster: null,
      matches: index % 3 !== 0,
      score: null,
      opinions: [],
      relaxation: null,
    };
  });
