// The API on a fresh database, served over real HTTP.
import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { z } from 'zod';
import { startApi } from '../broker/src/api/io/server.ts';
import type { ApiConfig, ApiDeps, OperationActions } from '../broker/src/api/io/deps.ts';
import { makeLog } from '../broker/src/api/io/log.ts';
import type { Verb } from '../broker/src/operations/io/performer.ts';
import type { Plan, Step } from '../broker/src/operations/plan.ts';
import type { Store } from '../broker/src/store/io/store.ts';

export const testToken = 'a-token-for-tests-only';

export const aStep = (more: Partial<Step> = {}): Step => ({
  kind: 'toy-write',
  title: 'Write one row',
  side: { role: 'broker' },
  input: {},
  undo: { kind: 'undo', title: 'Remove the row' },
  destructive: false,
  attempts: 1,
  timeoutSeconds: 10,
  ...more,
});

export const aPlan = (more: Partial<Plan> = {}): Plan => ({
  kind: 'toy',
  subject: 'box',
  title: 'Fill the box',
  steps: [aStep(), aStep({ title: 'Write another row' })],
  pointOfNoReturn: null,
  madeFrom: {},
  notes: [],
  ...more,
});

/** Plans without anyone to carry them out. */
export const planOnly: Verb<{ box: string; wish: 'plan' | 'nothing' | 'refuse' | 'break' }> = {
  name: 'toy',
  summary: 'Fill a box',
  request: z.strictObject({ box: z.string().min(1).max(20), wish: z.enum(['plan', 'nothing', 'refuse', 'break']).default('plan') }),
  plan: async ({ box, wish }) => {
    if (wish === 'nothing') return { kind: 'nothing', reason: `${box} is full already` };
    if (wish === 'refuse')
      return { kind: 'refused', reasons: [{ message: `${box} is locked`, fix: 'Unlock it.', place: { path: 'request.box' } }, { message: 'It is Sunday' }] };
    if (wish === 'break') throw new Error(`cannot read ${box}`);
    return { kind: 'plan', plan: aPlan({ subject: box }) };
  },
  performers: {},
};

/** Writes the states and nothing else: what the API itself promises does not need an engine. */
export const actionsOn = ({ db }: Store): OperationActions => {
  const move = (state: string) => async (_: object, id: string) => {
    await db.updateTable('operation').set({ state, updated_at: new Date() }).where('id', '=', id).execute();
  };
  return {
    create: async ({ owner, actor, plan, idempotency }) => {
      const id = `op-${randomUUID()}`;
      await db
        .insertInto('operation')
        .values({
          id,
          owner,
          actor,
          kind: plan.kind,
          subject: plan.subject,
          state: 'planned',
          plan: JSON.stringify(plan),
          idempotency_key: idempotency?.key ?? null,
          request_digest: idempotency?.digest ?? null,
          broker: null,
          lease_until: null,
          wake_at: null,
          question: null,
          answer: null,
          outcome: null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return id;
    },
    approve: move('running'),
    cancel: move('discarded'),
    retry: move('running'),
    answer: move('running'),
  };
};

export const testApi = async (store: Store, more: Partial<ApiDeps> = {}, config: Partial<ApiConfig> = {}) => {
  const lines = new PassThrough();
  let log = '';
  lines.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const bells = new Set<() => void>();
  const deps: ApiDeps = {
    version: '0.0.0-test',
    store,
    log: makeLog('trace', lines),
    verbs: { toy: planOnly as Verb },
    operations: actionsOn(store),
    onEvents: (wake) => {
      bells.add(wake);
      return () => bells.delete(wake);
    },
    offers: async () => ({ items: [], rejected: [] }),
    applicationStatus: async () => {
      throw new Error('not in this test');
    },
    parsePolicy: (text) => ({ text }),
    verifyAudit: async () => ({ valid: true, events: 0, head: null, faults: [] }),
    ...more,
  };
  const api = await startApi(deps, { host: '127.0.0.1', port: 0, hosts: [], token: testToken, ...config });
  const call = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${api.url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${testToken}`, ...(init.body != null && { 'content-type': 'application/json' }), ...init.headers },
    });
  return { ...api, call, ring: () => bells.forEach((ring) => ring()), log: () => log, deps };
};

export type TestApi = Awaited<ReturnType<typeof testApi>>;
