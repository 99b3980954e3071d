// A step that fails when its effect is already there: everything is taken back, the failed step too, and the world and the records are as before.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { by } from '../journeys/peered.ts';
import { careless } from '../journeys/migrateLab.ts';
import { probeImage } from '../journeys/wholeJob.ts';
import { changes, type JourneyWorld, pictureOf, simulatedWorld } from '../journeys/world.ts';
import { type FailingBench, injected, openBench } from './failingBench.ts';

/** A Deployment keeps an empty ReplicaSet of each template that it had, and makes its own anew around the pods that were let go. */
const isNoHistory = (line: string): boolean => !/^[+-] home: ReplicaSet shop\//.test(line);
const soon = { timeout: 60_000, interval: 100 };

describe('a step that fails after its effect', { timeout: 400_000 }, () => {
  let world: JourneyWorld;
  let bench: FailingBench;

  beforeAll(async () => {
    world = await simulatedWorld();
    bench = await openBench(world, async () => ({ probe: { image: probeImage }, migration: { drainSecondsMin: 0, drainSecondsMax: 0 } }));
  });
  afterAll(async () => {
    await bench?.close();
    await world?.close();
  });

  const records = async (): Promise<unknown> => {
    const { clusters, applications } = bench.wired;
    const [added, deployed, peered, booked] = await Promise.all([
      clusters.list(by.owner),
      applications.list(by.owner),
      bench.test.store.db.selectFrom('peering').select(['home', 'provider', 'record']).orderBy('provider').execute(),
      bench.test.store.db.selectFrom('reservation').select(['booking', 'pool', 'cpu_millis', 'state']).execute(),
    ]);
    return {
      added: added.map(({ name, state }) => [name, state]),
      deployed: deployed.map(({ name, state, clusters: at }) => [name, state, at]),
      peered,
      booked,
    };
  };
  /** Fails at each step before the point of no return, one after the other. Answers at how many. */
  const failedAtEach = async (name: string, request: object): Promise<number> => {
    const [before, recorded] = [await pictureOf(world), await records()];
    const { steps, pointOfNoReturn } = await bench.planned(name, request);
    const last = pointOfNoReturn ?? steps.length;
    for (let index = 0; index < last; index += 1) {
      bench.failingStep = index;
      const title = `step ${index} of ${name}: ${steps[index]?.title}`;
      expect(await bench.carryOut(await bench.planned(name, request)), title).toMatchObject({
        state: 'rolledBack',
        detail: { failure: { message: injected } },
      });
      await expect.poll(async () => changes(before, await pictureOf(world)).filter(isNoHistory), { ...soon, message: title }).toEqual([]);
      expect(await records(), title).toEqual(recorded);
    }
    return last;
  };
  const shop = { name: 'shop', manifests: [{ file: 'shop.yaml', text: careless() }], clusters: ['pa'] };

  it('leaves nothing of a home cluster that was to be added', async () => {
    expect(await failedAtEach('cluster-add', bench.addRequest('home'))).toBeGreaterThan(0);
    await bench.done('cluster-add', bench.addRequest('home'));
  });

  it('leaves nothing of a provider that was to be added', async () => {
    expect(await failedAtEach('cluster-add', bench.addRequest('pa'))).toBeGreaterThan(0);
    await bench.done('cluster-add', bench.addRequest('pa'));
    await bench.done('cluster-add', bench.addRequest('pb'));
  });

  it('leaves nothing of a federation', async () => {
    expect(await failedAtEach('federate', { providers: ['pa'] })).toBeGreaterThan(1);
    await bench.done('federate', { providers: ['pa', 'pb'] });
  });

  it('leaves nothing of a deployment', async () => {
    expect(await failedAtEach('deploy', shop)).toBeGreaterThan(1);
    await bench.done('deploy', shop);
  });

  it('brings a moving application back as it was, with the same pods', async () => {
    const request = { application: 'shop', from: 'pa', to: 'pb', soakSeconds: 0, connectionAgeSeconds: 0 };
    expect(await failedAtEach('migrate', request)).toBeGreaterThan(1);
    await bench.done('migrate', request);
  });

  it('does not leave, delete or remove by half: what cannot be undone is not begun before', async () => {
    await failedAtEach('delete', { name: 'shop' });
    await bench.done('delete', { name: 'shop' });
    await failedAtEach('leave', { provider: 'pa' });
    await bench.done('leave', { provider: 'pa' });
    await bench.done('leave', { provider: 'pb' });
    await failedAtEach('cluster-remove', { name: 'pa', force: false });
    await bench.done('cluster-remove', { name: 'pa', force: false });
  });
});
