// One store, its operations and any number of engines for each test, with what tests ask of them.
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { HanseError } from '../../broker/src/errors.ts';
import { brokerId } from '../../broker/src/ids.ts';
import { createEngine, createOperations } from '../../broker/src/operations/io/index.ts';
import type { Engine, EngineOptions, EngineVerb, Operations } from '../../broker/src/operations/io/index.ts';
import type { Plan } from '../../broker/src/operations/index.ts';
import { testStore } from '../database.ts';
import type { TestStore } from '../database.ts';
import { by, outcomeRow, wheels } from './wheels.ts';
import type { Turn } from './wheels.ts';

export let test: TestStore;
export let operations: Operations;
let engines: Engine[];
export let turns: string[];

beforeEach(async () => {
  test = await testStore();
  operations = createOperations(test.store);
  engines = [];
  turns = [];
});
afterEach(async () => {
  await Promise.all(engines.map((engine) => engine.stop()));
  await test.close();
});

export const note = ({ what, step }: Turn): void => void turns.push(`${what} ${step}`);

export function engine(verb: EngineVerb, over: Partial<EngineOptions> = {}): Engine {
  const made = createEngine({ store: test.store, verbs: [verb], brokerId: brokerId('one'), leaseSeconds: 10, backoffSeconds: () => 0.02, ...over });
  engines.push(made);
  made.start();
  return made;
}

export async function submit(plan: Plan): Promise<string> {
  const id = await operations.create({ ...by, plan });
  await operations.approve(by, id);
  return id;
}

export const row = (id: string) => test.store.db.selectFrom('operation').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
export const journal = async (id: string) =>
  (await test.store.db.selectFrom('journal').selectAll().where('operation', '=', id).orderBy('seq').execute()).map(
    (entry) => `${entry.phase} ${entry.step} ${entry.state}`,
  );
export const actions = async (id: string) =>
  (await test.store.db.selectFrom('audit_event').select('action').where('subject', '=', id).orderBy('seq').execute()).map(({ action }) =>
    action.replace('operation.', ''),
  );
export const becomes = (id: string, state: string) => vi.waitFor(async () => expect((await row(id)).state).toBe(state), { timeout: 50_000, interval: 20 });
export const outcome = async (id: string) => outcomeRow.parse((await row(id)).outcome);

/** Fails so often at that step, then not any more. */
export const failing = (at: string, times: number, code: 'TIMED_OUT' | 'REFUSED' = 'TIMED_OUT') => {
  let left = times;
  return wheels((turn) => {
    note(turn);
    if (`${turn.what} ${turn.step}` === at && left-- > 0) throw new HanseError(code, 'the wheel is stuck');
  });
};
