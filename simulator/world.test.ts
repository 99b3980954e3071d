import { Agent, request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => void (world = await startWorld([{ name: 'home' }])));
afterAll(() => world.close());

async function call(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
  type = 'application/json',
): Promise<{ code: number; body: unknown }> {
  const { server, authority, adminToken } = world.member('home');
  const dispatcher = new Agent({ connect: { ca: authority.caPem } });
  const answer = await request(server + path, {
    method,
    dispatcher,
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': type },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { code: answer.statusCode, body: await answer.body.json() };
}

const pods = (): number => world.member('home').objects.all('v1', 'Pod', 'shop').length;
const until = (isSo: () => boolean): Promise<void> => expect.poll(isSo, { timeout: 50_000, interval: 10 }).toBe(true);

test('a Deployment gets its ready pods, and a namespace takes everything with it', async () => {
  await call('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } });
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
  const applied = await call(
    'PATCH',
    '/apis/apps/v1/namespaces/shop/deployments/web?fieldManager=hanse',
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template } },
    'application/apply-patch+yaml',
  );
  expect(applied.code).toBe(201);
  await until(() => (world.member('home').objects.find('apps/v1', 'Deployment', 'shop', 'web')?.status?.availableReplicas ?? 0) === 3);
  expect(pods()).toBe(3);
  await call('DELETE', '/api/v1/namespaces/shop');
  await until(() => world.member('home').objects.find('v1', 'Namespace', undefined, 'shop') === undefined);
  expect(pods()).toBe(0);
});

test('a field that another manager applied is a conflict, and is named', async () => {
  const object = (value: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { key: value } });
  const path = '/api/v1/namespaces/default/configmaps/a?fieldManager=';
  await call('PATCH', `${path}one`, object('1'), 'application/apply-patch+yaml');
  const second = await call('PATCH', `${path}two`, object('2'), 'application/apply-patch+yaml');
  expect(second.code).toBe(409);
  expect(JSON.stringify(second.body)).toContain('conflict with \\"one\\": .data.key');
});
