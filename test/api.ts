// The API on a fresh database, served over real HTTP.
import { PassThrough } from 'node:stream';
import { z } from 'zod';
import { startApi } from '../broker/src/api/io/server.ts';
import type { ApiConfig, ApiDeps } from '../broker/src/api/io/deps.ts';
import { makeLog } from '../broker/src/api/io/log.ts';
import { createClusters } from '../broker/src/clusters/io/index.ts';
import { parsePolicy } from '../broker/src/placement/index.ts';
import { createOperations } from '../broker/src/operations/io/index.ts';
import type { Verb } from '../broker/src/operations/io/index.ts';
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

const notHere = async (): Promise<never> => {
  throw new Error('not in this test');
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
    operations: createOperations(store),
    onEvents: (wake) => {
      bells.add(wake);
      return () => bells.delete(wake);
    },
    offers: async () => ({ items: [], total: 0, matching: 0, facets: [], wider: [], rejected: [] }),
    credentials: {
      list: async () => ({ items: [], next: null }),
      show: notHere,
      shown: async () => [],
      history: notHere,
      beside: async () => ({ lapsed: [], past: [] }),
    },
    impact: async () => [],
    catalogue: {
      sources: async () => [],
      harvest: async () => false,
      changes: async (_, after) => ({ catalogue: '3f2504e0-4f89-41d3-9a0c-0305e82c3301', items: [], next: after, more: false }),
    },
    clusters: createClusters({ store, allowedAddresses: [] }),
    consumers: { list: async () => [] },
    lans: { list: async () => [], circuits: async () => [], nodeConfig: notHere },
    applications: { status: notHere, explain: notHere },
    parsePolicy: (text) => JSON.parse(JSON.stringify(parsePolicy(text, 'the policy'))),
    declarations: { plan: notHere, list: notHere },
    verifyAudit: async () => ({ valid: true, events: 0, head: null, faults: [] }),
    ...more,
  };
  const api = await startApi(deps, { host: '127.0.0.1', port: 0, hosts: [], token: testToken, ...config });
  const call = (path: string, init: { method?: string; body?: string; signal?: AbortSignal; headers?: Record<string, string> } = {}): Promise<Response> => {
    const { headers, ...rest } = init;
    const type = init.body === undefined ? {} : { 'content-type': 'application/json' };
    return fetch(`${api.url}${path}`, { ...rest, headers: { authorization: `Bearer ${testToken}`, ...type, ...headers } });
  };
  return { ...api, call, ring: () => bells.forEach((ring) => ring()), log: () => log, deps };
};

export type TestApi = Awaited<ReturnType<typeof testApi>>;
