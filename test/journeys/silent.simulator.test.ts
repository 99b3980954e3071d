// A provider falls silent for good and the policy says act: what runs there is brought up elsewhere without it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { installProduct, type Product } from './product.ts';
import { probeImage } from './wholeJob.ts';
import { handOut, type JourneyWorld, type MemberName, simulatedWorld } from './world.ts';

const operation = z.looseObject({ id: z.string(), kind: z.string(), state: z.string() });
const reaction = z.looseObject({ cause: z.string(), state: z.string() });
const status = z.looseObject({ placement: z.array(z.looseObject({ cluster: z.string(), ready: z.number() })) });
const shop = join(import.meta.dirname, '../../examples/shop');
const policy = `apiVersion: hanse.dev/v1
kind: Policy
metadata: { name: acting }
spec:
  criteria: [label>=L1@certified]
  preferences: [price]
  react: { unreachable: act }
`;

describe('a silent provider', { timeout: 300_000 }, () => {
  let world: JourneyWorld;
  let product: Product;
  /** Where the application is, and where it could go. */
  let source: MemberName;
  let target: MemberName;

  const hanse = async (...words: readonly string[]): Promise<string> => {
    const { exit, out, err } = await product.hanse(...words);
    expect(exit, err + out).toBe(0);
    return out;
  };
  const open = async () => (await product.items(reaction, 'reactions')).filter(({ state }) => state !== 'over');
  const ready = async (): Promise<string[]> =>
    (await product.json(status, 'status', 'shop')).placement.filter((one) => one.ready > 0).map(({ cluster }) => cluster);
  const evacuation = async () => (await product.items(operation, 'operations')).find(({ kind }) => kind === 'evacuate');

  beforeAll(async () => {
    world = await simulatedWorld();
    const migration = { drainSecondsMin: 1, drainSecondsMax: 5 };
    const soon = { everySeconds: 1, holdSeconds: { unreachable: 1 } };
    product = await installProduct({ allowedAddresses: world.allowedAddresses, probe: { image: probeImage }, migration, reactions: soon });
    await product.start();
    await hanse('cluster', 'add', 'home', '--kubeconfig', handOut(world, product.folder)('home'), '--side', 'consumer', '--yes');
    for (const name of ['pa', 'pb'] as const)
      await hanse('cluster', 'add', name, '--kubeconfig', handOut(world, product.folder)(name), '--side', 'provider', '--yes');
    await hanse('federate', 'pa', 'pb', '--yes');
    const file = join(product.folder, 'policy.yaml');
    writeFileSync(file, policy);
    await hanse('deploy', 'shop', '-f', shop, '--policy', file, '--yes');
    [source, target] = (await ready())[0] === 'pa' ? ['pa', 'pb'] : ['pb', 'pa'];
  }, 300_000);
  afterAll(async () => {
    await product?.close();
    await world?.close();
  }, 60_000);

  it('moves what runs at a provider that stays silent, then asks; what is left there ends when it answers again', async () => {
    const thaw = world.freeze(source);
    try {
      await expect.poll(evacuation, { timeout: 240_000, interval: 500 }).toMatchObject({ state: 'asking' });
      expect(await ready()).toEqual([target]);
      expect(await hanse('operations', 'show', (await evacuation())?.id ?? '')).toContain(`${source} does not answer. shop runs at ${target}`);
    } finally {
      thaw();
    }
    await hanse('operations', 'retry', (await evacuation())?.id ?? '');
    await expect.poll(evacuation, { timeout: 240_000, interval: 500 }).toMatchObject({ state: 'done' });
    expect(await ready()).toEqual([target]);
    await expect.poll(open, { timeout: 60_000, interval: 500 }).toEqual([]);
  });
});
