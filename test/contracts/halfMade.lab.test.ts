// Peerings that liqoctl made, whole or by half: recognised, completed or refused with the reason, and left so that nothing of them stays.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { untilNothingGoes } from '../journeys/inventory.ts';
import { labSystem } from './liqo.lab.ts';
import { difference, everything, federate, leave, openWorld, planFederate, planLeave, type World } from './liqo.world.ts';
import { hasLiqoctl, liqoctl } from './liqoctl.ts';

const [home = 'home', provider = 'pb'] = (process.env['HANSE_LAB_LIQO'] ?? 'home,pb').split(',');
const system = labSystem(home, provider);
const tenantNamespace = `liqo-tenant-${home}`;
const ofAuthentication = (kind: string, namespace: string, name: string) => ({ apiVersion: 'authentication.liqo.io/v1beta1', kind, namespace, name });
const tenant = ofAuthentication('Tenant', tenantNamespace, home);
const identity = ofAuthentication('Identity', `liqo-tenant-${provider}`, `controlplane-${provider}`);

describe.skipIf(system === null || !hasLiqoctl())('what liqoctl began', { timeout: 300_000 }, () => {
  const act = liqoctl(home, provider);
  let world: World;
  let before: { readonly home: ReadonlySet<string>; readonly provider: ReadonlySet<string> };

  const unchanged = { added: [], removed: [] };
  const soon = { timeout: 30_000, interval: 500 };
  const look = async () => ({ home: await everything(world.home), provider: await everything(world.provider) });
  const steps = async (): Promise<readonly string[]> => {
    const outcome = await planFederate(world);
    if (outcome.kind !== 'plan') throw new Error(JSON.stringify(outcome));
    return outcome.plan.steps.map(({ kind }) => kind.replace('federation.', '')).filter((kind) => !['reserve', 'accept', 'settle'].includes(kind));
  };
  const refusal = async (): Promise<string> => {
    const outcome = await planFederate(world);
    return outcome.kind === 'refused' ? outcome.reasons.map(({ message }) => message).join(' ') : outcome.kind;
  };
  /** Liqo goes on for some seconds after liqoctl has ended: what it makes then is not ours. */
  const restingLook = async () => {
    let last = await look();
    await expect
      .poll(
        async () => {
          const [previous, now] = [last, await look()];
          last = now;
          return [difference(previous.home, now.home), difference(previous.provider, now.provider)];
        },
        { timeout: 60_000, interval: 3_000 },
      )
      .toEqual([unchanged, unchanged]);
    return last;
  };
  /** The provider's tenant namespace was made by another hand, so it is the other hand's to take away; it is empty but for what Kubernetes puts into each. */
  const leftEmpty = async (): Promise<void> => {
    await leave(world);
    expect(await planLeave(world)).toMatchObject({ kind: 'nothing' });
    await expect.poll(async () => difference(before.home, (await look()).home), soon).toEqual(unchanged);
    const kept = new RegExp(`^v1 (Namespace /${tenantNamespace}|ServiceAccount ${tenantNamespace}/default|ConfigMap ${tenantNamespace}/kube-root-ca.crt) `);
    await expect.poll(async () => difference(before.provider, (await look()).provider).added.filter((line) => !kept.test(line)), soon).toEqual([]);
  };

  beforeAll(async () => {
    if (system === null) return;
    world = await openWorld(system);
    await untilNothingGoes(world.home, world.provider);
    before = await look();
  }, 180_000);
  afterEach(async () => {
    if ((await planLeave(world)).kind === 'plan') await leave(world);
    const ref = { apiVersion: 'v1', kind: 'Namespace', name: tenantNamespace };
    await world.provider.delete(ref);
    await world.provider.until(ref, (object) => object === null, { what: 'the tenant namespace to be gone', timeoutSeconds: 120 });
  }, 300_000);
  afterAll(() => world?.close());

  it('is taken over when it is whole, and left', async () => {
    await act('peer', '--networking-disabled');
    await expect.poll(steps, { timeout: 60_000 }).toEqual([]);
    await federate(world);
    expect(await planFederate(world)).toMatchObject({ kind: 'nothing' });
    await leftEmpty();
  });

  it('is completed from its credential on', async () => {
    await act('authenticate');
    await expect.poll(steps, { timeout: 60_000 }).toEqual(['slice', 'node']);
    await federate(world);
    expect(await planFederate(world)).toMatchObject({ kind: 'nothing' });
    await leftEmpty();
  });

  it('is completed where only the provider knows of it', async () => {
    await act('authenticate');
    await world.home.delete(identity);
    await world.home.until(identity, (object) => object === null, { what: 'the Identity to be gone', timeoutSeconds: 60 });
    expect(await steps()).toContain('identity');
    await federate(world);
    expect(await planFederate(world)).toMatchObject({ kind: 'nothing' });
    await leftEmpty();
  });

  it('is left as it is, half made', async () => {
    await act('authenticate');
    await leftEmpty();
  });

  it('is refused, with the reason, where the provider has cordoned it, and nothing is changed', async () => {
    await act('authenticate');
    await world.provider.patch(tenant, { spec: { tenantCondition: 'Cordoned' } });
    const cordoned = await restingLook();
    expect(await refusal()).toMatch(/Cordoned/);
    const after = await look();
    expect([difference(cordoned.home, after.home), difference(cordoned.provider, after.provider)]).toEqual([unchanged, unchanged]);
    await leftEmpty();
  });

  it('is refused, with the reason, where Liqo would find two tenant namespaces', async () => {
    await act('authenticate');
    const labels = { 'liqo.io/remote-cluster-id': provider, 'liqo.io/tenant-namespace': 'true' };
    const second = { apiVersion: 'v1', kind: 'Namespace', name: 'hanse-second-tenant' };
    await world.home.create({ ...second, metadata: { name: second.name, labels } });
    try {
      expect(await refusal()).toMatch(/2 tenant namespaces/);
    } finally {
      await world.home.delete(second);
      await world.home.until(second, (object) => object === null, { what: 'the second namespace to be gone', timeoutSeconds: 60 });
    }
    await leftEmpty();
  });
});
