// 100,000 offers as they lie in the tables of a broker, and what is asked of them. The same on every machine.
import { sql } from 'kysely';
import type { Fact, Offering } from '../../broker/src/catalogue/index.ts';
import { packTold } from '../../broker/src/catalogue/index.ts';
import type { Store } from '../../broker/src/store/io/store.ts';
import { randomFrom } from './store.ts';

export type BenchQuery = { readonly where: readonly string[]; readonly prefer: readonly string[]; readonly text: string };

export const facetNames = ['country', 'label', 'kubernetes.version', 'arch', 'gpu.model', 'city', 'iso27001', 'c5'] as const;

const oneOf = <Item>(random: () => number, items: readonly [Item, ...Item[]]): Item => items[Math.floor(random() * items.length)] ?? items[0];

const cities = ['Hamburg', 'Lübeck', 'Bremen', 'Rostock', 'Riga', 'Tallinn', 'Gdańsk', 'Visby', 'Bergen', 'Brugge', 'London', 'Köln'] as const;
const countries = ['DE', 'NL', 'FR', 'IT', 'ES', 'SE', 'PL', 'EE', 'NO', 'CH', 'US', 'GB'] as const;
const validUntil = '2027-06-30T00:00:00Z';

export function manyOffer(random: () => number, index: number): Offering {
  const provider = `did:web:provider-${Math.floor(index / 3)}.example`;
  const digest = (part: string): string => `${index.toString(16).padStart(8, '0')}${part}`.padEnd(64, '0');
  const fact = (name: string, group: Fact['group'], value: Fact['value'], part = '1'): Fact[] => {
    const assurance = oneOf<Fact['assurance']>(random, ['declared', 'declared', 'notarised', 'certified']);
    return random() < 0.05 ? [] : [{ name, group, value, assurance, credential: digest(part), issuer: provider, validUntil }];
  };
  const cores = oneOf(random, [16, 32, 64, 128, 256]);
  const facts = [
    ...fact('country', 'locality', oneOf(random, countries)),
    ...fact('city', 'locality', oneOf(random, cities)),
    ...fact('seat.country', 'locality', oneOf(random, countries)),
    ...fact('label', 'compliance', oneOf(random, ['SC', 'L1', 'L2', 'L3']), '2'),
    ...fact('gpu.count', 'technical', oneOf(random, [0, 2, 4, 8])),
    ...fact('gpu.model', 'technical', oneOf(random, ['A100', 'H100', 'L40S'])),
    ...fact('cpu.cores', 'technical', cores),
    ...fact('memory.gib', 'technical', cores * 4),
    ...fact('kubernetes.version', 'technical', oneOf(random, ['1.32.9', '1.33.5', '1.34.1'])),
    ...fact('arch', 'technical', oneOf(random, ['amd64', 'amd64', 'arm64'])),
    ...fact('price', 'technical', Math.round(random() * 800) / 10_000),
    ...fact('energy.renewable', 'technical', Math.round(random() * 100)),
    ...fact('iso27001', 'compliance', random() < 0.8, '3'),
    ...fact('c5', 'compliance', random() < 0.5, '3'),
  ];
  const name = `${oneOf(random, cities)} cluster ${index}`;
  return { id: `https://provider-${Math.floor(index / 3)}.example/offers/${index}`, provider, name, cluster: `bench-${index}`, facts, validUntil };
}

const rowsAtOnce = 2000;

/** Into the table of offers, and, for SQL to be asked the same, one row for each fact with the indexes that its queries want. */
export async function writeOffers({ db }: Store, owner: string, { count, seed }: { readonly count: number; readonly seed: number }): Promise<void> {
  const random = randomFrom(seed);
  await sql`create table bench_offer (n int primary key, name text not null)`.execute(db);
  await sql`create table bench_fact (offer int not null, name text not null, value text not null, number double precision, assurance text not null)`.execute(
    db,
  );
  for (let from = 0; from < count; from += rowsAtOnce) {
    const offers = Array.from({ length: Math.min(rowsAtOnce, count - from) }, (_, at) => ({ n: from + at, offer: manyOffer(random, from + at) }));
    const rows = offers.map(({ n, offer }) => ({
      key: `${n.toString(16).padStart(8, '0')}`.padEnd(64, '0'),
      cluster: offer.cluster,
      body: JSON.stringify(offer),
      told: packTold(offer, validUntil),
      credentials: `{${[...new Set(offer.facts.map(({ credential }) => credential))].join(',')}}`,
    }));
    await sql`insert into offer (owner, key, seq, cluster, body, body_digest, told, until, credentials)
      select ${owner}, key, nextval('offer_order'), cluster, body::jsonb, '', told, ${validUntil}::timestamptz, credentials::text[]
      from json_to_recordset(${JSON.stringify(rows)}::json) as row (key text, cluster text, body text, told text, credentials text)`.execute(db);
    await sql`insert into bench_offer select n, name from json_to_recordset(${JSON.stringify(offers.map(({ n, offer }) => ({ n, name: offer.name })))}::json) as row (n int, name text)`.execute(
      db,
    );
    const facts = offers.flatMap(({ n, offer }) =>
      offer.facts.map(({ name, value, assurance }) => ({ offer: n, name, value: String(value), number: typeof value === 'number' ? value : null, assurance })),
    );
    await sql`insert into bench_fact select * from json_to_recordset(${JSON.stringify(facts)}::json) as row (offer int, name text, value text, number double precision, assurance text)`.execute(
      db,
    );
  }
  await sql`create index on bench_fact (offer, name)`.execute(db);
  await sql`create index on bench_fact (name, value)`.execute(db);
  await sql`create index on bench_fact (name, number)`.execute(db);
  await sql`create index on bench_offer (name)`.execute(db);
  await sql`analyze`.execute(db);
}

/** Other criteria each time: what was asked before must not be what makes it fast. */
export const queriesFrom = (random: () => number, count: number): readonly BenchQuery[] =>
  Array.from({ length: count }, () => {
    const criteria = [
      `country=${[...new Set([oneOf(random, countries), oneOf(random, countries), oneOf(random, countries)])].join(',')}`,
      `label>=${oneOf(random, ['L1', 'L2', 'L3'])}`,
      `gpu.count>=${oneOf(random, [2, 4, 8])}`,
      `cpu.cores>=${oneOf(random, [32, 64, 128])}`,
      `price<=${(1 + Math.floor(random() * 800)) / 10_000}`,
      `energy.renewable>=${Math.floor(random() * 100)}`,
      `iso27001=true`,
    ].filter(() => random() < 0.6);
    return { where: criteria, prefer: random() < 0.5 ? ['price*2', 'energy.renewable'] : [], text: random() < 0.3 ? oneOf(random, cities) : '' };
  });
