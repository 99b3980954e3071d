// Deploying where only Node is needed: the same verbs and engine over the simulator's API servers and Liqo.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../../simulator/world.ts';
import { aDeployment } from '../fixtures/applications.ts';
import { type DeployLab, openDeployLab } from './deployLab.ts';

const names = ['home', 'pa', 'pb'];
let world: World;
let lab: DeployLab;
beforeAll(async () => {
  world = await startWorld(names.map((name) => ({ name })));
  lab = await openDeployLab({
    names,
    options: (name) => {
      const { server, authority, adminToken } = world.member(name);
      return { server, ca: authority.caPem, credential: { kind: 'token', token: () => adminToken }, allowedAddresses: [new URL(server).host] };
    },
  });
});
afterAll(async () => {
  await lab?.close();
  await world?.close();
});

const text = (...objects: object[]): string => objects.map((object) => JSON.stringify(object)).join('\n---\n');
const secret = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { canary: `canary-of-${name}` } });
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } };
const web = (replicas: number) => aDeployment('web', replicas, { imagePullSecrets: [{ name: 'used' }] });
const shop = (replicas = 4, ...more: object[]) => [{ file: 'shop.json', text: text(secret('used'), secret('unused'), service, web(replicas), ...more) }];
const encoded = (name: string) => Buffer.from(`canary-of-${name}`).toString('base64');
const holders = async (name: string): Promise<string[]> => {
  const held = await Promise.all(
    names.map(async (cluster) =>
      (await lab.kube(cluster).list({ apiVersion: 'v1', kind: 'Secret' })).some((found) => JSON.stringify(found).includes(encoded(name))),
    ),
  );
  return names.filter((_cluster, index) => held[index]);
};
const namespaces = async (): Promise<string[]> =>
  (
    await Promise.all(
      names.map(async (cluster) =>
        (await lab.kube(cluster).list({ apiVersion: 'v1', kind: 'Namespace' })).map(({ metadata }) => `${cluster}: ${metadata.name}`),
      ),
    )
  )
    .flat()
    .filter((line) => /shop|other/.test(line));

describe('deploying over the simulator', () => {
  it('runs replicas at both providers, opens the namespace to exactly them, and lets only needed Secrets leave', async () => {
    expect(await lab.carryOut(await lab.plan.deploy({ name: 'shop', manifests: shop(), clusters: ['pa', 'pb'] }))).toMatchObject({ state: 'done' });
    const status = await lab.applications.status('default', 'shop');
    expect(status).toMatchObject({ drift: [], state: 'running' });
    expect(status.placement.reduce((sum, { ready }) => sum + ready, 0)).toBe(4);
    expect(status.pods.every(({ cluster }) => cluster === 'pa' || cluster === 'pb')).toBe(true);
    expect(await holders('used')).toEqual(names);
    expect(await holders('unused')).toEqual(['home']);
  });

  it('has nothing to do for what is there, and updates what is not', async () => {
    expect(await lab.plan.deploy({ name: 'shop', manifests: shop() })).toMatchObject({ kind: 'nothing' });
    const update = await lab.plan.deploy({ name: 'shop', manifests: shop(3, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'new' }, data: {} }) });
    if (update.kind !== 'plan') throw new Error(JSON.stringify(update));
    expect(update.plan.notes.filter(({ topic }) => topic === 'change').map((note) => note.text)).toEqual([
      'ConfigMap new is made.',
      'Deployment web: spec.replicas 4 → 3.',
    ]);
    expect(await lab.carryOut(update)).toMatchObject({ state: 'done' });
    expect((await lab.applications.status('default', 'shop')).workloads).toMatchObject([{ wanted: 3, ready: 3 }]);
  });

  it('refuses a plan that the world has overtaken', async () => {
    const one = await lab.plan.deploy({ name: 'shop', manifests: shop(2) });
    const other = await lab.plan.deploy({ name: 'shop', manifests: shop(1) });
    expect(await lab.carryOut(other)).toMatchObject({ state: 'done' });
    const ended = await lab.carryOut(one);
    expect(ended.state).toBe('rolledBack');
    expect(JSON.stringify(ended.outcome)).toMatch(/changed meanwhile/);
    expect((await lab.applications.status('default', 'shop')).workloads).toMatchObject([{ wanted: 1 }]);
  });

  it('never enters a namespace that is not its own', async () => {
    await lab.kube('home').create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } });
    await expect(lab.plan.deploy({ name: 'other', manifests: shop() })).rejects.toMatchObject({ code: 'OBJECT_NOT_OURS' });
    await lab.kube('home').delete({ apiVersion: 'v1', kind: 'Namespace', name: 'other' });
  });

  it('refuses malformed manifests with every place, and changes nothing', async () => {
    const bad = [{ file: 'bad.yaml', text: 'apiVersion: v1\nkind: Node\nmetadata: {name: x}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: Big}\n' }];
    await expect(lab.plan.deploy({ name: 'third', manifests: bad })).rejects.toMatchObject({
      code: 'MANIFEST_REJECTED',
      faults: [{ place: { line: 7 } }, { place: { line: 1 } }],
    });
  });

  it('leaves nothing when it is deleted', async () => {
    await lab.kube('home').until({ apiVersion: 'v1', kind: 'Namespace', name: 'other' }, (object) => object === null, { what: 'gone', timeoutSeconds: 20 });
    expect(await lab.carryOut(await lab.plan.delete({ name: 'shop' }))).toMatchObject({ state: 'done' });
    expect(await namespaces()).toEqual([]);
    expect(await holders('used')).toEqual([]);
    expect(await lab.applications.list('default')).toEqual([]);
  });
});
