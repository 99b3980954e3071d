import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { testStore, type TestStore } from '../../../../test/database.ts';
import { ownerId } from '../../ids.ts';
import { createOperations, type Verb } from '../../operations/io/index.ts';
import type { Reaction } from '../reaction.ts';
import { createRows, type Rows } from './rows.ts';
import { undertake } from './undertake.ts';

const owner = ownerId('default');
let made: TestStore;
let rows: Rows;
beforeAll(async () => {
  made = await testStore();
  rows = createRows(made.store);
});
afterAll(() => made.close());

const aReaction = (id: string, more: Partial<Reaction> = {}): Reaction => ({
  id,
  cause: 'unreachable',
  provider: 'pa',
  application: null,
  found: 'pa does not answer.',
  state: 'watching',
  because: [],
  since: '2026-11-22T10:00:00.000Z',
  holdUntil: '2026-11-22T10:01:00.000Z',
  decidedAt: null,
  overAt: null,
  operation: null,
  ...more,
});

test('of one cause at one provider one is open, whoever sees it twice; every change is told and in the audit log', async () => {
  const first = aReaction('re-1');
  expect(await rows.begin(owner, first)).toBe(true);
  expect(await rows.begin(owner, aReaction('re-2'))).toBe(false);
  expect(await rows.begin(owner, aReaction('re-3', { provider: 'pb' }))).toBe(true);
  expect((await rows.open(owner)).map(({ id }) => id)).toEqual(['re-1', 're-3']);
  expect(await rows.turn(owner, first, { ...first, state: 'over', overAt: first.since })).toBe(true);
  expect((await rows.open(owner)).map(({ id }) => id)).toEqual(['re-3']);
  expect(await rows.begin(owner, aReaction('re-2'))).toBe(true);
  const events = await made.store.db.selectFrom('event').select('data').where('kind', '=', 'reaction').orderBy('seq').execute();
  expect(events.map(({ data }) => data)).toMatchObject([{ id: 're-1', state: 'watching' }, { id: 're-3' }, { id: 're-1', state: 'over' }, { id: 're-2' }]);
  const audits = await made.store.db.selectFrom('audit_event').select(['action', 'subject']).orderBy('seq').execute();
  expect(audits.map(({ action, subject }) => `${action} ${subject}`)).toEqual(['reaction.seen pa', 'reaction.seen pb', 'reaction.over pa', 'reaction.seen pa']);
});

test('who decides on what another has changed meanwhile changes nothing', async () => {
  const [seen] = (await rows.open(owner)).filter(({ id }) => id === 're-3');
  if (!seen) throw new Error('re-3 is not there');
  const decided = { ...seen, state: 'acting', decidedAt: seen.since } as const;
  expect(await rows.turn(owner, seen, decided)).toBe(true);
  expect(await rows.turn(owner, seen, { ...seen, state: 'over' })).toBe(false);
  expect((await rows.open(owner)).find(({ id }) => id === 're-3')).toEqual(decided);
});

test('counts every plan that was made within the window, also of what is over', async () => {
  const from = Date.parse('2026-11-22T09:00:00Z');
  expect(await rows.plannedAt(owner, from)).toEqual([Date.parse('2026-11-22T10:00:00Z')]);
  const [acting] = (await rows.open(owner)).filter(({ id }) => id === 're-3');
  if (!acting) throw new Error('re-3 is not there');
  await rows.turn(owner, acting, { ...acting, state: 'refused' });
  expect(await rows.plannedAt(owner, from)).toEqual([]);
});

test('a broker that dies between the plan and the row finds the same operation again, also when its plan would be another one now', async () => {
  let plans = 0;
  const evacuate: Verb<{ provider: string; home: string }> = {
    name: 'evacuate',
    summary: '',
    request: z.strictObject({ provider: z.string(), home: z.string() }),
    async plan({ provider }) {
      plans += 1;
      const step = { kind: 'nothing', title: 'nothing', side: { role: 'broker' }, input: {}, undo: { kind: 'nothing' }, destructive: false } as const;
      const steps = [{ ...step, attempts: 1, timeoutSeconds: 1 }];
      return { kind: 'plan', plan: { kind: 'evacuate', subject: provider, title: `plan ${plans}`, steps, pointOfNoReturn: null, madeFrom: {}, notes: [] } };
    },
    performers: {},
  };
  const options = { verbs: [evacuate], operations: createOperations(made.store) };
  const reaction = aReaction('re-4', { state: 'asking' });
  const first = await undertake(owner, reaction, 'home', options);
  expect(first).toMatchObject({ kind: 'planned' });
  expect(await undertake(owner, reaction, 'home', options)).toEqual(first);
  expect(plans).toBe(2);
  const operations = await made.store.db.selectFrom('operation').select(['state', 'plan']).execute();
  expect(operations).toMatchObject([{ state: 'planned', plan: { title: 'plan 1', notes: [{ topic: 'cause', text: 'unreachable: pa does not answer.' }] } }]);
});

test('knows that a credential lapsed since, and not that one is new', async () => {
  const at = Date.parse('2026-11-22T12:00:00Z');
  const row = (digest: string, state: string, since: number) => ({ owner, digest, state, since: new Date(since), next_check_at: new Date(since) });
  await made.store.db
    .insertInto('standing')
    .values([row('a', 'revoked', at - 1), row('b', 'active', at), row('c', 'refused', at)])
    .execute();
  expect(await rows.hasLapsed(owner, at)).toBe(false);
  await made.store.db
    .insertInto('standing')
    .values(row('d', 'suspended', at))
    .execute();
  expect(await rows.hasLapsed(owner, at)).toBe(true);
  expect(await rows.hasLapsed('somebody', at)).toBe(false);
});
