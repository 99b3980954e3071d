// npm start -- --clusters DIR: members by their kubeconfigs, as clusters elsewhere have them; what is not as it must be is said in one sentence.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readClusters } from '../../demo/clusters.ts';
import { type DemoProgram, installDemo } from './demoProgram.ts';
import { type JourneyWorld, memberNames, simulatedWorld } from './world.ts';

const failure = (dir: string): Promise<unknown> =>
  readClusters(dir).then(
    () => 'it was read',
    (error: unknown) => (error instanceof Error ? error.message : error),
  );

describe('a folder of clusters that stand elsewhere', { timeout: 180_000 }, () => {
  let world: JourneyWorld;
  let folder: string;
  let dir: string;
  let demo: DemoProgram | undefined;
  beforeAll(async () => {
    world = await simulatedWorld();
    folder = mkdtempSync(join(tmpdir(), 'hanse-clusters-'));
    dir = folderOf('good');
    mkdirSync(join(dir, 'home'));
    writeFileSync(join(dir, 'home', 'admin.kubeconfig'), world.kubeconfig('home'));
    for (const name of ['pa', 'pb'] as const) writeFileSync(join(dir, `${name}.kubeconfig`), world.kubeconfig(name));
  }, 60_000);
  afterAll(async () => {
    await demo?.close();
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);
  const folderOf = (name: string): string => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  };

  it('says in one sentence what is wrong with it', async () => {
    expect(await failure(join(folder, 'nowhere'))).toBe(`${join(folder, 'nowhere')} cannot be read: there is no such file or folder.`);
    expect(await failure(join(dir, 'pa.kubeconfig'))).toMatch(/it is not a folder/);
    expect(await failure(folderOf('empty'))).toMatch(/^There is no kubeconfig in/);
    const homeless = folderOf('homeless');
    writeFileSync(join(homeless, 'pa.kubeconfig'), world.kubeconfig('pa'));
    expect(await failure(homeless)).toMatch(/no cluster is named home or harbour/);
    const broken = folderOf('broken');
    writeFileSync(join(broken, 'home.kubeconfig'), world.kubeconfig('home'));
    expect(await failure(broken)).toMatch(/there is no provider/);
    mkdirSync(join(broken, 'pa.kubeconfig'));
    expect(await failure(broken)).toMatch(/pa\.kubeconfig cannot be read: it is a folder/);
    writeFileSync(join(broken, 'pb.kubeconfig'), 'kind: Config');
    rmSync(join(broken, 'pa.kubeconfig'), { recursive: true });
    expect(await failure(broken)).toMatch(/pb\.kubeconfig cannot be used: no context is chosen/);
    writeFileSync(join(broken, 'pb.kubeconfig'), world.kubeconfig('pb').replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1'));
    expect(await failure(broken)).toMatch(/pb .* cannot be asked/);
  });

  it('is federated and left, with offers from the simulated Gaia-X', async () => {
    demo = await installDemo({ options: ['--clusters', dir] });
    await demo.start();
    const { json } = demo;
    const clusters = await json(z.array(z.looseObject({ name: z.string(), side: z.string(), state: z.string() })), 'cluster', 'list');
    expect(clusters.map(({ name, side, state }) => `${name} ${side} ${state}`)).toEqual(
      memberNames.map((name) => `${name} ${name === 'home' ? 'consumer' : 'provider'} ready`),
    );
    const offers = z.looseObject({ items: z.array(z.looseObject({ cluster: z.string().nullable(), matches: z.boolean() })), rejected: z.array(z.unknown()) });
    const found = async () => {
      const { items, rejected } = await json(offers, 'offers', '--where', 'label>=L3@certified');
      return { matches: Object.fromEntries(items.map(({ cluster, matches }) => [cluster, matches])), rejected };
    };
    // services are read beside everything else
    await expect.poll(found, { timeout: 120_000, interval: 500 }).toEqual({ matches: { pa: false, pb: true }, rejected: [] });
    const ended = z.looseObject({ state: z.literal('done') });
    await json(ended, 'federate', 'pa', 'pb', '--yes');
    const nodes = await world.admin('home').list({ apiVersion: 'v1', kind: 'Node', labelSelector: 'liqo.io/type=virtual-node' });
    expect(nodes).toHaveLength(2);
    await json(ended, 'leave', 'pa', '--yes');
    await json(ended, 'leave', 'pb', '--yes');
  });
});
