// Clusters entered as their platforms are, by commands only: OpenShift's OAuth, Rancher's API, OpenNebula's XML-RPC and OneKS; none of them by a kubeconfig.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { managedWorld, type ManagedWorld, waysIn } from './managers.ts';
import { installProduct, type Product } from './product.ts';
import { probeImage } from './wholeJob.ts';

const operation = z.looseObject({ id: z.string(), state: z.string() });
const clusters = z.array(
  z.looseObject({
    name: z.string(),
    state: z.string(),
    server: z.string(),
    platform: z.looseObject({ distribution: z.string(), manager: z.string(), platform: z.string() }),
  }),
);

describe('clusters that are entered as their platforms are', { timeout: 240_000 }, () => {
  let world: ManagedWorld;
  let hanse: Product;
  let ways: ReturnType<typeof waysIn>;
  beforeAll(async () => {
    world = await managedWorld();
    hanse = await installProduct({ allowedAddresses: world.addresses, probe: { image: probeImage } });
    ways = waysIn(world, hanse.folder);
    await hanse.start();
    await add('home', 'consumer');
  }, 180_000);
  afterAll(async () => {
    await hanse?.close();
    await world?.close();
  }, 60_000);

  const add = (name: keyof typeof ways, side = 'provider') => hanse.json(operation, 'cluster', 'add', name, ...ways[name], '--side', side, '--yes');
  const shown = async (name: string) => (await hanse.json(clusters, 'cluster', 'list')).find((cluster) => cluster.name === name);
  const secrets = (): string[] => [world.openshift.password, world.rancher.token.split(':')[1] ?? '', world.opennebula.password];

  it('enters OpenShift with a password that is used once, and takes the token it gave back', async () => {
    expect(await add('amstel')).toMatchObject({ state: 'done' });
    expect(await shown('amstel')).toMatchObject({
      state: 'ready',
      server: world.openshift.url,
      platform: { distribution: 'openshift', platform: 'bare-metal' },
    });
    expect(world.openshift.tokens()).toEqual([]);
  });

  it('enters through Rancher, works at the cluster itself, and leaves no kubeconfig token at Rancher', async () => {
    expect(await add('main')).toMatchObject({ state: 'done' });
    expect(await shown('main')).toMatchObject({ state: 'ready', server: world.rancher.endpoint, platform: { distribution: 'rke2', manager: 'rancher' } });
    expect(world.rancher.tokens()).toEqual([]);
  });

  it('enters through OpenNebula and OneKS, and keeps a token of its own instead of the password', async () => {
    expect(await add('ebro')).toMatchObject({ state: 'done' });
    expect(await shown('ebro')).toMatchObject({
      state: 'ready',
      server: world.world.member('ebro').server,
      platform: { manager: 'oneks', platform: 'opennebula' },
    });
    expect(world.opennebula.tokens()).toBe(1);
  });

  const workers = (): number => world.rancher.machines.list().length;
  const scale = (...words: readonly string[]) => hanse.json(operation, 'cluster', 'scale', ...words, '--yes');
  const steps = async (id: string) =>
    (
      await hanse.json(
        z.looseObject({ journal: z.array(z.looseObject({ step: z.number(), phase: z.string(), state: z.string(), result: z.unknown().optional() })) }),
        'operations',
        'show',
        id,
      )
    ).journal;

  it('gives a cluster one node more through Rancher, and is done when it is seen ready', async () => {
    const before = workers();
    const { id, state } = await scale('main', '--nodes', '+1');
    expect(state).toBe('done');
    expect(workers()).toBe(before + 1);
    expect(world.rancher.machines.settled()).toBe(true);
    const seen = (await steps(id)).find((entry) => entry.step === 1 && entry.state === 'done');
    expect(JSON.stringify(seen?.result)).toMatch(/1 of 1 new nodes ready: main-worker-/);
    expect((await hanse.hanse('cluster', 'scale', 'main', '--nodes', String(before + 1), '--yes')).out).toMatch(/Nothing to do/);
  });

  it('takes a node away again through Rancher, cordoned and drained', async () => {
    const before = workers();
    const leaving = world.rancher.machines.list().at(-1)?.name ?? '';
    expect(await scale('main', '--nodes', '-1')).toMatchObject({ state: 'done' });
    expect(workers()).toBe(before - 1);
    expect(world.rancher.machines.list().map(({ name }) => name)).not.toContain(leaving);
  });

  it('gives a cluster one node more through OneKS, and takes it away again', async () => {
    expect(await scale('ebro', '--nodes', '2')).toMatchObject({ state: 'done' });
    expect(world.opennebula.machines.list()).toHaveLength(2);
    expect(world.opennebula.machines.settled()).toBe(true);
    expect(await scale('ebro', '--nodes', '1')).toMatchObject({ state: 'done' });
    expect(world.opennebula.machines.list()).toHaveLength(1);
  });

  it('sets the old number again when it is cancelled', async () => {
    const before = workers();
    world.rancher.machines.hold(true);
    const { id } = await hanse.json(operation, 'cluster', 'scale', 'main', '--nodes', '+2', '--yes', '--no-wait');
    await expect.poll(workers, { timeout: 60_000 }).toBe(before + 2);
    await hanse.hanse('operations', 'cancel', id, '--wait');
    await expect.poll(async () => (await hanse.json(operation, 'operations', 'show', id)).state, { timeout: 60_000 }).toBe('rolledBack');
    world.rancher.machines.hold(false);
    await expect.poll(workers, { timeout: 60_000 }).toBe(before);
    expect(world.rancher.machines.wanted).toBe(before);
  });

  it('does not scale what nobody can scale, and says why', async () => {
    const amstel = await hanse.hanse('cluster', 'scale', 'amstel', '--nodes', '+1', '--yes');
    expect(amstel.exit).toBe(3);
    expect(amstel.err).toMatch(/Nobody who makes nodes of amstel is known/);
    const control = await hanse.hanse('cluster', 'scale', 'main', '--nodes', '+1', '--node-pool', 'control', '--yes');
    expect(control.err).toMatch(/it carries the control plane/);
    await world.rancher.setDrains(false);
    const undrained = await hanse.hanse('cluster', 'scale', 'main', '--nodes', '-1', '--yes');
    expect(undrained.err).toMatch(/without draining/);
    await world.rancher.setDrains(true);
  });

  it('leaves nothing of a plan that was only looked at', async () => {
    for (const name of ['main', 'ebro'] as const) await hanse.hanse('cluster', 'add', `${name}-again`, ...ways[name], '--side', 'provider', '--dry-run');
    expect(world.rancher.tokens()).toEqual([]);
    expect(world.opennebula.tokens()).toBe(1);
  });

  it('leaves every one of them, with no token of ours left at its manager and nothing in the cluster', async () => {
    for (const name of ['amstel', 'main', 'ebro']) {
      expect(await hanse.json(operation, 'cluster', 'remove', name, '--yes')).toMatchObject({ state: 'done' });
      const left = world.world
        .member(name)
        .objects.all('v1', 'Namespace')
        .map(({ metadata }) => metadata.name);
      expect(left.filter((namespace) => /^(hanse|liqo-tenant)-/.test(namespace))).toEqual([]);
    }
    expect([world.openshift.tokens(), world.rancher.tokens(), world.opennebula.tokens()]).toEqual([[], [], 0]);
  });

  it('never repeats a password or a token, in its log, its plans or its answers', async () => {
    const plans = await Promise.all(
      (await hanse.json(z.array(operation), 'operations', 'list')).map(async ({ id }) => (await hanse.hanse('operations', 'show', id, '-o', 'json')).out),
    );
    const everything = [readFileSync(hanse.log, 'utf8'), ...plans].join('\n');
    expect(plans.length).toBeGreaterThan(3);
    for (const secret of secrets()) {
      expect(secret.length).toBeGreaterThan(8);
      expect(everything).not.toContain(secret);
    }
  });
});
