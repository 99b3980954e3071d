// Layer 2 that goes wrong: whatever was ordered is cancelled again, nothing is ordered twice, and nothing is peered without it.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { watchCircuits } from '../../broker/src/interconnect/io/index.ts';
import type { Plan } from '../../broker/src/operations/index.ts';
import type { Way } from '../../simulator/exchanges/ways.ts';
import { by } from '../journeys/peered.ts';
import { changes, type JourneyWorld, pictureOf, simulatedWorld } from '../journeys/world.ts';
import { type Exchanges, startExchanges } from './exchanges.ts';
import { type FailingBench, openBench } from './failingBench.ts';

const soon = { timeout: 60_000, interval: 100 };
const day = 86_400_000;

describe('layer 2 that goes wrong', { timeout: 200_000 }, () => {
  let world: JourneyWorld;
  let exchanges: Exchanges;
  let bench: FailingBench;
  const well: Way = { roundTripMs: 7, lossPercent: 0, mtuBytes: 9000 };
  const ways: Record<string, Way | null> = { pa: well, pb: well };

  beforeAll(async () => {
    world = await simulatedWorld({ way: (_, to) => ways[to] ?? null });
    bench = await openBench(world, async ({ configDir }) => {
      exchanges = await startExchanges(join(configDir, 'exchanges'));
      return { allowedAddresses: exchanges.allowedAddresses, ...exchanges.settings };
    });
    for (const name of ['home', 'pa', 'pb'] as const) await bench.done('cluster-add', bench.addRequest(name));
  }, 180_000);
  afterAll(async () => {
    await bench?.close();
    await exchanges?.close();
    await world?.close();
  });

  const lans = () => bench.wired.interconnect.lans(by.owner);
  const circuits = () => bench.wired.interconnect.records.circuits(by.owner);
  /** After it was asked something and answered until it goes on. */
  const answeredUntilOver = async (id: string, key: string) => {
    for (;;) {
      const ended = await bench.endOf(id);
      if (ended.state !== 'asking') return ended;
      await bench.answer(id, key).catch(() => {}); // answered a moment ago
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const rolledBack = async (plan: Plan, message: string): Promise<void> => {
    expect(await bench.carryOut(plan), message).toMatchObject({ state: 'rolledBack' });
    expect(exchanges.standing(), message).toEqual([]);
    expect(await lans(), message).toEqual([]);
    expect(await bench.wired.peerings.list(by.owner), message).toEqual([]);
  };

  it('cancels whatever was ordered when a step of layer 2, or the first of the peering, fails after its effect', async () => {
    const before = await pictureOf(world);
    const { steps } = await bench.planned('federate', { providers: ['pb'] });
    const orders = steps.filter(({ kind }) => kind === 'interconnect.order');
    expect(orders).toHaveLength(6);
    for (const { side } of orders) expect(side).toMatchObject({ role: 'exchange', exchange: expect.stringMatching(/^(ams-ix|de-cix)$/) });
    const first = steps.findIndex(({ kind }) => kind.startsWith('interconnect.'));
    const last = steps.findLastIndex(({ kind }) => kind.startsWith('interconnect.'));
    for (const index of [...Array.from({ length: last - first + 2 }, (_, at) => first + at), steps.length - 1]) {
      bench.failingStep = index;
      await rolledBack(await bench.planned('federate', { providers: ['pb'] }), `step ${index}: ${steps[index]?.title}`);
    }
    bench.failingStep = null;
    await expect.poll(async () => changes(before, await pictureOf(world)), soon).toEqual([]);
    expect(exchanges.twice()).toEqual([]);
  });

  it('orders once when an answer is lost, and when the exchange fails after it has taken the order', async () => {
    exchanges.ams.faults.loseAnswers = 2;
    exchanges.fra.faults.failAfterCommit = 2;
    await bench.done('federate', { providers: ['pb'] });
    expect(exchanges.twice()).toEqual([]);
    expect(exchanges.standing().every((line) => line.endsWith(' production'))).toBe(true);
    const [lan] = await lans();
    expect(lan).toMatchObject({ clusters: ['home', 'pb'], exchanges: ['ams-ix', 'de-cix'], splices: ['between'], mtuBytes: 1500 });
  });

  it('orders and cancels everything once when every result is lost, as when the broker was killed before it wrote it down', async () => {
    await bench.done('leave', { provider: 'pb' });
    const before = await pictureOf(world);
    bench.lossy = 'interconnect.';
    await bench.done('federate', { providers: ['pb'] });
    expect(exchanges.twice()).toEqual([]);
    expect(exchanges.standing()).toHaveLength(6);
    await bench.done('leave', { provider: 'pb' });
    expect(exchanges.standing()).toEqual([]);
    expect(await lans()).toEqual([]);
    const ending = await circuits();
    expect(ending.every(({ state, chargedUntil }) => state === 'ending' && chargedUntil !== null)).toBe(true);
    // and on the way back
    const { steps } = await bench.planned('federate', { providers: ['pb'] });
    bench.failingStep = steps.findLastIndex(({ kind }) => kind === 'interconnect.measure');
    await rolledBack(await bench.planned('federate', { providers: ['pb'] }), 'with every result and every undo lost once');
    [bench.lossy, bench.failingStep] = [null, null];
    expect(exchanges.twice()).toEqual([]);
    await expect.poll(async () => changes(before, await pictureOf(world)), soon).toEqual([]);
    await bench.done('federate', { providers: ['pb'] });
  });

  it('adds what one more provider needs and no more', async () => {
    const plan = await bench.planned('federate', { providers: ['pa'] });
    expect(plan.steps.filter(({ kind }) => kind === 'interconnect.order').map(({ title }) => title)).toEqual([
      expect.stringMatching(/attachment of pa at ams-ix/),
    ]);
    expect(plan.notes.find(({ topic }) => topic === 'cost')?.text).toMatch(/This orders 200 EUR a month, 50 EUR to set up/);
    await bench.done('federate', { providers: ['pa'] });
    expect((await lans())[0]?.clusters).toEqual(['home', 'pa', 'pb']);
  });

  it('cancels with the dates that the exchange named and the plan showed, only what nobody needs any more', async () => {
    const plan = await bench.planned('leave', { provider: 'pb' });
    const cancelled = plan.notes.filter(({ topic }) => topic === 'cancelled').map(({ text }) => text);
    expect(cancelled).toHaveLength(4); // pb, both ends of the splice, the segment at de-cix
    expect(cancelled.every((text) => /ends on \d{4}-\d\d-\d\d, charged until \d{4}-\d\d-\d\d/.test(text))).toBe(true);
    expect(await bench.carryOut(plan)).toMatchObject({ state: 'done' });
    expect((await lans())[0]?.clusters).toEqual(['home', 'pa']);
    const ending = (await circuits()).filter(({ state }) => state === 'ending');
    expect(ending.filter(({ chargedUntil }) => chargedUntil !== null).length).toBeGreaterThanOrEqual(4);
  });

  it('asks again when the date has gone by that the plan was approved with', async () => {
    const plan = await bench.planned('leave', { provider: 'pa' });
    exchanges.ams.faults.laterDays = 40;
    const id = await bench.begin(plan);
    expect(await bench.endOf(id)).toMatchObject({ state: 'asking', detail: { text: expect.stringMatching(/now ends .* at the earliest/) } });
    expect(await answeredUntilOver(id, 'accept')).toMatchObject({ state: 'done' });
    exchanges.ams.faults.laterDays = 0;
    expect(exchanges.standing()).toEqual([]);
    expect(await lans()).toEqual([]);
  });

  it('takes everything back when the exchange does not bring an order into production', async () => {
    exchanges.fra.faults.failOrders = 1;
    await rolledBack(await bench.planned('federate', { providers: ['pb'] }), 'an order that fails');
    expect(exchanges.twice()).toEqual([]);
  });

  it('takes everything back when packets of the planned size do not pass, and says so', async () => {
    ways['pb'] = { ...well, mtuBytes: 1450 };
    const plan = await bench.planned('federate', { providers: ['pb'] });
    const ended = await bench.carryOut(plan);
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
    const id = await bench.begin(await bench.planned('federate', { providers: ['pb'] }));
    expect(await bench.endOf(id)).toMatchObject({ state: 'asking', detail: { text: expect.stringMatching(/^Nothing comes back from pb \(100\.64\.0\.2\)/) } });
    ways['pb'] = well;
    expect(await answeredUntilOver(id, 'again')).toMatchObject({ state: 'done' });
    const recorded = await circuits();
    expect(recorded.find(({ member, state }) => member === 'pb' && state === 'ready')?.measured).toMatchObject({
      from: 'home',
      sent: 20,
      received: 20,
      roundTripMs: 7,
      mtuBytes: 1500,
    });
    await bench.done('leave', { provider: 'pb' });
    expect(exchanges.standing()).toEqual([]);
  });

  it('plans nothing when an exchange does not answer', async () => {
    exchanges.ams.faults.tooMany = 50;
    await expect(bench.outcomeOf('federate', { providers: ['pa'] })).rejects.toMatchObject({ code: 'EXCHANGE_UNREACHABLE' });
    exchanges.ams.faults.tooMany = 0;
  });

  it('refuses a plan that was made before another one was carried out', async () => {
    const [one, other] = [await bench.planned('federate', { providers: ['pa'] }), await bench.planned('federate', { providers: ['pb'] })];
    expect(await bench.carryOut(one)).toMatchObject({ state: 'done' });
    expect(await bench.carryOut(other)).toMatchObject({ state: 'rolledBack', detail: { failure: { code: 'STALE_PLAN' } } });
    await bench.done('leave', { provider: 'pa' });
    expect(exchanges.standing()).toEqual([]);
  });

  it('forgets a circuit when the exchange says that it has ended', async () => {
    expect(await circuits()).not.toEqual([]);
    exchanges.pass(200 * day);
    const watch = watchCircuits({ store: bench.test.store, interconnect: bench.wired.interconnect, onError: () => {}, turnMs: 50 });
    await expect.poll(async () => circuits(), soon).toEqual([]);
    await watch.stop();
  });
});
