// The house in this process, over a world, with steps that go wrong after their effect: one fails for good, or every result is lost once, as when the broker was
// killed before it could write it down.
import { loadSigningKey } from '../../broker/src/audit/io/index.ts';
import { startWatching } from '../../broker/src/clusters/io/index.ts';
import { parseConfig } from '../../broker/src/config.ts';
import { HanseError } from '../../broker/src/errors.ts';
import { brokerId } from '../../broker/src/ids.ts';
import { createEngine, createOperations, type Performer, type StepContext, type Verb } from '../../broker/src/operations/io/index.ts';
import type { Plan, PlanOutcome } from '../../broker/src/operations/index.ts';
import { wire, type Wired } from '../../broker/src/wire.ts';
import { testStore, type TestStore } from '../database.ts';
import { by } from '../journeys/peered.ts';
import type { JourneyWorld, MemberName } from '../journeys/world.ts';

export const injected = 'injected after the effect';

export type Ended = { readonly state: string; readonly detail: unknown };

export type FailingBench = {
  readonly test: TestStore;
  readonly wired: Wired;
  /** The step, by index, that fails once its effect is there; null: none. */
  failingStep: number | null;
  /** Every step of these kinds (by prefix) and every undo of them happens twice: its first result is lost. */
  lossy: string | null;
  outcomeOf(verb: string, request: object): Promise<PlanOutcome>;
  planned(verb: string, request: object): Promise<Plan>;
  begin(plan: Plan): Promise<string>;
  /** Ended, or asking. */
  endOf(id: string): Promise<Ended>;
  answer(id: string, key: string): Promise<void>;
  carryOut(plan: Plan): Promise<Ended>;
  /** Plans and carries out; no step fails. Throws how it ended, unless done. */
  done(verb: string, request: object): Promise<void>;
  addRequest(name: MemberName): object;
  close(): Promise<void>;
};

type Settings = { readonly allowedAddresses?: readonly string[]; readonly [name: string]: unknown };

/** The world is the caller's to close. */
export async function openBench(world: JourneyWorld, settingsOf: (test: TestStore) => Promise<Settings>): Promise<FailingBench> {
  const test = await testStore();
  const { dataDir, configDir, store, url: databaseUrl } = test;
  const more = await settingsOf(test);
  const allowedAddresses = [...world.allowedAddresses, ...(more.allowedAddresses ?? [])];
  const settings = { dataDir, configDir, databaseUrl, ...more, allowedAddresses };
  const { config, faults } = parseConfig({ file: { name: 'test', text: JSON.stringify(settings) }, env: {}, isRoot: false, home: '/nowhere' });
  if (!config) throw new Error(JSON.stringify(faults));
  const wired = wire({ store, config, key: await loadSigningKey(configDir) });
  const { clusters, verbs } = wired;
  const wrong: Wrong = { failingStep: null, lossy: null, lost: new Set() };
  const watching = startWatching({ store, clusters, allowedAddresses, onError: () => {}, turnMs: 100 });
  const engine = createEngine({
    store,
    verbs: verbs.map((verb) => failing(verb, wrong)),
    brokerId: brokerId('failing'),
    leaseSeconds: 30,
    backoffSeconds: () => 0.1,
  });
  engine.start();
  const operations = createOperations(store);

  const bench: FailingBench = Object.assign(wrong, {
    test,
    wired,
    outcomeOf(name: string, request: object): Promise<PlanOutcome> {
      const verb = verbs.find((one) => one.name === name);
      if (!verb) throw new Error(`no verb ${name}`);
      return verb.plan(verb.request.parse(request), by);
    },
    async planned(name: string, request: object): Promise<Plan> {
      const outcome = await bench.outcomeOf(name, request);
      if (outcome.kind !== 'plan') throw new Error(`no plan: ${JSON.stringify(outcome)}`);
      return outcome.plan;
    },
    async begin(plan: Plan): Promise<string> {
      const id = await operations.create({ ...by, plan });
      await operations.approve(by, id);
      engine.wake();
      return id;
    },
    async endOf(id: string): Promise<Ended> {
      for (;;) {
        const row = await store.db.selectFrom('operation').select(['state', 'outcome', 'question']).where('id', '=', id).executeTakeFirstOrThrow();
        if (['done', 'rolledBack', 'failed', 'asking'].includes(row.state)) return { state: row.state, detail: row.outcome ?? row.question };
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async answer(id: string, key: string): Promise<void> {
      await operations.answer(by, id, key);
      engine.wake();
    },
    carryOut: async (plan: Plan): Promise<Ended> => bench.endOf(await bench.begin(plan)),
    async done(name: string, request: object): Promise<void> {
      bench.failingStep = null;
      const ended = await bench.carryOut(await bench.planned(name, request));
      if (ended.state !== 'done') throw new Error(`${name} ended as ${JSON.stringify(ended)}`);
    },
    addRequest: (name: MemberName) => ({ name, side: name === 'home' ? 'consumer' : 'provider', kubeconfig: world.kubeconfig(name) }),
    async close(): Promise<void> {
      await engine.stop();
      await watching.stop();
      await wired.close();
      await test.close();
    },
  });
  return bench;
}

type Wrong = { failingStep: number | null; lossy: string | null; readonly lost: Set<string> };

const failing = (verb: Verb, wrong: Wrong): Verb => {
  const lose = ({ operation, index, step }: StepContext, phase: string): void => {
    const key = `${operation}/${index}/${phase}`;
    if (wrong.lossy === null || !step.kind.startsWith(wrong.lossy) || wrong.lost.has(key)) return;
    wrong.lost.add(key);
    throw new HanseError('TIMED_OUT', `${injected}: its result is lost`);
  };
  const wrapped = ({ perform, undo }: Performer): Performer => ({
    async perform(context) {
      const outcome = await perform(context);
      if (context.index === wrong.failingStep) throw new HanseError('REFUSED', injected);
      if (outcome.kind === 'done') lose(context, 'perform');
      return outcome;
    },
    ...(undo && {
      async undo(context: StepContext) {
        const outcome = await undo(context);
        if (outcome.kind === 'done') lose(context, 'undo');
        return outcome;
      },
    }),
  });
  return { ...verb, performers: Object.fromEntries(Object.entries(verb.performers).map(([kind, performer]) => [kind, wrapped(performer)])) };
};
