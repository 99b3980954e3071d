// A LAN is measured from home by a pod of a real cluster before anything is peered: the exchange is simulated, the addresses are put on the nodes as `hanse lan config` says.
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Exchanges, startExchanges } from '../faults/exchanges.ts';
import { installProduct, type Product } from './product.ts';
import { probeImage } from './wholeJob.ts';
import { changes, handOut, hasLab, type JourneyWorld, labWorld, memberNames, type Picture, restingPictureOf } from './world.ts';

const operation = z.looseObject({ id: z.string(), kind: z.string(), state: z.string(), question: z.looseObject({ text: z.string() }).nullish() });
const circuits = z.array(
  z.looseObject({
    kind: z.string(),
    member: z.string(),
    ipv4: z.string().nullable(),
    measured: z.looseObject({ sent: z.number(), received: z.number(), mtuBytes: z.number().nullable(), ownMtuBytes: z.number().nullable() }).nullable(),
  }),
);

describe.skipIf(!hasLab())('a LAN between real clusters', { timeout: 400_000 }, () => {
  let world: JourneyWorld;
  let exchanges: Exchanges;
  let product: Product;
  let before: Picture;
  const addresses: (readonly [name: string, address: string])[] = [];

  beforeAll(async () => {
    world = await labWorld();
    exchanges = await startExchanges(mkdtempSync(join(tmpdir(), 'hanse-exchanges-')));
    const allowedAddresses = [...world.allowedAddresses, ...exchanges.allowedAddresses];
    product = await installProduct({ allowedAddresses, probe: { image: probeImage }, ...exchanges.settings });
    await product.start();
    before = await restingPictureOf(world);
    for (const name of memberNames)
      await done('cluster', 'add', name, '--kubeconfig', handOut(world, product.folder)(name), '--side', name === 'home' ? 'consumer' : 'provider', '--yes');
  }, 300_000);
  afterAll(async () => {
    for (const [name, address] of addresses) await ip(name, 'del', address).catch(() => {});
    await product?.close();
    await exchanges?.close();
    await world?.close();
  }, 120_000);

  const ip = (name: string, verb: 'add' | 'del', address: string) =>
    promisify(execFile)('ip', ['-n', `hanse-${name}`, 'address', verb, `${address}/26`, 'dev', 'lan0']);
  const done = async (...words: readonly string[]): Promise<string> => {
    const { exit, out, err } = await product.hanse(...words);
    expect(exit, err + out).toBe(0);
    return out;
  };
  const federation = async () => (await product.json(z.array(operation), 'operations')).find(({ kind }) => kind === 'federate');
  const attachment = async (of: string) => (await product.json(circuits, 'get', 'circuits')).find(({ kind, member }) => kind === 'attachment' && member === of);
  const soon = { timeout: 240_000, interval: 2_000 };

  it('asks when nothing comes back, and measures when the nodes have their addresses', async () => {
    const federating = product.hanse('federate', 'pa', '--yes');
    await expect.poll(async () => (await federation())?.state, soon).toBe('asking');
    const asked = await product.json(operation, 'operations', 'show', (await federation())?.id ?? '');
    expect(asked.question?.text).toMatch(/^Nothing comes back from pa/);
    for (const name of ['home', 'pa']) {
      const address = (await attachment(name))?.ipv4 ?? '';
      await ip(name, 'add', address);
      addresses.push([name, address]);
    }
    await done('operations', 'answer', asked.id, 'again');
    await federating;
    await expect.poll(async () => (await federation())?.state, soon).toBe('done');
    const { measured } = (await attachment('pa')) ?? {};
    process.stderr.write(`${JSON.stringify(measured)}\n`);
    expect(measured).toMatchObject({ sent: 20, received: 20, mtuBytes: 1500, ownMtuBytes: 1500 });
  });

  it('leaves nothing of its probes', async () => {
    await done('leave', 'pa', '--yes');
    for (const name of memberNames.toReversed()) await done('cluster', 'remove', name, '--yes');
    await expect.poll(async () => changes(before, await restingPictureOf(world)), soon).toEqual([]);
  });
});
