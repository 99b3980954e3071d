// What strangers can do to the tables: fill them, tie themselves to others, claim what is somebody else's, and make brokers disagree.
import { mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { newAuthority } from '../../../../simulator/pki.ts';
import { testStore, type TestStore } from '../../../../test/database.ts';
import { aHeader, anIssuer, aPayload, signJwt, type Issuer } from '../../../../test/fixtures/issueCredentials.ts';
import { policyOf, type TrustedIssuer } from '../index.ts';
import { sha256Hex } from '../judge/pure-crypto.ts';
import { createCatalogue, type Catalogue, type CatalogueConfig } from './catalogue.ts';
import { createReceivedRows } from './received.ts';
import { inTurns } from './harvest/ces.ts';

let made: TestStore;
let server: Server;
let ca = '';
const serving = new Map<string, string>();
const home = mkdtempSync(join(tmpdir(), 'hanse-held-'));
beforeAll(async () => {
  made = await testStore();
  const authority = await newAuthority('held');
  ca = authority.caPem;
  server = createServer({ cert: authority.certPem, key: authority.keyPem }, (request, response) => {
    const body = serving.get(request.url ?? '');
    response.writeHead(body === undefined ? 500 : 200).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await made.close();
  rmSync(home, { recursive: true, force: true });
});

const start = Date.parse('2026-11-22T08:00:00Z');
const [minuteMs, dayMs] = [60_000, 86_400_000];
const validity = { from: '2026-11-01T00:00:00Z', until: '2028-01-01T00:00:00Z' };
const trusted = (issuer: Issuer, roles: TrustedIssuer['roles'] = []): TrustedIssuer => ({ id: issuer.id, roles, keys: [issuer.jwk] });
const folderOf = (name: string): string => {
  const folder = join(home, name);
  mkdirSync(folder, { recursive: true });
  return folder;
};
const token = (issuer: Issuer, id: string, subject: Readonly<Record<string, unknown>>): string =>
  signJwt(issuer, aHeader(issuer), aPayload(issuer, validity, id, [subject]));
const clusterOf = (issuer: Issuer, cluster: string, n = 0): string =>
  token(issuer, `${issuer.id}:vc:${n}`, {
    id: `${issuer.id}#${cluster}`,
    type: 'hanse:FederableCluster',
    'schema:name': issuer.id,
    'hanse:liqoClusterId': cluster,
  });
/** Whoever asks waits until everything was read. */
const on = (config: Partial<CatalogueConfig>, at: number): Catalogue =>
  createCatalogue({ store: made.store, config: { sources: [], policy: {}, allowedAddresses: [], askAgainMs: 1, ...config }, now: () => at });
const held = async (owner: string): Promise<number> =>
  (await made.store.db.selectFrom('credential').select('digest').where('owner', '=', owner).execute()).length;

test('a source that rotates what it gives meets its limit, is shown, and what nobody gives any more goes after its time', async () => {
  const issuer = anIssuer('did:web:rotating.example');
  const folder = folderOf('rotating');
  const other = folderOf('beside');
  writeFileSync(join(other, 'one.jwt'), clusterOf(anIssuer('did:web:beside.example'), 'beside'));
  const config = { sources: [folder, other], policy: {}, heldMax: { items: 12, bytes: 1_000_000 }, keptMs: dayMs };
  let at = start;
  for (let round = 0; round < 5; round += 1) {
    // refused by the judge: its issuer has no key that could be had
    for (let n = 0; n < 5; n += 1) writeFileSync(join(folder, `${n}.jwt`), token(issuer, `urn:${round}:${n}`, { id: 'urn:x' }));
    await on(config, at).view('rotating');
    at += 10 * minuteMs;
  }
  expect(await held('rotating')).toBe(13);
  const [state, beside] = await on(config, at).harvester.sources('rotating');
  expect(state?.limited?.reason).toContain('more than 12 credentials');
  expect(beside).toMatchObject({ held: 1, limited: null });
  expect((await on(config, at).view('rotating')).rejected.some(({ source, reason }) => source === folder && reason.includes('limited'))).toBe(true);

  await on(config, at + 2 * dayMs).view('rotating');
  // the five of the last round that there was no room for come now, what nobody gave went
  await on(config, at + 2 * dayMs + 10 * minuteMs).view('rotating');
  await on(config, at + 2 * dayMs + 20 * minuteMs).view('rotating');
  const rows = await made.store.db.selectFrom('credential').select(['digest', 'given']).where('owner', '=', 'rotating').execute();
  expect(rows.every(({ given }) => given)).toBe(true);
  expect((await on(config, at + 2 * dayMs + 30 * minuteMs).harvester.sources('rotating'))[0]).toMatchObject({ held: 5, limited: null });
  const evidence = await made.store.db.selectFrom('credential_basis').select('credential').distinct().where('owner', '=', 'rotating').execute();
  expect(evidence.map(({ credential }) => credential).toSorted()).toEqual(rows.map(({ digest }) => digest).toSorted());
});

test('what a receipt or the audit log names is not swept', async () => {
  const issuer = anIssuer('did:web:cited.example');
  const folder = folderOf('cited');
  const texts = ['named by a receipt', 'told by the log', 'nobody’s'].map((id) => token(issuer, id, { id: `urn:${id}` }));
  for (const [n, text] of texts.entries()) writeFileSync(join(folder, `${n}.jwt`), text);
  // the log tells of what was believed
  const config = { sources: [folder], policy: {}, keptMs: dayMs };
  await on(config, start).view('cited');
  const [cited = '', told = ''] = texts.map(sha256Hex);
  const body = { placement: { chosen: [{ cluster: 'pa' }], candidates: [{ cluster: 'pa', opinions: [{ source: cited }] }] } };
  await made.store.db
    .insertInto('receipt')
    .values({ id: 'r', owner: 'cited', operation: 'o', application: 'a', body: JSON.stringify(body), jws: '' })
    .execute();
  await made.store.db
    .insertInto('audit_event')
    .values({
      seq: 1_000_000,
      owner: 'cited',
      at: new Date(start),
      actor: 'broker',
      action: 'credential.revoked',
      subject: told,
      detail: '{}',
      previous: '',
      hash: '',
    })
    .execute();
  for (const n of texts.keys()) unlinkSync(join(folder, `${n}.jwt`));
  await on(config, start + minuteMs).view('cited');
  await on(config, start + 3 * dayMs).view('cited');
  const left = await made.store.db.selectFrom('credential').select('digest').where('owner', '=', 'cited').execute();
  expect(left.map(({ digest }) => digest).toSorted()).toEqual([cited, told].toSorted());
  // and a year after the last word of it
  await made.store.db.deleteFrom('cited_credential').execute();
  await on(config, start + 400 * dayMs).view('cited');
  expect(await held('cited')).toBe(0);
  await made.store.db.deleteFrom('audit_event').where('seq', '=', 1_000_000).execute();
});

test('however many speak of somebody’s things, or in its name, they are not looked at with it', async () => {
  const victim = anIssuer('did:web:victim.example');
  const strangers = Array.from({ length: 3 }, (_, n) => anIssuer(`did:web:stranger-${n}.example`));
  const folder = folderOf('victim');
  const own = clusterOf(victim, 'pa');
  writeFileSync(join(folder, 'own.jwt'), own);
  const mentions = strangers.flatMap((issuer) =>
    Array.from({ length: 15 }, (_, n) =>
      token(issuer, `urn:m:${n}`, { id: `${victim.id}#pa`, 'hanse:certifies': { id: `${victim.id}#pa` }, 'hanse:forOffering': { id: `${victim.id}#pa` } }),
    ),
  );
  // in its name, by another's key
  const forged = strangers.flatMap((issuer) => Array.from({ length: 15 }, (_, n) => clusterOf({ ...issuer, id: victim.id, kid: victim.kid }, 'pa', n)));
  writeFileSync(join(folder, 'strangers.jwt'), [...mentions, ...forged].join('\n'));
  const policy = { issuers: [victim, ...strangers].map((each) => trusted(each)) };
  const catalogue = on({ sources: [folder], policy }, start);
  expect((await catalogue.view('victim')).offerings.map(({ cluster }) => cluster)).toEqual(['pa']);
  const rows = createReceivedRows(made.store, policyOf(policy));
  expect(await rows.reach('victim', [sha256Hex(own)], 'needed')).toEqual([sha256Hex(own)]);
  expect(await rows.reach('victim', [sha256Hex(own)], 'needing')).toEqual([sha256Hex(own)]);
  expect((await catalogue.rejudge('victim', [sha256Hex(own)])).judgements.map(({ digest }) => digest)).toEqual([sha256Hex(own)]);
});

test('of those who claim a cluster the first that was believed stands, through restarts, and both are told', async () => {
  const [first, second] = [anIssuer('did:web:first.example'), anIssuer('did:web:second.example')];
  const folder = folderOf('claims');
  const policy = { issuers: [first, second].map((each) => trusted(each)) };
  const config = { sources: [folder], policy };
  writeFileSync(join(folder, 'first.jwt'), clusterOf(first, 'pa'));
  await on(config, start).view('claims');
  writeFileSync(join(folder, 'second.jwt'), clusterOf(second, 'pa'));
  for (const at of [start + minuteMs, start + 2 * minuteMs]) {
    const view = await on(config, at).view('claims');
    expect(view.offerings.map(({ provider, alsoClaimedBy }) => [provider, alsoClaimedBy])).toEqual([[first.id, [second.id]]]);
    expect(view.rejected.map(({ reason }) => reason)).toEqual([
      `the Liqo cluster id pa is claimed by ${first.id}, which is believed since 2026-11-22T08:00:00.000Z: the first claim stands`,
    ]);
  }
  // an outage of the first loses it nothing; after a week of it the other's turn comes
  unlinkSync(join(folder, 'first.jwt'));
  expect((await on(config, start + dayMs).view('claims')).offerings).toEqual([]);
  expect((await on(config, start + 9 * dayMs).view('claims')).offerings.map(({ provider }) => provider)).toEqual([second.id]);
  // the one that was first once is a later claim now
  writeFileSync(join(folder, 'first.jwt'), clusterOf(first, 'pa'));
  expect((await on(config, start + 10 * dayMs).view('claims')).offerings.map(({ provider }) => provider)).toEqual([second.id]);
  // taken back by the configuration: free at once
  const without = { ...config, policy: { issuers: [trusted(first), { ...trusted(second), keys: [anIssuer(second.id).jwk] }] } };
  await on(without, start + 11 * dayMs).view('claims');
  expect((await on(without, start + 11 * dayMs + minuteMs).view('claims')).offerings.map(({ provider }) => provider)).toEqual([first.id]);
});

test('who comes together with the one whose cluster it claims does not get it, nor leaves it to anybody', async () => {
  const [first, second] = [anIssuer('did:web:one.example'), anIssuer('did:web:two.example')];
  const folder = folderOf('together');
  for (const [n, each] of [first, second].entries()) writeFileSync(join(folder, `${n}.jwt`), clusterOf(each, 'pa'));
  const view = await on({ sources: [folder], policy: { issuers: [first, second].map((each) => trusted(each)) } }, start).view('together');
  expect(view.offerings).toEqual([]);
  expect(view.rejected).toHaveLength(2);
});

test('of two brokers neither takes for gone what the other has read since, and an address that fails takes nothing away', async () => {
  const issuer = anIssuer('did:web:served.example');
  const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}/served`;
  const config = {
    sources: [address],
    policy: { issuers: [trusted(issuer)] },
    allowedAddresses: [address.split('/')[2] ?? ''],
    ca,
    askAgainMs: 60 * minuteMs,
  };
  let at = start;
  const broker = () => createCatalogue({ store: made.store, config, now: () => at });
  const [one, other] = [broker(), broker()];
  const turned = async (): Promise<string[]> =>
    (await made.store.db.selectFrom('audit_event').select('action').where('owner', '=', 'flip').where('action', 'like', 'credential.%').execute()).map(
      ({ action }) => action,
    );
  const pa = clusterOf(issuer, 'pa');
  serving.set('/served', pa);
  const seen = async (catalogue: Catalogue): Promise<(string | null)[]> => {
    await vi.waitFor(async () => {
      await catalogue.view('flip');
      const row = await made.store.db.selectFrom('ingestion').select('at').where('owner', '=', 'flip').executeTakeFirstOrThrow();
      expect(row.at.getTime()).toBe(at);
    }, 20_000);
    return (await catalogue.view('flip')).offerings.map(({ cluster }) => cluster);
  };
  expect(await seen(one)).toEqual(['pa']);
  at += 20 * minuteMs;
  serving.set('/served', [pa, clusterOf(issuer, 'pb', 1)].join('\n'));
  // young enough for both: it was asked a moment ago
  expect(await seen(other)).toEqual(['pa']);
  at += 41 * minuteMs;
  expect(await seen(other)).toEqual(['pa', 'pb']);
  for (let round = 0; round < 2; round += 1) {
    at += 10 * minuteMs;
    expect(await seen(one)).toEqual(['pa', 'pb']);
    at += 10 * minuteMs;
    expect(await seen(other)).toEqual(['pa', 'pb']);
  }
  expect(await turned()).toEqual([]);
  serving.clear();
  at += 61 * minuteMs;
  expect(await seen(one)).toEqual(['pa', 'pb']);
  expect((await one.view('flip')).rejected).toEqual([{ source: address, reason: expect.stringContaining('answered 500') }]);
});

test('the same bytes from two sources are both’s: the limit or the end of one takes nothing from the other', async () => {
  const issuer = anIssuer('did:web:shared.example');
  const [stranger, own] = [folderOf('a-stranger'), folderOf('own')];
  const text = clusterOf(issuer, 'pa');
  for (const folder of [stranger, own]) writeFileSync(join(folder, 'it.jwt'), text);
  for (let n = 0; n < 5; n += 1) writeFileSync(join(stranger, `${n}.jwt`), token(issuer, `urn:${n}`, { id: `urn:${n}` }));
  const config = { sources: [stranger, own], policy: { issuers: [trusted(issuer)] }, heldMax: { items: 3, bytes: 1_000_000 }, keptMs: dayMs };
  await on({ ...config, sources: [stranger] }, start).view('shared');
  const catalogue = on(config, start + minuteMs);
  expect((await catalogue.view('shared')).offerings).toHaveLength(1);
  expect((await catalogue.credentials.show('shared', sha256Hex(text), null)).givenBy.map(({ source, id, isNow }) => [source, id, isNow])).toEqual(
    expect.arrayContaining([[own, 'it.jwt', true]]),
  );
  for (const name of ['it', 0, 1, 2, 3, 4]) unlinkSync(join(stranger, `${name}.jwt`));
  expect((await on(config, start + 2 * minuteMs).view('shared')).offerings).toHaveLength(1);
  expect((await on({ ...config, sources: [own] }, start + 9 * dayMs).view('shared')).offerings).toHaveLength(1);
  const { givenBy } = await on({ ...config, sources: [own] }, start + 9 * dayMs).credentials.show('shared', sha256Hex(text), null);
  expect(givenBy.filter(({ isNow }) => isNow).map(({ source }) => source)).toEqual([own]);
});

test('what is given is looked at in parts that fit into memory', async () => {
  const folder = folderOf('large');
  const large = 'x'.repeat(2 * 1024 * 1024 - 10);
  for (let n = 0; n < 10; n += 1) writeFileSync(join(folder, `${n}.jwt`), `${large}${n}`);
  await on({ sources: [folder] }, start).view('large');
  const rows = createReceivedRows(made.store, policyOf({}));
  const sizes: number[] = [];
  for await (const part of rows.parts('large')) sizes.push(part.length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(10);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(8);
});

test('of documents that a feed waits for, who has many waits for itself', () => {
  const flood = Array.from({ length: 900 }, (_, n) => ({ address: `https://h${n}.flood.example/${n}` }));
  const waiting = [...flood, { address: 'https://quiet.one/a' }, { address: 'https://other.two/b' }];
  expect(
    inTurns(waiting)
      .slice(0, 3)
      .map(({ address }) => address),
  ).toEqual(['https://h0.flood.example/0', 'https://quiet.one/a', 'https://other.two/b']);
  expect(inTurns(waiting)).toHaveLength(902);
});

test('an application whose decision is the same writes nothing about what it rests on', async () => {
  const { db } = made.store;
  const record = (source: string, at: string): string =>
    JSON.stringify({ at, clusters: ['pa'], placement: { candidates: [{ cluster: 'pa', opinions: [{ criterion: 'c', verdict: 'satisfied', source }] }] } });
  const [one, other] = ['a'.repeat(64), 'b'.repeat(64)];
  await db
    .insertInto('application')
    .values({ owner: 'rests', name: 'shop', namespace: 'shop', home: 'home', state: 'running', record: record(one, '1') })
    .execute();
  const rests = async () =>
    (await sql<{ xmin: string; credential: string }>`select xmin::text, credential from resting where owner = 'rests'`.execute(db)).rows;
  const before = await rests();
  await db
    .updateTable('application')
    .set({ record: record(one, '2') })
    .where('owner', '=', 'rests')
    .execute();
  expect(await rests()).toEqual(before);
  await db
    .updateTable('application')
    .set({ record: record(other, '3') })
    .where('owner', '=', 'rests')
    .execute();
  expect((await rests()).map(({ credential }) => credential)).toEqual([other]);
});
