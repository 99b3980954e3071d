import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testStore } from '../../../../test/database.ts';
import type { TestStore } from '../../../../test/database.ts';
import { writeDemoCredentials } from '../../../../test/fixtures/issueCredentials.ts';
import { aRequest, gib } from '../../../../test/fixtures/worlds.ts';
import { createCatalogue } from '../../catalogue/io/index.ts';
import type { Catalogue } from '../../catalogue/io/index.ts';
import type { Cluster } from '../../clusters/index.ts';
import type { Clusters } from '../../clusters/io/index.ts';
import { HanseError } from '../../errors.ts';
import { clusterName, ownerId } from '../../ids.ts';
import { createReservations } from '../../reservations/io/index.ts';
import { less, nothing, parseCriterion, place, times } from '../index.ts';
import { createDecider } from './index.ts';
import type { Decider } from './index.ts';

const owner = 'default';
const at = Date.parse('2026-11-22T08:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'hanse-credentials-'));
let made: TestStore;
let decider: Decider;
let catalogue: Catalogue;

const aRegistered = (name: string): Cluster => ({
  name: clusterName(name),
  owner: ownerId(owner),
  side: 'provider',
  server: 'https://10.0.0.1:6443',
  uid: name,
  liqoClusterId: name,
  liqoVersion: 'v1.2.0',
  accountNamespace: 'hanse',
  kubernetesVersion: 'v1.34.1',
  podCidrs: [],
  serviceCidrs: [],
  liqoNetworking: false,
  platform: { distribution: '', manager: '', platform: '', evidence: [] },
  state: 'ready',
});

/** The registry's port, over a list: the clusters that were added. */
const registered = (names: readonly string[]): Clusters => {
  const absent = (): never => {
    throw new HanseError('NOT_FOUND', 'no such cluster');
  };
  return { list: async () => names.map(aRegistered), find: async () => absent(), home: async () => absent(), kube: async () => absent() };
};

beforeAll(async () => {
  made = await testStore();
  const { issuers } = writeDemoCredentials(folder, at);
  catalogue = createCatalogue({ store: made.store, config: { sources: [folder], policy: { issuers }, allowedAddresses: [] }, now: () => at });
  decider = createDecider({ store: made.store, clusters: registered(['pa', 'pc']), catalogue, now: () => at });
  const peering = { provider: 'pa', state: 'ready', resources: { cpuMillis: 2000, memoryBytes: 4 * gib, pods: 20, gpus: 0 } };
  await made.store.db
    .insertInto('peering')
    .values({ owner, home: 'home', provider: 'pa', state: 'ready', record: JSON.stringify(peering) })
    .execute();
});
afterAll(async () => {
  await made.close();
  rmSync(folder, { recursive: true, force: true });
});

const where = (...words: string[]) => ({ where: words, prefer: ['price'] });

test('lists offers best first, each with its reasons and the smallest change that would make it match', async () => {
  const { items } = await decider.offers(owner, where('country=DE,NL', 'label>=L1@certified'));
  expect(items.map(({ offering, cluster, matches }) => [offering.cluster, cluster, matches])).toEqual([
    ['pa', 'pa', true],
    ['pb', null, true],
  ]);
  const gpus = await decider.offers(owner, where('gpu.count>=8@certified', 'country=NL'));
  expect(gpus.items.find(({ offering }) => offering.cluster === 'pb')).toMatchObject({
    matches: false,
    relaxation: 'ask gpu.count>=4@declared instead of gpu.count>=8@certified and ask country=NL,DE instead of country=NL',
  });
});

test('places on what is federated, within what is lent and not yet used', async () => {
  const request = aRequest({ criteria: [parseCriterion('country=NL')], replicas: 4 });
  expect((await decider.decide(owner, request)).chosen).toEqual([{ cluster: 'pa', replicas: 4 }]);
  const record = JSON.stringify({ request: { each: request.each }, placement: { chosen: [{ cluster: 'pa', replicas: 3 }] } });
  await made.store.db.insertInto('application').values({ owner, name: 'shop', namespace: 'shop', home: 'home', state: 'running', record }).execute();
  const second = await decider.decide(owner, request);
  expect(second.chosen).toBeNull();
  expect(second.candidates.find(({ cluster }) => cluster === 'pa')?.opinions.find(({ criterion }) => criterion === 'capacity')?.found).toContain('room for 1');
  expect(second.candidates.find(({ cluster }) => cluster === 'pc')?.opinions[0]?.found).toBe('it was added but is not federated');
  // what earlier moves of the same plan take and give back is counted
  const given = less(nothing, times(request.each, 3));
  expect((await decider.decide(owner, request, new Map([['pa', given]]))).chosen).toEqual([{ cluster: 'pa', replicas: 4 }]);
  expect((await decider.decide(owner, aRequest({ replicas: 1 }), new Map([['pa', times(request.each, 1)]]))).chosen).toBeNull();
});

test('counts what is booked with a provider as taken, also while its peering is only being made', async () => {
  const another = createDecider({ store: made.store, clusters: registered(['pb']), catalogue, now: () => at });
  const freeAt = async (): Promise<number | undefined> => {
    const { snapshotVersion } = await another.decide(owner, aRequest({ replicas: 1 }));
    return (await another.snapshot(owner, snapshotVersion)).clusters.find(({ name }) => name === 'pb')?.free?.cpuMillis;
  };
  const before = await freeAt();
  const reservations = createReservations(made.store);
  await reservations.setPool(ownerId(owner), 'pb', { cpuMillis: 1e6, memoryBytes: gib, pods: 110, gpus: 0 });
  const parts = [{ pool: 'pb', amount: { cpuMillis: 3000, memoryBytes: gib, pods: 1, gpus: 0 } }];
  await reservations.reserve(ownerId(owner), { booking: 'peering/pb', operation: null, parts, seconds: 1e9 });
  expect(await freeAt()).toBe((before ?? 0) - 3000);
  expect(before).toBeGreaterThan(3000);
  await reservations.release(ownerId(owner), 'peering/pb');
});

test('sends nothing new to a provider that something is the matter with, and says so', async () => {
  const request = aRequest({ replicas: 1 });
  const recordOf = (state: string): string => JSON.stringify({ provider: 'pa', application: null, state });
  const record = recordOf('watching');
  await made.store.db.insertInto('reaction').values({ id: 're-1', owner, about: 'unreachable/pa/', open: true, operation: null, record }).execute();
  expect((await decider.decide(owner, request)).chosen).not.toBeNull();
  await made.store.db
    .updateTable('reaction')
    .set({ record: recordOf('asking') })
    .where('id', '=', 're-1')
    .execute();
  const closed = await decider.decide(owner, request);
  expect(closed.chosen).toBeNull();
  const opinions = closed.candidates.find(({ cluster }) => cluster === 'pa')?.opinions;
  expect(opinions?.find(({ criterion }) => criterion === 'capacity')?.found).toContain('nothing new goes there now');
  expect(place(request, await decider.snapshot(owner, closed.snapshotVersion))).toEqual(closed);
  await made.store.db.updateTable('reaction').set({ open: false }).where('id', '=', 're-1').execute();
  expect((await decider.decide(owner, request)).chosen).not.toBeNull();
  // of one application alone: only where its policy forbids anything new there
  for (const [state, isClosed] of [
    ['warned', false],
    ['asking', false],
    ['closed', true],
  ] as const) {
    await made.store.db
      .updateTable('reaction')
      .set({ open: true, record: JSON.stringify({ provider: 'pa', application: 'shop', state }) })
      .where('id', '=', 're-1')
      .execute();
    expect((await decider.decide(owner, request)).chosen === null).toBe(isClosed);
  }
  await made.store.db.updateTable('reaction').set({ open: false }).where('id', '=', 're-1').execute();
});

test('keeps what it decided on, so that anyone decides the same on that version', async () => {
  const request = aRequest({ replicas: 1 });
  const first = await decider.decide(owner, request);
  const again = await decider.decide(owner, request);
  expect(again).toEqual(first);
  expect(place(request, await decider.snapshot(owner, first.snapshotVersion))).toEqual(first);
  await expect(decider.snapshot('somebody', first.snapshotVersion)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('chooses added providers by criteria, whether they are federated or not', async () => {
  expect((await decider.choose(owner, ['kubernetes.version>=1.34'])).clusters).toEqual(['pa', 'pc']);
  expect((await decider.choose(owner, ['country=NL'])).clusters).toEqual(['pa']);
  const snapshots = () => made.store.db.selectFrom('snapshot').select('owner').execute();
  const before = await snapshots();
  for (const words of [['contry=NL'], ['memory>=20ms'], ['cpu>=8', 'cpu<=4'], ['availability>=1.5']])
    await expect(decider.choose(owner, words)).rejects.toMatchObject({ code: 'INVALID_REQUEST', place: { path: words.at(-1) } });
  expect(await snapshots()).toEqual(before);
});
