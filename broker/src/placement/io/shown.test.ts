import { afterAll, beforeAll, expect, test } from 'vitest';
import { testStore, type TestStore } from '../../../../test/database.ts';
import type { Offering } from '../../catalogue/index.ts';
import { createCatalogue } from '../../catalogue/io/index.ts';
import { writeOffers } from '../../catalogue/io/offerRows.ts';
import { createOffers } from './offers.ts';

let made: TestStore;
beforeAll(async () => {
  made = await testStore();
});
afterAll(() => made.close());

const owner = 'default';
const provider = 'did:web:lagoon.example';
const offer = (number: number, price: number): Offering => ({
  id: `https://lagoon.example/${number}`,
  provider,
  name: `offer ${number}`,
  cluster: null,
  validUntil: null,
  facts: [{ name: 'price', group: 'technical', value: price, assurance: 'declared', credential: 'a'.repeat(64), issuer: provider, validUntil: null }],
});

test('a page never shows an offer as it was before, however searches and changes meet', async () => {
  const none = new Map<string, never>();
  const catalogue = createCatalogue({ store: made.store, config: { sources: [], policy: {}, allowedAddresses: [] } });
  /** Answers that come later than those to later questions. */
  const held: Promise<void>[] = [];
  const search = createOffers({
    clusters: { list: async () => [] },
    // nothing is gathered: these offers come from nowhere
    catalogue: {
      ...catalogue,
      rejected: async () => [],
      async find(...asked) {
        const found = await catalogue.find(...asked);
        await held.shift();
        return found;
      },
    },
    standing: async () => ({ lent: none, used: none, booked: none }),
    now: Date.now,
  });
  const write = (offerings: readonly Offering[], gone: readonly string[] = []) =>
    made.store.db
      .transaction()
      .execute(async (tx) =>
        writeOffers(tx, owner, { digests: gone, offerings, grounds: offerings.map(({ id }) => ({ until: null, credentials: ['a'.repeat(64)], root: id })) }),
      );
  const priced = async (): Promise<readonly unknown[]> =>
    (await search(owner, { where: [], prefer: [], limit: 20 })).items.map(({ offering }) => offering.facts[0]?.value);
  await write([offer(1, 0), offer(2, 0)]);
  expect(await priced()).toEqual([0, 0]);
  for (let round = 1; round <= 25; round += 1) {
    const before = [priced(), priced()];
    const change = write([offer(1, round), offer(2, round)]);
    const during = [priced(), priced()];
    await Promise.all([...before, change, ...during]);
    expect(await priced()).toEqual([round, round]);
  }
  for (let round = 26; round <= 28; round += 1) {
    await write([offer(1, -round), offer(2, -round)]);
    let letGo = (): void => {};
    held.push(new Promise((resolve) => (letGo = resolve)));
    const late = priced();
    while (held.length > 0) await new Promise(setImmediate);
    await write([offer(1, round), offer(2, round)]);
    expect(await priced()).toEqual([round, round]);
    letGo();
    await late;
    expect(await priced()).toEqual([round, round]);
  }
  await write([], ['a'.repeat(64)]);
  expect(await priced()).toEqual([]);
});
