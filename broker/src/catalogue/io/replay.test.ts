import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testStore } from '../../../../test/database.ts';
import type { TestStore } from '../../../../test/database.ts';
import { aHeader, anIssuer, aPayload, signJwt, writeDemoCredentials } from '../../../../test/fixtures/issueCredentials.ts';
import { sha256Hex } from '../judge/pure-crypto.ts';
import { createCatalogue } from './catalogue.ts';

let made: TestStore;
const folder = mkdtempSync(join(tmpdir(), 'hanse-replay-'));
beforeAll(async () => {
  made = await testStore();
});
afterAll(async () => {
  await made.close();
  rmSync(folder, { recursive: true, force: true });
});

const hourMs = 3_600_000;
let at = Date.parse('2026-11-22T08:00:00Z');

test('a judgement is made again beside what was there then: what was issued anew since, changed since or taken away since makes no difference', async () => {
  const { issuers } = writeDemoCredentials(folder, at);
  const notary = anIssuer('did:web:second-notary.example');
  const issue = (name: string, number: string): string => {
    const validity = { from: new Date(at - 60_000).toISOString(), until: new Date(at + 240 * hourMs).toISOString() };
    const subject = { id: 'https://pa.example/gx/registration', type: 'gx:VatID', 'gx:vatID': number, 'gx:countryCode': 'NL' };
    const token = signJwt(notary, aHeader(notary), aPayload(notary, validity, 'https://second-notary.example/vc.json', [subject]));
    writeFileSync(join(folder, name), token);
    return sha256Hex(token);
  };
  const catalogue = createCatalogue({
    store: made.store,
    config: {
      sources: [folder],
      policy: { issuers: [...issuers, { id: notary.id, roles: ['notary'], keys: [notary.jwk] }] },
      allowedAddresses: [],
      askAgainMs: 1000,
    },
    now: () => at,
  });
  const check = async (digest: string, name: string, then: Date | null): Promise<string | undefined> =>
    (await catalogue.credentials.show('default', digest, then)).checks.find((each) => each.name === name)?.result;

  const first = issue('first.jwt', 'NL000000000');
  const label = sha256Hex(readFileSync(join(folder, 'pa-label.jwt'), 'utf8').trim());
  await catalogue.view('default');
  const alone = new Date(at);
  expect([await check(first, 'reissue', null), await check(label, 'binding', null)]).toEqual(['passed', 'passed']);

  at += hourMs;
  issue('second.jwt', 'NL111111111');
  rmSync(join(folder, 'pa-offering.jwt'));
  await catalogue.view('default');
  const renewed = new Date(at);
  expect([await check(first, 'reissue', null), await check(label, 'binding', null)]).toEqual(['failed', 'unknown']);

  at += hourMs;
  rmSync(join(folder, 'second.jwt'));
  await catalogue.view('default');
  const taken = new Date(at);
  expect(await check(first, 'reissue', null)).toBe('passed');

  at += hourMs;
  const replayed = await Promise.all([alone, renewed, taken].map((then) => check(first, 'reissue', then)));
  expect(replayed).toEqual(['passed', 'failed', 'passed']);
  expect(await Promise.all([alone, renewed].map((then) => check(label, 'binding', then)))).toEqual(['passed', 'unknown']);
});
