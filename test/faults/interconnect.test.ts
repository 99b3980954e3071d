// Layer 2 that goes wrong: whatever was ordered is cancelled again, nothing is ordered twice, and nothing is peered without it.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSigningKey } from '../../broker/src/audit/io/index.ts';
import { parseConfig } from '../../broker/src/config.ts';
import { startWatching } from '../../broker/src/clusters/io/index.ts';
import { HanseError } from '../../broker/src/errors.ts';
import { brokerId } from '../../broker/src/ids.ts';
import { watchCircuits } from '../../broker/src/interconnect/io/index.ts';
import { createEngine, createOperations, type Engine, type Verb } from '../../broker/src/operations/io/index.ts';
import type { Plan, PlanOutcome } from '../../broker/src/operations/index.ts';
import { wire, type Wired } from '../../broker/src/wire.ts';
import { testStore, type TestStore } from '../database.ts';
import { by } from '../journeys/peered.ts';
import { changes, type JourneyWorld, pictureOf, simulatedWorld } from '../journeys/world.ts';
import type { Way } from '../../simulator/exchanges/ways.ts';
import { type Exchanges, startExchanges } from './exchanges.ts';

const injected = 'injected after the effect';
const soon = { timeout: 20_000, interval: 100 };
const day = 86_400_000;

describe('layer 2 that goes wrong', { timeout: 200_000 }, () => {
  let world: JourneyWorld;
  let test: TestStore;
  let exchanges: Exchanges;
  let wired: Wired;
  let engine: Engine;
  let stopWatching: () => Promise<void>;
  let failingStep: number | null = null;
  const well: Way = { roundTripMs: 7, lossPercent: 0, mtuBytes: 9000 };
  const ways: Record<string, Way | null> = { pa: well, pb: well };

  const failing = (verb: Verb): Verb => ({
    ...verb,
    performers: Object.fromEntries(
      Object.entries(verb.performers).map(([kind, performer]) => [
        kind,
        {
          ...performer,
          async perform(context) {
            const outcome = await performer.perform(context);
            if (context.index === failingStep && outcome.kind === 'done') throw new HanseError('REFUSED', injected);
            return outcome;
          },
        },
      ]),
    ),
  });

  beforeAll(async () => {
    [world, test] = await Promise.all([simulatedWorld({ way: (_, to) => ways[to] ?? null }), testStore()]);
    const { dataDir, configDir, store, url: databaseUrl } = test;
    exchanges = await startExchanges(join(configDir, 'exchanges'));
    const allowedAddresses = [...world.allowedAddresses, ...exchanges.allowedAddresses];
    const settings = { dataDir, configDir, databaseUrl, allowedAddresses, ...exchanges.settings };
    const { config, faults } = parseConfig({ file: { name: 'test', text: JSON.stringify(settings) }, env: {}, isRoot: false, home: '/nowhere' });
    if (!config) throw new Error(JSON.stringify(faults));
    wired = wire({ store, config, key: await loadSigningKey(configDir) });
    const { clusters, verbs } = wired;
    const watching = startWatching({ store, clusters, allowedAddresses, onError: () => {}, turnMs: 100 });
    stopWatching = () => watching.stop();
    engine = createEngine({ store, verbs: verbs.map(failing), brokerId: brokerId('failing'), leaseSeconds: 30, backoffSeconds: () => 0.1 });
    engine.start();
    for (const name of ['home', 'pa', 'pb'] as const)
      await done('cluster-add', { name, side: name === 'home' ? 'consumer' : 'provider', kubeconfig: world.kubeconfig(name) });
  }, 180_000);
  afterAll(async () => {
    await engine?.stop();
    await stopWatching?.();
    await wired?.close();
    await exchanges?.close();
    await world?.close();
    await test?.close();
  });

  const outcomeOf = (name: string, request: object): Promise<PlanOutcome> => {
    const verb = wired.verbs.find((one) => one.name === name);
    if (!verb) throw new Error(`no verb ${name}`);
    return verb.plan(verb.request.parse(request), by);
  };
  const planned = async (name: string, request: object): Promise<Plan> => {
    const outcome = await outcomeOf(name, request);
    if (outcome.kind !== 'plan') throw new Error(`no plan: ${JSON.stringify(outcome)}`);
    return outcome.plan;
  };
  const begin = async (plan: Plan): Promise<string> => {
    const operations = createOperations(test.store);
    const id = await operations.create({ ...by, plan });
    await operations.approve(by, id);
    engine.wake();
    return id;
  };
  const endOf = async (id: string): Promise<{ state: string; detail: unknown }> => {
    for (;;) {
      const row = await test.store.db.selectFrom('operation').select(['state', 'outcome', 'question']).where('id', '=', id).executeTakeFirstOrThrow();
      if (['done', 'rolledBack', 'failed', 'asking'].includes(row.state)) return { state: row.state, detail: row.outcome ?? row.question };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const carryOut = async (plan: Plan) => endOf(await begin(plan));
  const done = async (name: string, request: object): Promise<void> => {
    failingStep = null;
    expect(await carryOut(await planned(name, request))).toMatchObject({ state: 'done' });
  };
  const rolledBack = async (plan: Plan, message: string): Promise<void> => {
    expect(await carryOut(plan), message).toMatchObject({ state: 'rolledBack' });
    expect(exchanges.standing(), message).toEqual([]);
    expect(await wired.interconnect.lans(by.owner), message).toEqual([]);
    expect(await wired.peerings.list(by.owner), message).toEqual([]);
  };

  it('cancels whatever was ordered when a step of layer 2, or the first of the peering, fails after its effect', async () => {
    const before = await pictureOf(world);
    const { steps } = await planned('federate', { providers: ['pb'] });
    const orders = steps.filter(({ kind }) => kind === 'interconnect.order');
    expect(orders).toHaveLength(6);
    for (const { side } of orders) expect(side).toMatchObject({ role: 'exchange', exchange: expect.stringMatching(/^(ams-ix|de-cix)$/) });
    const first = steps.findIndex(({ kind }) => kind.startsWith('interconnect.'));
    const last = steps.findLastIndex(({ kind }) => kind.startsWith('interconnect.'));
    for (const index of [...Array.from({ length: last - first + 2 }, (_, at) => first + at), steps.length - 1]) {
      failingStep = index;
      await rolledBack(await planned('federate', { providers: ['pb'] }), `step ${index}: ${steps[index]?.title}`);
    }
    failingStep = null;
    await expect.poll(async () => changes(before, await pictureOf(world)), soon).toEqual([]);
    expect(exchanges.twice()).toEqual([]);
  });

  it('orders once when an answer is lost, and when the exchange fails after it has taken the order', async () => {
    exchanges.ams.faults.loseAnswers = 2;
    exchanges.fra.faults.failAfterCommit = 2;
    await done('federate', { providers: ['pb'] });
    expect(exchanges.twice()).toEqual([]);
    expect(exchanges.standing().every((line) => line.endsWith(' production'))).toBe(true);
    const [lan] = await wired.interconnect.lans(by.owner);
    expect(lan).toMatchObject({ clusters: ['home', 'pb'], exchanges: ['ams-ix', 'de-cix'], splices: ['between'], mtuBytes: 1500 });
  });

  it('adds what one more provider needs and no more', async () => {
    const plan = await planned('federate', { providers: ['pa'] });
    expect(plan.steps.filter(({ kind }) => kind === 'interconnect.order').map(({ title }) => title)).toEqual([
      expect.stringMatching(/attachment of pa at ams-ix/),
    ]);
    expect(plan.notes.find(({ topic }) => topic === 'cost')?.text).toMatch(/This orders 200 EUR a month, 50 EUR to set up/);
    await done('federate', { providers: ['pa'] });
    expect((await wired.interconnect.lans(by.owner))[0]?.clusters).toEqual(['home', 'pa', 'pb']);
  });

  it('cancels with the dates that the exchange named and the plan showed, only what nobody needs any more', async () => {
    const plan = await planned('leave', { provider: 'pb' });
    const cancelled = plan.notes.filter(({ topic }) => topic === 'cancelled').map(({ text }) => text);
    expect(cancelled).toHaveLength(4); // pb, both ends of the splice, the segment at de-cix
    expect(cancelled.every((text) => /ends on \d{4}-\d\d-\d\d, charged until \d{4}-\d\d-\d\d/.test(text))).toBe(true);
    expect(await carryOut(plan)).toMatchObject({ state: 'done' });
    expect((await wired.interconnect.lans(by.owner))[0]?.clusters).toEqual(['home', 'pa']);
    const ending = (await wired.interconnect.records.circuits(by.owner)).filter(({ state }) => state === 'ending');
    expect(ending.filter(({ chargedUntil }) => chargedUntil !== null).length).toBeGreaterThanOrEqual(4);
  });

  it('asks again when the date has gone by that the plan was approved with', async () => {
    const plan = await planned('leave', { provider: 'pa' });
    exchanges.ams.faults.laterDays = 40;
    const id = await begin(plan);
    expect(await endOf(id)).toMatchObject({ state: 'asking', detail: { text: expect.stringMatching(/now ends .* at the earliest/) } });
    for (;;) {
      const { state } = await endOf(id);
      if (state !== 'asking') break;
      await createOperations(test.store).answer(by, id, 'accept');
      engine.wake();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await endOf(id)).toMatchObject({ state: 'done' });
    exchanges.ams.faults.laterDays = 0;
    expect(exchanges.standing()).toEqual([]);
    expect(await wired.interconnect.lans(by.owner)).toEqual([]);
  });

  it('takes everything back when the exchange does not bring an order into production', async () => {
    exchanges.fra.faults.failOrders = 1;
    await rolledBack(await planned('federate', { providers: ['pb'] }), 'an order that fails');
    expect(exchanges.twice()).toEqual([]);
  });

  it('takes everything back when packets of the planned size do not pass, and says so', async () => {
    ways['pb'] = { ...well, mtuBytes: 1450 };
    const plan = await planned('federate', { providers: ['pb'] });
    const ended = await carryOut(plan);
    expect(ended).toMatchObject({
      state: 'rolledBack',
      detail: {
        failure: { code: 'PREFLIGHT_FAILED', message: expect.stringMatching(/^Packets of 1500 bytes do not pass whole between home and pb: 1450 bytes pass/) },
      },
    });
    expect(exchanges.standing()).toEqual([]);
  });

  it('asks when nothing comes back, measures again, and peers when something does', async () => {
    ways['pb'] = null;
    const id = await begin(await planned('federate', { providers: ['pb'] }));
    expect(await endOf(id)).toMatchObject({ state: 'asking', detail: { text: expect.stringMatching(/^Nothing comes back from pb \(100\.64\.0\.2\)/) } });
    ways['pb'] = well;
    await createOperations(test.store).answer(by, id, 'again');
    engine.wake();
    for (let state = 'asking'; state === 'asking'; { state } = await endOf(id)) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await endOf(id)).toMatchObject({ state: 'done' });
    const circuits = await wired.interconnect.records.circuits(by.owner);
    expect(circuits.find(({ member, state }) => member === 'pb' && state === 'ready')?.measured).toMatchObject({
      from: 'home',
      sent: 20,
      received: 20,
      roundTripMs: 7,
      mtuBytes: 1500,
    });
    await done('leave', { provider: 'pb' });
    expect(exchanges.standing()).toEqual([]);
  });

  it('plans nothing when an exchange does not answer', async () => {
    exchanges.ams.faults.tooMany = 50;
    await expect(outcomeOf('federate', { providers: ['pa'] })).rejects.toMatchObject({ code: 'EXCHANGE_UNREACHABLE' });
    exchanges.ams.faults.tooMany = 0;
  });

  it('refuses a plan that was made before another one was carried out', async () => {
    const [one, other] = [await planned('federate', { providers: ['pa'] }), await planned('federate', { providers: ['pb'] })];
    expect(await carryOut(one)).toMatchObject({ state: 'done' });
    expect(await carryOut(other)).toMatchObject({ state: 'rolledBack', detail: { failure: { code: 'STALE_PLAN' } } });
    await done('leave', { provider: 'pa' });
    expect(exchanges.standing()).toEqual([]);
  });

  it('forgets a circuit when the exchange says that it has ended', async () => {
    expect(await wired.interconnect.records.circuits(by.owner)).not.toEqual([]);
    exchanges.pass(200 * day);
    const watch = watchCircuits({ store: test.store, interconnect: wired.interconnect, onError: () => {}, turnMs: 50 });
    await expect.poll(async () => wired.interconnect.records.circuits(by.owner), soon).toEqual([]);
    await watch.stop();
  });
});
