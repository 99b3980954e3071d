import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { testApi } from '../../../../test/api.ts';
import { hanse } from '../../../../test/cli.ts';
import { testStore } from '../../../../test/database.ts';
import type { TestStore } from '../../../../test/database.ts';
import { aHeader, anIssuer, aPayload, signJwt, writeDemoCredentials } from '../../../../test/fixtures/issueCredentials.ts';
import { sha256Hex } from '../judge/pure-crypto.ts';
import { createCatalogue } from './catalogue.ts';
import type { Credentials } from './credentials.ts';
import type { Listed, ListAsked } from './listing.ts';

let made: TestStore;
const folder = mkdtempSync(join(tmpdir(), 'hanse-listing-'));
// one of its own for each: a catalogue that was asked may still be reading its sources anew
beforeEach(async () => {
  made = await testStore();
});
afterEach(() => made.close());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = Date.parse('2026-11-22T08:00:00Z');
const dayMs = 86_400_000;
const validity = { from: '2026-11-01T00:00:00Z', until: '2027-06-01T00:00:00Z' };
/** As it is asked for by whoever wants everything. */
async function all(credentials: Credentials, owner: string, asked: ListAsked): Promise<Listed[]> {
  const items: Listed[] = [];
  let after: string | undefined;
  do {
    const page = await credentials.list(owner, { ...asked, after });
    expect(page.items.length).toBeLessThanOrEqual(asked.limit);
    items.push(...page.items);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return items;
}

test('tells of each credential once and in one order, however it is paged, narrowed as asked, and judges nothing for it', async () => {
  const { issuers, files } = writeDemoCredentials(folder, at);
  const strange = anIssuer('did:web:strange.example');
  const unheard = anIssuer('did:web:unheard.example');
  // what PostgreSQL cannot keep, and a character that the bound cuts in two
  const own = { id: 'urn:odd', type: ['gx:Odd\0Type', `${'t'.repeat(999)}😀`, ...Array.from({ length: 200 }, (_, n) => `urn:${n}:${'t'.repeat(500)}`)] };
  const odd = signJwt(strange, aHeader(strange), aPayload(strange, validity, 'urn:odd', [own]));
  writeFileSync(join(folder, 'odd.jwt'), odd);
  writeFileSync(join(folder, 'unheard.jwt'), signJwt(unheard, aHeader(unheard), aPayload(unheard, validity, 'urn:unheard', [{ id: 'urn:x' }])));
  writeFileSync(join(folder, 'broken.jwt'), 'not.a.token');
  let now = at;
  const { credentials } = createCatalogue({
    store: made.store,
    config: {
      sources: [folder],
      policy: { issuers: [...issuers, { id: strange.id, roles: [], keys: [strange.jwk] }] },
      allowedAddresses: [],
      askAgainMs: 1000 * dayMs,
    },
    now: () => now,
  });
  const whole = (await credentials.list('default', { limit: 1000 })).items;
  expect(whole.map(({ digest }) => digest).toSorted()).toEqual(
    (await made.store.db.selectFrom('credential').select('digest').execute()).map(({ digest }) => digest).toSorted(),
  );
  expect(whole.length).toBe(Object.keys(files).length + 3);
  // whatever the bytes are by now
  await made.store.db
    .updateTable('credential')
    .set({ bytes: Buffer.from('gone') })
    .execute();
  for (const limit of [1, 2, 5, whole.length]) expect(await all(credentials, 'default', { limit })).toEqual(whole);

  const digests = async (narrowed: Partial<ListAsked>): Promise<string[]> =>
    (await all(credentials, 'default', { ...narrowed, limit: 2 })).map(({ digest }) => digest);
  const those = (wanted: (each: Listed) => boolean): string[] => whole.filter(wanted).map(({ digest }) => digest);
  const labels = those(({ types }) => types.includes('gx:LabelCredential'));
  expect(labels).toHaveLength(2);
  expect(await digests({ type: 'gx:LabelCredential' })).toEqual(labels);
  expect(await digests({ type: 'LabelCredential' })).toEqual(labels);
  expect(await digests({ type: 'Credential' })).toEqual([]);
  expect(await digests({ state: ['active'] })).toEqual(those(({ state }) => state === 'active'));
  expect(await digests({ state: ['refused', 'unverifiable'] })).toEqual(those(({ source }) => /(?:broken|unheard|odd)\.jwt$/.test(source)));
  expect(await digests({ issuer: strange.id, state: ['refused', 'active'] })).toEqual([sha256Hex(odd)]);
  expect(await digests({ source: join(folder, 'pa-') })).toEqual(those(({ source }) => source.startsWith(join(folder, 'pa-'))));
  expect(await digests({ source: folder })).toHaveLength(whole.length);
  expect(await digests({ source: '/%' })).toEqual([]);
  // not to be had is not the same as wrong
  expect(whole.find(({ source }) => source.endsWith('unheard.jwt'))).toMatchObject({ state: 'unverifiable', reason: expect.stringContaining('unknown: ') });
  const oddly = whole.find(({ digest }) => digest === sha256Hex(odd));
  expect(oddly?.types).toHaveLength(50);
  expect(oddly?.types.slice(0, 3)).toEqual(['VerifiableCredential', 'gx:Odd\ufffdType', `${'t'.repeat(999)}\ufffd`]);

  // nobody has looked at them since, and they count no longer
  now = at + 400 * dayMs;
  const ended = await all(credentials, 'default', { state: ['expired'], limit: 3 });
  expect(ended.map(({ digest }) => digest)).toEqual(those(({ state }) => state === 'active' || state === 'expiring'));
  expect(ended[0]?.reason).toMatch(/^it ended 2027-/);
  await expect(credentials.list('default', { after: 'f'.repeat(64), limit: 2 })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
});

test('the command line reads every page, says where it stopped, and the API gives no more at once than it promises', async () => {
  const { db } = made.store;
  const catalogue = createCatalogue({ store: made.store, config: { sources: [], policy: {}, allowedAddresses: [], askAgainMs: 1000 * dayMs } });
  await catalogue.view('default');
  await db.deleteFrom('credential').execute();
  await db.deleteFrom('standing').execute();
  const count = 1203;
  await sql`insert into credential (digest, owner, bytes, media_type, source, types, id, issuer, given)
    select encode(sha256(n::text::bytea), 'hex'), 'default', '', 'application/vc+jwt', 'https://many.example/' || n % 7, '{gx:Many}', 'urn:' || n, 'did:web:many', true
    from generate_series(1, ${count}::int) n`.execute(db);
  await sql`insert into standing (owner, digest, state, since, next_check_at, why)
    select owner, digest, case when id like '%00' then 'revoked' else 'active' end, now(), now(), null from credential`.execute(db);
  const api = await testApi(made.store, { credentials: catalogue.credentials });
  try {
    const listed = async (...options: readonly string[]) => {
      const { out, err } = await hanse(['credential', 'list', '-o', 'json', ...options], { url: api.url });
      const items: { digest: string; state: string }[] = JSON.parse(out);
      return { items, err };
    };
    const every = await listed();
    expect(new Set(every.items.map(({ digest }) => digest)).size).toBe(count);
    expect(every).toMatchObject({ items: { length: count }, err: '' });
    const some = await listed('--limit', '700');
    expect(some.items).toEqual(every.items.slice(0, 700));
    expect(some.err).toContain('the first 700');
    expect((await listed('--state', 'revoked,expired', '--type', 'Many')).items).toHaveLength(12);
    expect((await hanse(['credential', 'list', '--issuer', 'did:web:nobody'], { url: api.url })).out).toContain('No credential is like that');
    const page = await (await api.call('/v1/credentials')).json();
    expect(page).toMatchObject({ items: { length: 100 }, next: every.items[99]?.digest });
    expect((await api.call('/v1/credentials?limit=100000')).status).toBe(400);
    expect((await api.call('/v1/credentials?after=x')).status).toBe(400);
  } finally {
    await api.close();
  }
});
