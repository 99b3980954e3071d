// The broker's catalogue against the simulated Gaia-X over https: did:web, chains, status lists, and what was judged made again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCatalogue, type Catalogue } from '../../broker/src/catalogue/io/index.ts';
import { parseTrustedIssuers, stateOf } from '../../broker/src/catalogue/index.ts';
import type { SnapshotCluster } from '../../broker/src/placement/index.ts';
import { createImpact } from '../../broker/src/reactions/io/index.ts';
import { openDisk } from '../../simulator/disk.ts';
import { members } from '../../simulator/federation.ts';
import { startGaiaX, type GaiaX } from '../../simulator/gaiax/gaiax.ts';
import { testApi, type TestApi } from '../api.ts';
import { hanse } from '../cli.ts';
import { testStore, type TestStore } from '../database.ts';
import { aCluster } from '../fixtures/worlds.ts';

const folder = mkdtempSync(join(tmpdir(), 'hanse-gaiax-'));
let made: TestStore;
let gaiaX: GaiaX;
let catalogue: Catalogue;
let api: TestApi;
let at = Date.parse('2026-11-22T08:00:00Z');

beforeAll(async () => {
  made = await testStore();
  gaiaX = await startGaiaX({ disk: openDisk(folder), members, now: () => at });
  catalogue = createCatalogue({
    store: made.store,
    config: {
      sources: gaiaX.sources,
      policy: {
        issuers: parseTrustedIssuers(gaiaX.trustedIssuers),
        anchors: [gaiaX.anchor],
        ...gaiaX.vocabulary,
        requires: { chain: 'passed', jsonld: 'passed', shapes: 'passed' },
      },
      allowedAddresses: [new URL(gaiaX.url).host],
      ca: gaiaX.authority,
      askAgainMs: 1000,
    },
    now: () => at,
  });
  api = await testApi(made.store, { credentials: catalogue.credentials });
});
afterAll(async () => {
  await api.close();
  await gaiaX.close();
  await made.close();
  rmSync(folder, { recursive: true, force: true });
});

const labels = async (cluster: string): Promise<unknown[]> =>
  ((await catalogue.view('default')).offerings.find((offering) => offering.cluster === cluster)?.facts ?? []).flatMap(({ name, value }) =>
    name === 'label' ? [value] : [],
  );

it('relies on every credential of the federation, each with its chain and its status list', async () => {
  const { offerings, rejected } = await catalogue.view('default');
  const { items } = await catalogue.credentials.list('default', { limit: 1000 });
  const judgements = await catalogue.credentials.shown(
    'default',
    items.map(({ digest }) => digest),
  );
  expect(rejected).toEqual([]);
  expect(offerings).toHaveLength(gaiaX.sources.length);
  expect(judgements.length).toBe(items.length);
  expect(judgements.length).toBeGreaterThan(gaiaX.sources.length);
  for (const { checks } of judgements) expect(checks.filter(({ result }) => result !== 'passed')).toEqual([]);
  const reasons = judgements.flatMap(({ checks }) => checks.map(({ name, reason }) => `${name}: ${reason}`)).join('\n');
  expect(reasons).toContain('Demo Trust Service ← Demo Trust Root: a configured trust anchor');
  expect(reasons).toContain('not set: revocation');
  expect(reasons).toContain('subjects are as their shapes ask');
});

it('publishes its words: context, facts, schemes', async () => {
  const answer = await api.call('/v1/vocabulary');
  expect(await answer.json()).toMatchObject({
    context: { '@context': { hanse: 'https://hanse.dev/ns#' } },
    facts: expect.arrayContaining([expect.objectContaining({ name: 'label', type: 'label' })]),
    schemes: expect.arrayContaining([expect.objectContaining({ fact: 'gdpr.art42' })]),
  });
});

it('notices what its issuer took back, and can tell what it was judged on before', async () => {
  expect(await labels('ebro')).toEqual([expect.stringMatching(/^(SC|L\d)$/)]);
  const before = new Date(at);
  await gaiaX.mark('revocation', 'ebro', 'label');
  at += 10_000;
  expect(await labels('ebro')).toEqual([]);
  const revoked = (await catalogue.credentials.list('default', { state: ['revoked'], limit: 10 })).items;
  expect(revoked).toMatchObject([{ types: expect.arrayContaining(['gx:LabelCredential']), reason: expect.stringContaining('has revoked it') }]);
  const { digest = '' } = revoked[0] ?? {};

  const now = await catalogue.credentials.show('default', digest.slice(0, 12), null);
  expect(now).toMatchObject({ digest, state: 'revoked', changes: [new Date(at).toISOString(), before.toISOString()] });
  const then = await catalogue.credentials.show('default', digest, before);
  expect(then).toMatchObject({ state: 'active', judgedAt: before.toISOString() });
  const last = await catalogue.credentials.show('default', digest, 'last');
  expect(last.checks.find(({ name }) => name === 'status')).toMatchObject({ finding: 'revoked' });
  await expect(catalogue.credentials.show('default', digest, new Date('2026-01-01T00:00:00Z'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(catalogue.credentials.show('default', 'abcdefabcdef', null)).rejects.toMatchObject({ code: 'NOT_FOUND' });

  const listed = await hanse(['credential', 'list'], { url: api.url });
  expect(listed).toMatchObject({ exit: 0, out: expect.stringMatching(new RegExp(`${digest.slice(0, 12)} +revoked +gx:LabelCredential`)) });
  const shown = await hanse(['credential', 'show', digest.slice(0, 8)], { url: api.url });
  expect(shown.out).toMatch(/failed +status +its issuer has revoked it/);
  expect(shown.out).toMatch(/passed +chain +labels ← Demo Trust Service ← Demo Trust Root/);
  const replayed = await hanse(['credential', 'show', digest.slice(0, 8), '--replay', before.toISOString()], { url: api.url });
  expect(replayed.out).toContain(`Judged again as at ${before.toISOString()}`);
  expect(replayed.out).toMatch(/passed +status +not set: revocation/);
  expect((await hanse(['credential', 'show', digest.slice(0, 8), '--replay', 'yesterday'], { url: api.url })).err).toMatch(/replay/);

  await gaiaX.reset();
  at += 10_000;
  expect(await labels('ebro')).toHaveLength(1);
});

it('judges again what it is asked to, and writes no offer anew that does not rest on it', async () => {
  const { credentials } = catalogue;
  const ofEbro = (await credentials.list('default', { type: 'LabelCredential', limit: 100 })).items.filter(({ source }) => source.includes('ebro'));
  const orders = async (): Promise<ReadonlyMap<string | null, string>> => {
    const rows = await made.store.db.selectFrom('offer').select(['cluster', 'seq']).where('removed', '=', false).execute();
    return new Map(rows.map(({ cluster, seq }) => [cluster, seq]));
  };
  const before = await orders();
  await gaiaX.mark('revocation', 'ebro', 'label');
  at += 1500;
  const { judgements } = await catalogue.rejudge(
    'default',
    ofEbro.map(({ digest }) => digest),
  );
  expect(judgements.filter((judgement) => stateOf(judgement) === 'revoked').map(({ digest }) => digest)).toEqual(ofEbro.map(({ digest }) => digest));
  expect(await labels('ebro')).toEqual([]);
  const after = await orders();
  expect([...after].filter(([cluster, seq]) => before.get(cluster) !== seq).map(([cluster]) => cluster)).toEqual(['ebro']);
  await gaiaX.reset();
  at += 10_000;
  expect(await labels('ebro')).toHaveLength(1);
});

const stateOfCredential = async (digest: string): Promise<string | undefined> =>
  (await made.store.db.selectFrom('standing').select('state').where('digest', '=', digest).executeTakeFirst())?.state;

it('looks again by itself at what it believes, and says what runs on what was taken back, also after it was issued anew', async () => {
  const labelOf = async (): Promise<string> =>
    (await catalogue.view('default')).offerings.find(({ cluster }) => cluster === 'main')?.facts.find(({ name }) => name === 'label')?.credential ?? '';
  const placedOn = await labelOf();
  const opinions = [{ criterion: 'label>=L1@certified', verdict: 'satisfied', asked: '', found: '', source: placedOn }];
  const record = JSON.stringify({ clusters: ['main'], react: { proof: 'forbid' }, placement: { candidates: [{ cluster: 'main', opinions }] } });
  const shop = { owner: 'default', name: 'shop', namespace: 'shop', home: 'harbour', state: 'running', record };
  await made.store.db.insertInto('application').values(shop).execute();
  const known = async (): Promise<readonly SnapshotCluster[]> => {
    const offering = (await catalogue.view('default')).offerings.find(({ cluster }) => cluster === 'main');
    return [aCluster('main', { facts: offering?.facts ?? [] })];
  };
  const impact = createImpact({ store: made.store, decider: { known } });
  const served = await testApi(made.store, { credentials: catalogue.credentials, impact });
  const words = async (...asked: readonly string[]): Promise<string> => (await hanse([...asked], { url: served.url })).out;
  const errors: unknown[] = [];
  const watch = catalogue.watch((error) => errors.push(error));
  try {
    expect(await words('impact')).toBe('Nothing runs on a proof that lapsed or ends soon.\n');
    // a price issues offer and label anew; then the new label is taken back
    await gaiaX.setPrice('main', 0.5);
    at += 10_000;
    const newer = await labelOf();
    expect(newer).not.toBe(placedOn);
    expect(await words('impact')).toBe('Nothing runs on a proof that lapsed or ends soon.\n');
    await gaiaX.mark('revocation', 'main', 'label');
    at += 10_000;
    // nobody asks for offers: the watch alone sees it
    await expect.poll(() => stateOfCredential(newer), { timeout: 60_000, interval: 200 }).toBe('revoked');
    const row = `shop +main +label>=L1@certified +${newer.slice(0, 12)} +revoked .* no +nothing new there`;
    expect(await words('impact')).toMatch(new RegExp(row));
    expect(await words('impact', '--credential', newer.slice(0, 12), '--provider', 'main')).toMatch(new RegExp(row));
    expect(await words('impact', '--provider', 'po')).toContain('Nothing runs');
    expect(await words('credential', 'history', newer)).toMatch(/active +revoked +status failed: its issuer has revoked it/);
    await gaiaX.reset();
    at += 10_000;
    expect(await labelOf()).not.toBe(newer);
    expect(await words('impact')).toBe('Nothing runs on a proof that lapsed or ends soon.\n');
    expect(errors).toEqual([]);
  } finally {
    await watch.stop();
    await served.close();
  }
});

it('goes on with what it has where Gaia-X does not answer, for an hour and no longer', async () => {
  await gaiaX.close();
  at += 10_000;
  expect((await catalogue.view('default')).offerings).toHaveLength(gaiaX.sources.length);
  at += 2 * 3_600_000;
  const { offerings, rejected } = await catalogue.view('default');
  expect(offerings).toEqual([]);
  expect(rejected.some(({ reason }) => reason.startsWith('key unknown'))).toBe(true);
  // and calls nothing revoked because nobody answers
  const states = await made.store.db.selectFrom('standing').select('state').distinct().where('state', '<>', 'deprecated').execute();
  expect(states).toEqual([{ state: 'unverifiable' }]);
  gaiaX = await startGaiaX({ disk: openDisk(folder), members, now: () => at });
  at += 120_000;
  expect((await catalogue.view('default')).offerings).toHaveLength(gaiaX.sources.length);
});
