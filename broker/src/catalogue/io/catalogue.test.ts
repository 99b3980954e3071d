import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testStore } from '../../../../test/database.ts';
import type { TestStore } from '../../../../test/database.ts';
import { issueDemoCredentials, writeDemoCredentials } from '../../../../test/fixtures/issueCredentials.ts';
import { parseTrustedIssuers } from '../index.ts';
import { createCatalogue } from './catalogue.ts';
import { fetchText } from './fetchText.ts';

let made: TestStore;
const folder = mkdtempSync(join(tmpdir(), 'hanse-credentials-'));
beforeAll(async () => {
  made = await testStore();
});
afterAll(async () => {
  await made.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = Date.parse('2026-11-22T08:00:00Z');

test('offers what a folder holds, keeps each credential byte for byte, and says what is none', async () => {
  const { issuers, files } = writeDemoCredentials(folder, at);
  writeFileSync(join(folder, 'broken.jwt'), 'not.a.token');
  const catalogue = createCatalogue({ store: made.store, config: { sources: [folder, '/nowhere'], policy: { issuers }, allowedAddresses: [] }, now: () => at });
  const view = await catalogue.view('default');
  expect(view.offerings.map(({ cluster }) => cluster)).toEqual(['pa', 'pb']);
  expect(view.rejected.map(({ source }) => source)).toEqual(['/nowhere', join(folder, 'broken.jwt')]);
  const rows = await made.store.db.selectFrom('credential').selectAll().where('owner', '=', 'default').execute();
  expect(rows.map(({ bytes }) => bytes.toString()).toSorted()).toEqual([...Object.values(files), 'not.a.token'].toSorted());
  expect((await catalogue.view('default')).offerings).toEqual(view.offerings);
});

test('is no offer any more when its proof has expired', async () => {
  const { issuers } = writeDemoCredentials(folder, at);
  const later = createCatalogue({
    store: made.store,
    config: { sources: [folder], policy: { issuers }, allowedAddresses: [] },
    now: () => at + 91 * 86_400_000,
  });
  const view = await later.view('default');
  expect(view.offerings).toEqual([]);
  expect(view.rejected.some(({ reason }) => reason.includes('it ended'))).toBe(true);
});

test('never asks an address inside that the configuration does not list, nor one that is not https', async () => {
  const rules = { allowed: [], bytesMax: 1000 };
  for (const address of [
    'https://127.0.0.1:6443/',
    'https://localhost:6443/',
    'https://169.254.169.254/',
    'https://[::1]/',
    'http://example.com/',
    'https://a:b@example.com/',
  ])
    expect(await fetchText(address, rules)).toHaveProperty('failure');
});

test('reads issuers as the configuration writes them, and drops private keys', () => {
  const [first] = issueDemoCredentials(at).issuers;
  const jwk = first?.keys[0] ?? {};
  expect(parseTrustedIssuers({ 'did:web:a.example': { ...jwk, d: 'secret', roles: ['notary'] } })).toEqual([
    { id: 'did:web:a.example', roles: ['notary'], keys: [jwk] },
  ]);
  expect(parseTrustedIssuers({ 'did:web:a.example': { roles: ['labelIssuer'] } })).toEqual([{ id: 'did:web:a.example', roles: ['labelIssuer'], keys: [] }]);
  expect(() => parseTrustedIssuers({ 'did:web:a.example': { kty: 'oct' } })).toThrow(/did:web:a.example/);
});
