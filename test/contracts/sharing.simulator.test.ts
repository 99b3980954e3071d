// Two brokers with a database each: one reads the other's catalogue by its route, bit by bit, and judges for itself.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCatalogue, createSharing, type Catalogue } from '../../broker/src/catalogue/io/index.ts';
import { parseTrustedIssuers } from '../../broker/src/catalogue/index.ts';
import { memoryDisk } from '../../simulator/disk.ts';
import { members } from '../../simulator/federation.ts';
import { startGaiaX, type GaiaX } from '../../simulator/gaiax/gaiax.ts';
import { testApi, type TestApi } from '../api.ts';
import { testStore, type TestStore } from '../database.ts';
import { type Front, startFront } from '../front.ts';

const hourMs = 3_600_000;
let at = Date.parse('2026-11-22T08:00:00Z');
let gaiaX: GaiaX;
let stores: readonly [TestStore, TestStore];
let a: Catalogue;
let api: TestApi;
let front: Front;

beforeAll(async () => {
  gaiaX = await startGaiaX({ disk: memoryDisk(), members, now: () => at });
  stores = [await testStore(), await testStore()];
  front = await startFront(() => api.url);
  a = catalogueOf(stores[0], gaiaX.sources.slice(0, 3));
  api = await testApi(stores[0].store, { catalogue: { ...a.harvester, changes: createSharing(stores[0].store, () => at).changes } });
});
afterAll(async () => {
  front.close();
  await api.close();
  await gaiaX.close();
  for (const store of stores) await store.close();
});

const catalogueOf = ({ store }: TestStore, sources: Parameters<typeof createCatalogue>[0]['config']['sources'], trusts = true): Catalogue =>
  createCatalogue({
    store,
    config: {
      sources,
      policy: { issuers: trusts ? parseTrustedIssuers(gaiaX.trustedIssuers) : [], anchors: [gaiaX.anchor] },
      allowedAddresses: [new URL(gaiaX.url).host, front.host],
      ca: gaiaX.authority + front.authority,
      askAgainMs: 1000,
    },
    now: () => at,
  });
const seen = async (catalogue: Catalogue, owner = 'default'): Promise<Record<string, unknown>> => {
  const { offerings } = await catalogue.view(owner);
  return Object.fromEntries(offerings.map(({ cluster, facts }) => [cluster, facts.find(({ name }) => name === 'label')?.value ?? null]));
};
const later = (): void => void (at += hourMs);

it('reads what the other believes, goes on behind it, judges for itself, and drops what the other believes no longer', async () => {
  const b = catalogueOf(stores[1], [{ kind: 'hanse', at: `https://${front.host}` }]);
  const known = await seen(a);
  expect(Object.keys(known)).toHaveLength(3);
  expect(await b.harvester.harvest('default')).toBe(true);
  expect(await seen(b)).toEqual(known);
  const before = await b.harvester.sources('default');
  expect(before).toMatchObject([{ kind: 'hanse', refused: 0, failure: null, limited: null, cursor: expect.stringMatching(/^[0-9a-f-]{36}:\d+$/) }]);

  // whom the other believes is its own affair
  const strict = catalogueOf(stores[1], [{ kind: 'hanse', at: `https://${front.host}` }], false);
  await strict.harvester.harvest('strict');
  expect(Object.values(await seen(strict, 'strict'))).toEqual([null, null, null]);

  // nothing new: nothing is read again
  later();
  expect(await b.harvester.harvest('default')).toBe(false);
  expect(await b.harvester.sources('default')).toMatchObject([{ received: before[0]?.received, cursor: before[0]?.cursor }]);

  // one is taken back
  await gaiaX.mark('revocation', 'main', 'label');
  later();
  await seen(a);
  later();
  expect(await b.harvester.harvest('default')).toBe(true);
  expect(await b.harvester.sources('default')).toMatchObject([{ removed: 1, received: before[0]?.received, held: (before[0]?.held ?? 0) - 1 }]);
  later();
  expect(await seen(b)).toEqual({ ...known, main: null });
});

it('shares nothing that it has from another Hanse itself, and nothing at all unless it is told to', async () => {
  const sharing = createSharing(stores[1].store, () => at);
  expect(await sharing.changes('default', 0, 100)).toMatchObject({ items: [], more: false });
  const closed = await testApi(stores[0].store, { catalogue: { ...a.harvester, changes: null } });
  const answer = await fetch(`${closed.url}/v1/catalogue/changes`);
  expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('credentials.shared')]);
  await closed.close();
});

it('is read from the beginning when another database answers, and what only the former had is gone', async () => {
  const b = catalogueOf(stores[1], [{ kind: 'hanse', at: `https://${front.host}` }]);
  const { db } = stores[0].store;
  await db.deleteFrom('sharing').execute();
  await db.deleteFrom('shared_credential').execute();
  a = catalogueOf(stores[0], gaiaX.sources.slice(0, 1));
  later();
  await seen(a);
  later();
  await b.harvester.harvest('default');
  later();
  expect(Object.keys(await seen(b))).toEqual(Object.keys(await seen(a)));
  expect(await b.harvester.sources('default')).toMatchObject([{ limited: null, failure: null }]);
});
