// What decisions and operations meet of one simulated cluster: where pods go, nodes that fail, watches that have missed too much, and what a person can do to it.
import { Agent, request } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { openClock } from './clock.ts';
import { startControl } from './control.ts';
import { memoryDisk } from './disk.ts';
import { startWorld, type World } from './world.ts';

const soon = { timeout: 50_000 };
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const open = async (nodes: Parameters<typeof startWorld>[0][number]['nodes']): Promise<World> => {
  const world = await startWorld([{ name: 'home', ...(nodes && { nodes }) }]);
  closing.push(() => world.close());
  return world;
};

async function call(world: World, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object, type = 'application/json') {
  const { server, authority, adminToken } = world.member('home');
  const dispatcher = new Agent({ connect: { ca: authority.caPem } });
  closing.push(() => dispatcher.destroy());
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': type };
  return request(server + path, { method, dispatcher, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
}

const pod = (name: string, spec: object) => ({ metadata: { name, labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'web:1' }], ...spec } });
const make = (world: World, name: string, spec: object = {}) => call(world, 'POST', '/api/v1/namespaces/default/pods', pod(name, spec));
const found = (world: World, name: string) => world.member('home').objects.find('v1', 'Pod', 'default', name);
const nodeOf = (world: World, name: string): unknown => found(world, name)?.spec?.['nodeName'];
const isReady = (world: World, name: string): boolean => JSON.stringify(found(world, name)?.status ?? {}).includes('"type":"Ready","status":"True"');
const patchNode = (world: World, name: string, patch: object, under = '') =>
  call(world, 'PATCH', `/api/v1/nodes/${name}${under}`, patch, 'application/merge-patch+json');

test('a pod goes where affinity, taints and capacity let it, and waits where nothing does', async () => {
  const world = await open([
    { name: 'small', cpu: '1', memory: '1Gi' },
    { name: 'large', cpu: '8', memory: '16Gi' },
    { name: 'kept', cpu: '8', memory: '16Gi', labels: { disk: 'fast' } },
  ]);
  await patchNode(world, 'kept', { spec: { taints: [{ key: 'only', value: 'db', effect: 'NoSchedule' }] } });
  const needs = { containers: [{ name: 'c', image: 'web:1', resources: { requests: { cpu: '4' } } }] };
  const toleration = [{ key: 'only', operator: 'Equal', value: 'db', effect: 'NoSchedule' }];
  const matchExpressions = [{ key: 'disk', operator: 'In', values: ['fast'] }];
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } } };
  await make(world, 'big', needs);
  await make(world, 'second', needs);
  await make(world, 'third', needs);
  await make(world, 'db', { affinity, tolerations: toleration });
  await make(world, 'other', { affinity, tolerations: [{ key: 'only', operator: 'Equal', value: 'web' }] });
  await expect.poll(() => ['big', 'second', 'db'].map((name) => nodeOf(world, name)), soon).toEqual(['large', 'large', 'kept']);
  await expect
    .poll(() => ['third', 'other'].map((name) => JSON.stringify(found(world, name)?.status ?? {}).includes('Unschedulable')), soon)
    .toEqual([true, true]);
});

test('a pod that is told to end sleeps as its preStop says, and not beyond its grace', async () => {
  const world = await open(undefined);
  const containers = [{ name: 'c', image: 'web:1', lifecycle: { preStop: { sleep: { seconds: 3_600 } } } }];
  const graces = { patient: 3_600, hasty: 1, told: 3_600 };
  for (const [name, terminationGracePeriodSeconds] of Object.entries(graces)) await make(world, name, { containers, terminationGracePeriodSeconds });
  await expect.poll(() => Object.keys(graces).every((name) => isReady(world, name)), soon).toBe(true);
  const end = (name: string, query = '') => call(world, 'DELETE', `/api/v1/namespaces/default/pods/${name}${query}`);
  await end('patient');
  await end('hasty');
  await end('told', '?gracePeriodSeconds=1');
  await expect.poll(() => Object.keys(graces).filter((name) => found(world, name) !== undefined), soon).toEqual(['patient']);
});

test('a node that fails takes the readiness of its pods, gets no new ones, and gives both back', async () => {
  const world = await open([{ name: 'one', cpu: '8', memory: '16Gi' }]);
  await make(world, 'web');
  await expect.poll(() => isReady(world, 'web'), soon).toBe(true);
  const set = (status: string) => patchNode(world, 'one', { status: { conditions: [{ type: 'Ready', status }] } }, '/status');
  await set('Unknown');
  await expect.poll(() => isReady(world, 'web'), soon).toBe(false);
  await make(world, 'late');
  await expect.poll(() => JSON.stringify(found(world, 'late')?.status ?? {}), soon).toContain('Unschedulable');
  await set('True');
  await expect.poll(() => isReady(world, 'web') && isReady(world, 'late'), soon).toBe(true);
});

const watch = '/api/v1/namespaces/default/configmaps?watch=true&allowWatchBookmarks=true&timeoutSeconds=1&resourceVersion=';

test('what a person plays with: too many requests, watches that break, a pace of time, and everything well again', async () => {
  const world = await open(undefined);
  const disk = memoryDisk();
  const clock = openClock(disk);
  const control = await startControl({ disk, clock, world, parts: [] });
  closing.push(() => control.close());
  const say = async (...words: string[]) => {
    const answer = await request(control.url, { method: 'POST', headers: { authorization: `Bearer ${control.token}` }, body: JSON.stringify({ words }) });
    return { status: answer.statusCode, body: await answer.body.text() };
  };
  const get = async (): Promise<number> => {
    const answer = await call(world, 'GET', '/api/v1/namespaces');
    await answer.body.dump();
    return answer.statusCode;
  };

  expect((await request(control.url, { headers: { authorization: 'Bearer no' } })).statusCode).toBe(401);
  expect(await say('dance')).toMatchObject({ status: 422, body: expect.stringContaining('watch-cut') as string });
  await say('429', 'home', '2');
  expect([await get(), await get(), await get()]).toEqual([429, 429, 200]);

  const begun = await call(world, 'GET', `${watch}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`);
  expect(await begun.body.text()).toMatch(/"type":"BOOKMARK".*initial-events-end/);
  const before = world.member('home').objects.version;
  await call(world, 'POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'missed' } });
  await say('watch-cut', 'home');
  expect(await (await call(world, 'GET', watch + String(before))).body.text()).toContain('"code":410');

  await say('clock', 'x60');
  expect(clock.factor).toBe(60);
  await say('slow', 'home', '20');
  expect(world.member('home').faults.delayMs).toBe(20);
  expect(await get()).toBe(200);
  await say('provider-down', 'home');
  expect(world.member('home').faults.frozen).toBe(true);
  await say('reset');
  expect([clock.factor, world.member('home').faults]).toEqual([1, { frozen: false, busy: 0, delayMs: 0 }]);
  expect(await get()).toBe(200);
});
