// What was measured of a cluster is found by the index as it is judged by a decision, until it is too old or measured anew.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testStore, type TestStore } from '../../../../test/database.ts';
import { writeDemoCredentials } from '../../../../test/fixtures/issueCredentials.ts';
import { aRequest } from '../../../../test/fixtures/worlds.ts';
import { createCatalogue } from '../../catalogue/io/index.ts';
import type { Cluster } from '../../clusters/index.ts';
import { HanseError } from '../../errors.ts';
import { clusterName, ownerId } from '../../ids.ts';
import { parseCriterion } from '../index.ts';
import { createDecider, type Decider } from './index.ts';

const owner = ownerId('default');
const start = Date.parse('2026-11-22T08:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'hanse-measured-'));
let made: TestStore;
let decider: Decider;
let now = start;

const pa: Cluster = {
  name: clusterName('pa'),
  owner,
  side: 'provider',
  server: 'https://10.0.0.1:6443',
  uid: 'pa',
  liqoClusterId: 'pa',
  liqoVersion: 'v1.2.0',
  accountNamespace: 'hanse',
  kubernetesVersion: 'v1.34.1',
  podCidrs: [],
  serviceCidrs: [],
  liqoNetworking: false,
  platform: { distribution: '', manager: '', platform: '', evidence: [] },
  state: 'ready',
};
const absent = (): never => {
  throw new HanseError('NOT_FOUND', 'no such cluster');
};
const measure = async (medianMs: number): Promise<void> => {
  const until = new Date(now + 1_800_000).toISOString();
  const record = JSON.stringify({ availability: null, latency: { medianMs, probes: 80, since: new Date(start).toISOString(), until } });
  await made.store.db
    .insertInto('measured')
    .values({ owner, cluster: 'pa', record })
    .onConflict((conflict) => conflict.columns(['owner', 'cluster']).doUpdateSet({ record }))
    .execute();
};

beforeAll(async () => {
  made = await testStore();
  const { issuers } = writeDemoCredentials(folder, start);
  const catalogue = createCatalogue({ store: made.store, config: { sources: [folder], policy: { issuers }, allowedAddresses: [] }, now: () => now });
  const clusters = { list: async () => [pa], find: async () => absent(), home: async () => absent(), kube: async () => absent() };
  decider = createDecider({ store: made.store, clusters, catalogue, now: () => now });
  await made.store.db.insertInto('cluster').values({ owner, name: 'pa', uid: 'pa', side: 'provider', state: 'ready', record: '{}', secret: null }).execute();
});
afterAll(async () => {
  await made.close();
  rmSync(folder, { recursive: true, force: true });
});

test('an offer is found by what was measured of its cluster, and only for as long as that holds', async () => {
  const near = async () => {
    const { matching, items } = await decider.offers(owner, { where: ['latency.ms<=20@measured'], prefer: ['latency.ms'] });
    const { candidates } = await decider.decide(owner, aRequest({ criteria: [parseCriterion('latency.ms<=20@measured')], reach: 'offered' }));
    const found = items.filter(({ matches }) => matches).map(({ cluster }) => cluster);
    const fits = candidates.filter(({ opinions }) => opinions.some(({ criterion, verdict }) => criterion.startsWith('latency') && verdict === 'satisfied'));
    expect(fits.map(({ cluster }) => cluster)).toEqual(found);
    expect(matching).toBe(found.length);
    return found;
  };
  expect(await near()).toEqual([]);
  await measure(12);
  expect(await near()).toEqual(['pa']);
  await measure(21);
  expect(await near()).toEqual([]);
  await measure(20);
  expect(await near()).toEqual(['pa']);
  now += 1_800_000;
  expect(await near()).toEqual([]);
});
