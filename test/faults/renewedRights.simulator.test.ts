// An account that an earlier version made, with fewer rights: the cluster is added again, and nothing else of it changes.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { installProduct, type Product } from '../journeys/product.ts';
import { probeImage } from '../journeys/wholeJob.ts';
import { changes, handOut, type JourneyWorld, type MemberName, pictureOf, simulatedWorld } from '../journeys/world.ts';

const ended = z.looseObject({ state: z.string() });
const role = z.looseObject({ rules: z.array(z.unknown()) });

let world: JourneyWorld;
let hanse: Product;
beforeAll(async () => {
  world = await simulatedWorld();
  hanse = await installProduct({ allowedAddresses: world.allowedAddresses, probe: { image: probeImage } });
  await hanse.start();
}, 180_000);
afterAll(async () => {
  await hanse?.close();
  await world?.close();
}, 60_000);

it(
  'gives an account of an earlier version its rights when the cluster is added again, keeps the rest, and leaves nothing in the end',
  { timeout: 180_000 },
  async () => {
    const add = (name: MemberName) =>
      hanse.json(
        ended,
        'cluster',
        'add',
        name,
        '--kubeconfig',
        handOut(world, hanse.folder)(name),
        '--side',
        name === 'home' ? 'consumer' : 'provider',
        '--yes',
      );
    const admin = world.admin('pa');
    const ref = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', namespace: 'liqo-tenant-home', name: 'hanse' };
    const grant = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'liqo-tenant-home', name: 'hanse-grant' };
    const atFirst = await pictureOf(world);
    await add('home');
    await add('pa');
    const whole = role.parse(await admin.get(ref)).rules;
    await admin.patch(ref, { rules: whole.filter((rule) => !JSON.stringify(rule).includes('tenants')) });
    await admin.patch(grant, { data: { accept: 'yes', maxCpu: '7' } });
    const lacking = await hanse.hanse('federate', 'pa', '--yes');
    expect(lacking.exit).not.toBe(0);
    expect(lacking.err + lacking.out).toMatch(/Add the cluster again, so that its account is granted what this version needs/);
    expect(await add('pa')).toMatchObject({ state: 'done' });
    expect(role.parse(await admin.get(ref)).rules).toEqual(whole);
    expect(await admin.get(grant)).toMatchObject({ data: { accept: 'yes', maxCpu: '7' } });
    expect(await hanse.json(ended, 'federate', 'pa', '--yes')).toMatchObject({ state: 'done' });
    expect(await add('home')).toMatchObject({ state: 'done' });
    expect(await hanse.json(ended, 'leave', 'pa', '--yes')).toMatchObject({ state: 'done' });
    for (const name of ['pa', 'home']) expect(await hanse.json(ended, 'cluster', 'remove', name, '--yes')).toMatchObject({ state: 'done' });
    await expect.poll(async () => changes(atFirst, await pictureOf(world)), { timeout: 60_000, interval: 500 }).toEqual([]);
  },
);
