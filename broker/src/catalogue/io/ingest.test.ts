import { mkdtempSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testStore } from '../../../../test/database.ts';
import type { TestStore } from '../../../../test/database.ts';
import { writeDemoCredentials } from '../../../../test/fixtures/issueCredentials.ts';
import { createCatalogue } from './catalogue.ts';
import type { Catalogue } from './catalogue.ts';

let made: TestStore;
const folder = mkdtempSync(join(tmpdir(), 'hanse-ingest-'));
beforeAll(async () => {
  made = await testStore();
});
afterAll(async () => {
  await made.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = Date.parse('2026-11-22T08:00:00Z');
const clusters = async (catalogue: Catalogue): Promise<(string | null)[]> => (await catalogue.view('default')).offerings.map(({ cluster }) => cluster);
const rows = () =>
  made.store.db.selectFrom('offer').select(['cluster', 'seq', 'removed', 'credentials']).where('owner', '=', 'default').orderBy('cluster').execute();

test('what a source no longer gives is no offer any more, and the others stand as they stood', async () => {
  const { issuers } = writeDemoCredentials(folder, at);
  const config = { sources: [folder], policy: { issuers }, allowedAddresses: [] };
  const catalogue = createCatalogue({ store: made.store, config, now: () => at });
  expect(await clusters(catalogue)).toEqual(['pa', 'pb']);
  const before = await rows();
  expect(before.every(({ credentials }) => credentials.length > 1)).toBe(true);

  unlinkSync(join(folder, 'pa-offering.jwt'));
  expect(await clusters(catalogue)).toEqual(['pb']);
  const after = await rows();
  expect(after.map(({ cluster, removed }) => [cluster, removed])).toEqual([
    ['pa', true],
    ['pb', false],
  ]);
  expect(after[1]?.seq).toBe(before[1]?.seq);

  writeDemoCredentials(folder, at);
});

test('another broker reads the same offers from the table, also one that was busy when they came', async () => {
  const { issuers } = writeDemoCredentials(folder, at);
  const config = { sources: [folder], policy: { issuers }, allowedAddresses: [] };
  const [one, other] = [createCatalogue({ store: made.store, config, now: () => at }), createCatalogue({ store: made.store, config, now: () => at })];
  await Promise.all([one.view('default'), other.view('default')]);
  expect(await clusters(other)).toEqual(await clusters(one));
  expect(await clusters(one)).toEqual(['pa', 'pb']);
});

test('a broker that died between keeping what came and writing what follows leaves nothing wrong behind', async () => {
  const { issuers } = writeDemoCredentials(folder, at);
  const config = { sources: [folder], policy: { issuers }, allowedAddresses: [] };
  await createCatalogue({ store: made.store, config, now: () => at }).view('default');
  // its credentials are no longer given, but the offer still stands
  const stranger = { owner: 'default', key: 'x', cluster: 'gone', body_digest: '', told: '[]', until: null, credentials: ['f'.repeat(64)], removed: false };
  const body = JSON.stringify({ id: 'urn:gone', provider: 'did:web:gone', name: 'gone', cluster: 'gone', facts: [], validUntil: null });
  await made.store.db
    .insertInto('offer')
    .values({ ...stranger, body, seq: '1000' })
    .execute();
  const later = createCatalogue({ store: made.store, config, now: () => at + 3_600_000 });
  expect(await clusters(later)).toEqual(['pa', 'pb']);
});
