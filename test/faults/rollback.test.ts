// A step that fails when its effect is already there: everything is taken back, the failed step too, and the world and the records are as before.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSigningKey } from '../../broker/src/audit/io/index.ts';
import { startWatching } from '../../broker/src/clusters/io/index.ts';
import { parseConfig } from '../../broker/src/config.ts';
import { HanseError } from '../../broker/src/errors.ts';
import { brokerId } from '../../broker/src/ids.ts';
import { createEngine, createOperations, type Engine, type Verb } from '../../broker/src/operations/io/index.ts';
import type { Plan } from '../../broker/src/operations/index.ts';
import { wire, type Wired } from '../../broker/src/wire.ts';
import { testStore, type TestStore } from '../database.ts';
import { by } from '../journeys/peered.ts';
import { careless } from '../journeys/migrateLab.ts';
import { probeImage } from '../journeys/wholeJob.ts';
import { changes, type JourneyWorld, type MemberName, pictureOf, simulatedWorld } from '../journeys/world.ts';

const injected = 'injected after the effect';
/** A Deployment keeps an empty ReplicaSet of each template that it had, and makes its own anew around the pods that were let go. */
const isNoHistory = (line: string): boolean => !/^[+-] home: ReplicaSet shop\//.test(line);
const soon = { timeout: 20_000, interval: 100 };

describe('a step that fails after its effect', { timeout: 150_000 }, () => {
  let world: JourneyWorld;
  let test: TestStore;
  let wired: Wired;
  let engine: Engine;
  let stopWatching: () => Promise<void>;
  let failingStep: number | null = null;

  const failing = (verb: Verb): Verb => ({
    ...verb,
    performers: Object.fromEntries(
      Object.entries(verb.performers).map(([kind, performer]) => [
        kind,
        {
          ...performer,
          async perform(context) {
            const outcome = await performer.perform(context);
            if (context.index === failingStep) throw new HanseError('REFUSED', injected);
            return outcome;
          },
        },
      ]),
    ),
  });

  beforeAll(async () => {
    [world, test] = await Promise.all([simulatedWorld(), testStore()]);
    const { dataDir, configDir, store, url: databaseUrl } = test;
    const migration = { drainSecondsMin: 0, drainSecondsMax: 0 };
    const settings = { dataDir, configDir, databaseUrl, allowedAddresses: world.allowedAddresses, probe: { image: probeImage }, migration };
    const { config, faults } = parseConfig({ file: { name: 'test', text: JSON.stringify(settings) }, env: {}, isRoot: false, home: '/nowhere' });
    if (!config) throw new Error(JSON.stringify(faults));
    wired = wire({ store, config, key: await loadSigningKey(configDir) });
    const { clusters, verbs } = wired;
    const watching = startWatching({ store, clusters, allowedAddresses: world.allowedAddresses, onError: () => {}, turnMs: 100 });
    stopWatching = () => watching.stop();
    engine = createEngine({ store, verbs: verbs.map(failing), brokerId: brokerId('failing'), leaseSeconds: 30, backoffSeconds: () => 0.1 });
    engine.start();
  });
  afterAll(async () => {
    await engine?.stop();
    await stopWatching?.();
    await wired?.close();
    await world?.close();
    await test?.close();
  });

  const planned = async (name: string, request: object): Promise<Plan> => {
    const verb = wired.verbs.find((one) => one.name === name);
    if (!verb) throw new Error(`no verb ${name}`);
    const outcome = await verb.plan(verb.request.parse(request), by);
    if (outcome.kind !== 'plan') throw new Error(`no plan: ${JSON.stringify(outcome)}`);
    return outcome.plan;
  };
  const carryOut = async (plan: Plan): Promise<{ state: string; detail: unknown }> => {
    const operations = createOperations(test.store);
    const id = await operations.create({ ...by, plan });
    await operations.approve(by, id);
    engine.wake();
    for (;;) {
      const row = await test.store.db.selectFrom('operation').select(['state', 'outcome', 'question']).where('id', '=', id).executeTakeFirstOrThrow();
      if (['done', 'rolledBack', 'failed', 'asking'].includes(row.state)) return { state: row.state, detail: row.outcome ?? row.question };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const records = async (): Promise<unknown> => {
    const { clusters, applications } = wired;
    const [added, deployed, peered, booked] = await Promise.all([
      clusters.list(by.owner),
      applications.list(by.owner),
      test.store.db.selectFrom('peering').select(['home', 'provider', 'record']).orderBy('provider').execute(),
      test.store.db.selectFrom('reservation').select(['booking', 'pool', 'cpu_millis', 'state']).execute(),
    ]);
    return {
      added: added.map(({ name, state }) => [name, state]),
      deployed: deployed.map(({ name, state, clusters: at }) => [name, state, at]),
      peered,
      booked,
    };
  };
  const done = async (name: string, request: object): Promise<void> => {
    failingStep = null;
    expect(await carryOut(await planned(name, request))).toMatchObject({ state: 'done' });
  };
  /** Fails at each step before the point of no return, one after the other. Answers at how many. */
  const failedAtEach = async (name: string, request: object): Promise<number> => {
    const [before, recorded] = [await pictureOf(world), await records()];
    const { steps, pointOfNoReturn } = await planned(name, request);
    const last = pointOfNoReturn ?? steps.length;
    for (let index = 0; index < last; index += 1) {
      failingStep = index;
      const title = `step ${index} of ${name}: ${steps[index]?.title}`;
      expect(await carryOut(await planned(name, request)), title).toMatchObject({ state: 'rolledBack', detail: { failure: { message: injected } } });
      await expect.poll(async () => changes(before, await pictureOf(world)).filter(isNoHistory), { ...soon, message: title }).toEqual([]);
      expect(await records(), title).toEqual(recorded);
    }
    return last;
  };
  const add = (name: MemberName) => ({ name, side: name === 'home' ? 'consumer' : 'provider', kubeconfig: world.kubeconfig(name) });
  const shop = { name: 'shop', manifests: [{ file: 'shop.yaml', text: careless() }], clusters: ['pa'] };

  it('leaves nothing of a home cluster that was to be added', async () => {
    expect(await failedAtEach('cluster-add', add('home'))).toBeGreaterThan(0);
    await done('cluster-add', add('home'));
  });

  it('leaves nothing of a provider that was to be added', async () => {
    expect(await failedAtEach('cluster-add', add('pa'))).toBeGreaterThan(0);
    await done('cluster-add', add('pa'));
    await done('cluster-add', add('pb'));
  });

  it('leaves nothing of a federation', async () => {
    expect(await failedAtEach('federate', { providers: ['pa'] })).toBeGreaterThan(1);
    await done('federate', { providers: ['pa', 'pb'] });
  });

  it('leaves nothing of a deployment', async () => {
    expect(await failedAtEach('deploy', shop)).toBeGreaterThan(1);
    await done('deploy', shop);
  });

  it('brings a moving application back as it was, with the same pods', async () => {
    const request = { application: 'shop', from: 'pa', to: 'pb', soakSeconds: 0, connectionAgeSeconds: 0 };
    expect(await failedAtEach('migrate', request)).toBeGreaterThan(1);
    await done('migrate', request);
  });

  it('does not leave, delete or remove by half: what cannot be undone is not begun before', async () => {
    await failedAtEach('delete', { name: 'shop' });
    await done('delete', { name: 'shop' });
    await failedAtEach('leave', { provider: 'pa' });
    await done('leave', { provider: 'pa' });
    await done('leave', { provider: 'pb' });
    await failedAtEach('cluster-remove', { name: 'pa', force: false });
    await done('cluster-remove', { name: 'pa', force: false });
  });
});
