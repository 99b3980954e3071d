import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testStore } from '../../../../test/database.ts';
import type { TestStore } from '../../../../test/database.ts';
import { aHeader, anIssuer, aPayload, signJwt, writeDemoCredentials } from '../../../../test/fixtures/issueCredentials.ts';
import type { Issuer } from '../../../../test/fixtures/issueCredentials.ts';
import { createCatalogue, type Catalogue } from './catalogue.ts';

let made: TestStore;
const folder = mkdtempSync(join(tmpdir(), 'hanse-beside-'));
beforeAll(async () => {
  made = await testStore();
});
afterAll(async () => {
  await made.close();
  rmSync(folder, { recursive: true, force: true });
});

const dayMs = 86_400_000;
let at = Date.parse('2026-11-22T08:00:00Z');

test('what lapsed of an offer stays beside it, also when no source gives it any more, and what strangers say of it never does', async () => {
  const { issuers } = writeDemoCredentials(folder, at);
  const [notary, stranger] = [anIssuer('did:web:second-notary.example'), anIssuer('did:web:evil.example')];
  const named = (issuer: Issuer, until: number): string =>
    signJwt(
      issuer,
      aHeader(issuer),
      aPayload(issuer, { from: new Date(at - 60_000).toISOString(), until: new Date(until).toISOString() }, `https://${issuer.id.slice(8)}/vc.json`, [
        { id: 'https://pa.example/gx/registration', type: 'gx:VatID', 'gx:vatID': 'NL000000000', 'gx:countryCode': 'NL' },
      ]),
    );
  writeFileSync(join(folder, 'second.jwt'), named(notary, at + dayMs));
  writeFileSync(join(folder, 'stranger.jwt'), named(stranger, at + dayMs));
  const trusted = { id: notary.id, roles: ['notary' as const], keys: [notary.jwk] };
  const known = { id: stranger.id, roles: [], keys: [stranger.jwk] };
  const catalogue = createCatalogue({
    store: made.store,
    config: { sources: [folder], policy: { issuers: [...issuers, trusted, known] }, allowedAddresses: [], askAgainMs: 1000 },
    now: () => at,
  });
  const ofPa = async (from: Catalogue): Promise<readonly string[]> => [
    ...new Set(((await from.view('default')).offerings.find(({ cluster }) => cluster === 'pa')?.facts ?? []).map(({ credential }) => credential)),
  ];
  const before = await ofPa(catalogue);
  const second = (await catalogue.credentials.list('default', { issuer: notary.id, limit: 1 })).items[0]?.digest ?? '';
  expect(before).toContain(second);
  expect(await catalogue.credentials.beside('default', before)).toEqual({ lapsed: [], past: [] });

  at += 2 * dayMs;
  const after = await ofPa(catalogue);
  expect(after).not.toContain(second);
  expect(await catalogue.credentials.beside('default', after)).toEqual({ lapsed: [second], past: [] });

  rmSync(join(folder, 'second.jwt'));
  at += dayMs;
  expect(await catalogue.credentials.beside('default', await ofPa(catalogue))).toEqual({ lapsed: [], past: [second] });
  // of another offer it is none of its business
  expect(await catalogue.credentials.beside('default', [])).toEqual({ lapsed: [], past: [] });
});
