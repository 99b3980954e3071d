// Whom a registry answers for: what is believed of it while it is silent, when it takes a root back, and when it knows it again.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCatalogue, type Catalogue } from '../../broker/src/catalogue/io/index.ts';
import { parseTrustedIssuers, type Policy } from '../../broker/src/catalogue/index.ts';
import type { SnapshotCluster } from '../../broker/src/placement/index.ts';
import { createImpact } from '../../broker/src/reactions/io/index.ts';
import { memoryDisk } from '../../simulator/disk.ts';
import { members } from '../../simulator/federation.ts';
import { startGaiaX, type GaiaX } from '../../simulator/gaiax/gaiax.ts';
import { testApi, type TestApi } from '../api.ts';
import { hanse } from '../cli.ts';
import { testStore, type TestStore } from '../database.ts';
import { aCluster } from '../fixtures/worlds.ts';

const hourMs = 3_600_000;
/** Registries are asked again after six hours, and a fifth more at most. */
const againMs = 8 * hourMs;
/** So long its last word holds. */
const holdsMs = 25 * hourMs;
const soon = { timeout: 60_000, interval: 100 };

type Broker = { readonly made: TestStore; readonly catalogue: Catalogue };

let at = Date.parse('2026-11-22T08:00:00Z');
let gaiaX: GaiaX;
/** One that asks for a chain that is shown, and one that only minds one that is refused. */
let strict: Broker;
let usual: Broker;
let api: TestApi;
let stop: () => Promise<unknown>;
const errors: unknown[] = [];

const brokerOf = async (requires: Policy['requires']): Promise<Broker> => {
  const made = await testStore();
  const policy = { issuers: parseTrustedIssuers(gaiaX.trustedIssuers), registries: [gaiaX.registry], requires };
  const sources = gaiaX.sources.slice(0, 2);
  const config = { sources, policy, allowedAddresses: [new URL(gaiaX.url).host], ca: gaiaX.authority, askAgainMs: 300_000 };
  return { made, catalogue: createCatalogue({ store: made.store, config, now: () => at }) };
};

beforeAll(async () => {
  gaiaX = await startGaiaX({ disk: memoryDisk(), members, now: () => at });
  [strict, usual] = await Promise.all([brokerOf({ chain: 'passed' }), brokerOf({})]);
  const known = async (): Promise<readonly SnapshotCluster[]> => [aCluster('main', { facts: await factsOf(strict) })];
  const { made, catalogue } = strict;
  api = await testApi(made.store, { credentials: catalogue.credentials, impact: createImpact({ store: made.store, decider: { known } }) });
  const opinions = [{ criterion: 'label>=L1@certified', verdict: 'satisfied', asked: '', found: '', source: await labelOf(strict) }];
  const record = JSON.stringify({ clusters: ['main'], react: { proof: 'forbid' }, placement: { candidates: [{ cluster: 'main', opinions }] } });
  const shop = { owner: 'default', name: 'shop', namespace: 'shop', home: 'harbour', state: 'running', record };
  await made.store.db.insertInto('application').values(shop).execute();
  await usual.catalogue.view('default');
  const watches = [strict, usual].map((each) => each.catalogue.watch((error) => errors.push(error)));
  stop = () => Promise.all(watches.map((watch) => watch.stop()));
});
afterAll(async () => {
  await stop?.();
  await api?.close();
  for (const each of [strict, usual]) await each?.made.close();
  await gaiaX?.close();
});

const factsOf = async ({ catalogue }: Broker) => (await catalogue.view('default')).offerings.find(({ cluster }) => cluster === 'main')?.facts ?? [];
const labelOf = async (broker: Broker): Promise<string> => (await factsOf(broker)).find(({ name }) => name === 'label')?.credential ?? '';
/** As it is written: nobody asks for offers, the watch alone looks again. */
const statesOf = async ({ made }: Broker): Promise<string[]> =>
  (await made.store.db.selectFrom('standing').select('state').distinct().execute()).map(({ state }) => state);
const words = async (...asked: readonly string[]): Promise<string> => (await hanse([...asked], { url: api.url })).out;

it('a registry stands for roots that nobody configured', async () => {
  const label = await labelOf(strict);
  expect(await words('credential', 'show', label)).toMatch(
    /passed +chain +labels ← Demo Trust Service ← Demo Trust Root: the registry answers for Demo Trust Root/,
  );
  expect([await statesOf(strict), await statesOf(usual)]).toEqual([['active'], ['active']]);
});

it('one that is silent is unknown and never a refusal: its last word holds for a day, then a policy that asks for it believes nothing until it answers again', async () => {
  const label = await labelOf(strict);
  await gaiaX.turnRegistry('fails');
  at += againMs;
  await expect.poll(() => hasLooked(strict), soon).toBe(true);
  expect(await statesOf(strict)).toEqual(['active']);
  at += holdsMs;
  await expect.poll(() => statesOf(strict), soon).toEqual(['unverifiable']);
  await expect.poll(() => hasLooked(usual), soon).toBe(true);
  expect(await statesOf(usual)).toEqual(['active']);
  expect(await words('credential', 'show', label)).toMatch(/unknown +chain .*registry .* could not be asked: .* answered 503/);
  expect(await words('impact')).toMatch(/^shop +main +label>=L1@certified .* unverifiable .* no +nothing new there/m);
  await gaiaX.turnRegistry('knows');
  // longer than it waits after so long a silence
  at += 2 * holdsMs;
  await expect.poll(() => statesOf(strict), soon).toEqual(['active']);
  expect(await words('credential', 'history', label)).toMatch(/unverifiable +active/);
  expect(await words('impact')).toContain('Nothing runs on a proof that lapsed');
});

it('one that takes a root back ends what stood on it, whatever the policy asks of chains, and it is told and reaches what runs', async () => {
  const label = await labelOf(strict);
  await gaiaX.turnRegistry('drops');
  at += againMs;
  await expect.poll(() => statesOf(strict), soon).toEqual(['revoked']);
  await expect.poll(() => statesOf(usual), soon).toEqual(['revoked']);
  expect(await words('credential', 'history', label)).toMatch(
    /active +revoked +chain failed: the registry https:\S+ does not take the chain: "?Root certificate is not a trust anchor/,
  );
  const events = await strict.made.store.db.selectFrom('audit_event').select('action').where('subject', '=', label).orderBy('seq').execute();
  expect(events.map(({ action }) => action)).toEqual(['credential.unverifiable', 'credential.active', 'credential.revoked']);
  expect(await words('impact')).toMatch(/^shop +main +label>=L1@certified .* revoked .* no +nothing new there/m);
  expect(await labelOf(usual)).toBe('');
  await gaiaX.turnRegistry('knows');
  at += againMs;
  await expect.poll(() => statesOf(strict), soon).toEqual(['active']);
  expect(await words('impact')).toContain('Nothing runs on a proof that lapsed');
  expect(errors).toEqual([]);
});

/** Whether everything was looked at: whoever begins with it puts it off for five minutes, and what could not be asked is asked again sooner. */
async function hasLooked({ made }: Broker): Promise<boolean> {
  const rows = await made.store.db.selectFrom('standing').select('next_check_at').execute();
  return rows.every(({ next_check_at: next }) => next.getTime() > at && next.getTime() < at + 300_000);
}
