import { afterAll, beforeAll, expect, test } from 'vitest';
import { testStore, type TestStore } from '../../../../test/database.ts';
import { clusterName, ownerId } from '../../ids.ts';
import { createHearing, createHeartbeatLog, readMeasured } from './heartbeats.ts';

const owner = ownerId('default');
const start = Date.parse('2026-11-22T08:00:00Z');
let made: TestStore;

beforeAll(async () => {
  made = await testStore();
});
afterAll(() => made.close());

const add = async (name: string, uid: string): Promise<void> =>
  void (await made.store.db.insertInto('cluster').values({ owner, name, uid, side: 'provider', state: 'ready', record: '{}', secret: null }).execute());
const remove = async (name: string): Promise<void> => void (await made.store.db.deleteFrom('cluster').where('name', '=', name).execute());
const logOf = (name: string, uid = name) => createHeartbeatLog(made.store, { owner, name: clusterName(name), uid });
const measuredOf = async (name: string) => (await readMeasured(made.store, owner)).get(name);

test('a day of heartbeats is kept in a bounded number of rows, and a silence in it outlives the broker that heard it', async () => {
  await add('pa', 'pa');
  const everyMs = 15_000;
  for (let from = 0; from < 30 * 240; from += 240) {
    // a broker of its own every hour
    const log = logOf('pa');
    for (let beat = from; beat < from + 240; beat += 1) log.note({ at: start + beat * everyMs, roundTripMs: beat % 100 === 7 ? null : 3 });
    await log.write();
  }
  const measured = await measuredOf('pa');
  expect(measured).toMatchObject({ latency: { medianMs: 3 } });
  expect(measured?.availability?.share).toBeCloseTo(0.99, 3);
  expect(measured?.availability?.probes).toBeGreaterThan(5700);
  const rows = await made.store.db.selectFrom('heartbeat').selectAll().where('cluster', '=', 'pa').execute();
  expect(rows.length).toBeLessThanOrEqual(145);
  expect(Math.max(...rows.map(({ round_trips_ms }) => round_trips_ms.length))).toBeLessThanOrEqual(240);
});

test('two brokers that both ask change no share and no median', async () => {
  await add('pb', 'pb');
  const brokers = [logOf('pb'), logOf('pb')];
  for (let beat = 0; beat < 100; beat += 1) for (const broker of brokers) broker.note({ at: start + beat * 1000, roundTripMs: beat % 10 === 0 ? null : beat });
  await Promise.all(brokers.map((broker) => broker.write()));
  expect(await measuredOf('pb')).toMatchObject({ availability: { share: 0.9, probes: 200 }, latency: { medianMs: 51, probes: 180 } });
});

test('what is not written for a while is written later, once', async () => {
  await add('pc', 'pc');
  const log = logOf('pc');
  for (let beat = 0; beat < 50; beat += 1) log.note({ at: start + beat * 1000, roundTripMs: 5 });
  const writing = log.write();
  log.note({ at: start + 50_000, roundTripMs: 5 });
  await writing;
  await log.write();
  await log.write();
  expect(await measuredOf('pc')).toMatchObject({ availability: { probes: 51 } });
});

test('what was measured ends with its cluster: another one of the name begins anew', async () => {
  await add('pd', 'one');
  const log = logOf('pd', 'one');
  for (let beat = 0; beat < 50; beat += 1) log.note({ at: start + beat * 1000, roundTripMs: 5 });
  await log.write();
  expect(await measuredOf('pd')).toBeDefined();
  await remove('pd');
  await add('pd', 'another');
  log.note({ at: start + 60_000, roundTripMs: 5 });
  await log.write();
  expect(await measuredOf('pd')).toBeUndefined();
  expect(await made.store.db.selectFrom('heartbeat').selectAll().where('cluster', '=', 'pd').execute()).toEqual([]);
});

test('when nobody answers any more, nobody is blamed', () => {
  const hearing = createHearing();
  for (const key of ['home', 'pa', 'pb']) hearing.heard(key, true);
  hearing.heard('pa', false);
  expect(hearing.isToldApart('pa')).toBe(true);
  hearing.heard('home', false);
  hearing.heard('pb', false);
  expect(hearing.isToldApart('pa')).toBe(false);
  hearing.forget('home');
  hearing.forget('pb');
  expect(hearing.isToldApart('pa')).toBe(true);
});
