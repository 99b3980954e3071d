// What happens to a provider is seen, decided and planned by the broker itself; a false alarm moves nothing, and what was seen outlives a broker that is killed.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Exchanges, startExchanges } from '../faults/exchanges.ts';
import { demoProviders, issueDemoCredentials, trustedIssuers } from '../fixtures/issueCredentials.ts';
import { federatedProduct, type FederatedProduct } from './federatedProduct.ts';
import type { MemberName } from './world.ts';

const shop = join(import.meta.dirname, '../../examples/shop');
const policy = `apiVersion: hanse.dev/v1
kind: Policy
metadata: { name: reacting }
spec:
  criteria: [label>=L1@certified]
  preferences: [price]
  react: { unreachable: ask, draining: act, circuit: act }
`;
const quick = { everySeconds: 1, offersSeconds: 1, circuitsSeconds: 1, holdSeconds: { unreachable: 1, circuit: 1, proof: 1, price: 1 } };

describe('reacting', { timeout: 300_000 }, () => {
  let exchanges: Exchanges;
  let all: FederatedProduct;
  /** Where the application is, and where it could go. */
  let source: MemberName;
  let target: MemberName;

  const open = () => all.open();
  const ready = () => all.ready('shop');
  const moves = async (verb: 'evacuate' | 'migrate' = 'evacuate'): Promise<string[]> =>
    (await all.operations()).filter(({ kind }) => kind === verb).map(({ state }) => state);
  const credentials = (): string => join(all.product.folder, 'credentials');
  /** Every offer anew, the one of where it runs with another price. */
  const reissue = (eurPerVcpuHour: number): object => {
    const made = issueDemoCredentials(
      Date.now(),
      demoProviders.map((provider) => (provider.cluster === source ? { ...provider, eurPerVcpuHour } : provider)),
    );
    for (const [name, jwt] of Object.entries(made.files)) writeFileSync(join(credentials(), name), `${jwt}\n`);
    return { sources: [credentials()], trustedIssuers: trustedIssuers(made) };
  };

  beforeAll(async () => {
    exchanges = await startExchanges(mkdtempSync(join(tmpdir(), 'hanse-exchanges-')));
    // as delivered, but for a time to hold that no slow machine outlasts
    const late = { holdSeconds: { unreachable: 3600 } };
    all = await federatedProduct({ allowedAddresses: exchanges.allowedAddresses, reactions: late, ...exchanges.settings });
    await all.deploy('shop', shop, policy);
    [source, target] = await all.sides('shop');
  }, 300_000);
  afterAll(async () => {
    await all?.close();
    await exchanges?.close();
  }, 60_000);

  it('sees that a provider does not answer, keeps that over a kill of the broker, and moves nothing when it answers again', async () => {
    const began = Date.now();
    const thaw = all.world.freeze(source);
    try {
      await expect
        .poll(open, { timeout: 120_000, interval: 500 })
        .toMatchObject([{ cause: 'unreachable', provider: source, state: 'watching', operation: null }]);
      const [seen] = await open();
      process.stderr.write(`a provider that is down was seen after ${((Date.parse(seen?.since ?? '') - began) / 1000).toFixed(1)} s\n`);
      await all.product.kill();
      await all.product.start();
      expect(await open()).toMatchObject([{ id: seen?.id, state: 'watching' }]);
    } finally {
      thaw();
    }
    await expect.poll(open, { timeout: 120_000, interval: 500 }).toEqual([]);
    expect(await all.reactions()).toMatchObject([{ cause: 'unreachable', state: 'over', operation: null }]);
    expect(await moves()).toEqual([]);
    expect(await ready()).toEqual([source]);
  });

  it('plans an evacuation and asks, as the policy says; the plan is taken back when the provider answers again', async () => {
    await all.product.stop();
    all.configure({ reactions: quick });
    await all.product.start();
    const thaw = all.world.freeze(source);
    try {
      await expect
        .poll(open, { timeout: 120_000, interval: 500 })
        .toMatchObject([{ cause: 'unreachable', state: 'asking', operation: expect.stringMatching(/^op-/) }]);
      expect(await moves()).toEqual(['planned']);
      const text = await all.hanse('get', 'reactions');
      expect(text).toContain(`${source} does not answer. It has been so for`);
      expect(text).toContain('The policy says: ask.');
      expect(await ready()).toEqual([source]);
    } finally {
      thaw();
    }
    await expect.poll(open, { timeout: 120_000, interval: 500 }).toEqual([]);
    await expect.poll(() => moves(), { timeout: 60_000, interval: 500 }).toEqual(['discarded']);
  });

  it('plans to move what a proof no longer allows to stay, and takes it back when the proof is there again', async () => {
    const label = join(credentials(), `${source}-label.jwt`);
    const text = readFileSync(label, 'utf8');
    rmSync(label);
    await expect.poll(open, { timeout: 120_000, interval: 500 }).toMatchObject([{ cause: 'proof', provider: source, state: 'asking' }]);
    await expect.poll(() => moves('migrate'), { timeout: 60_000, interval: 500 }).toEqual(['planned']);
    const impact = z.looseObject({ application: z.string(), provider: z.string(), criterion: z.string(), state: z.string(), plan: z.unknown() });
    const lapsed = { application: 'shop', provider: source, criterion: 'label>=L1@certified', state: 'gone', plan: { word: 'ask', state: 'asking' } };
    // the offer is written anew first, what its credentials have become a moment later
    await expect.poll(() => all.product.items(impact, 'impact'), { timeout: 60_000, interval: 500 }).toMatchObject([lapsed]);
    writeFileSync(label, text);
    await expect.poll(open, { timeout: 120_000, interval: 500 }).toEqual([]);
    await expect.poll(() => moves('migrate'), { timeout: 60_000, interval: 500 }).toEqual(['discarded']);
  });

  it('plans to move to what is better since prices changed', async () => {
    await all.product.stop();
    all.configure({ credentials: reissue(0.9) });
    await all.product.start();
    await expect.poll(open, { timeout: 120_000, interval: 500 }).toMatchObject([{ cause: 'price', provider: source, state: 'asking' }]);
    expect(await all.hanse('get', 'reactions')).toContain(`${target} is better for shop than ${source} now`);
  });

  it('moves away by itself when the provider asks for it and the policy says act', async () => {
    const grant = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'liqo-tenant-home', name: 'hanse-grant' };
    await all.world.admin(source).patch(grant, { data: { standing: 'draining', reason: 'a new floor' } });
    const drained = async () => (await open()).filter(({ cause }) => cause === 'draining');
    await expect
      .poll(drained, { timeout: 120_000, interval: 500 })
      .toMatchObject([{ provider: source, state: expect.stringMatching(/^(acting|warned)$/), operation: expect.stringMatching(/^op-/) }]);
    await expect.poll(() => moves(), { timeout: 200_000, interval: 500 }).toEqual(['done', 'discarded']);
    expect(await ready()).toEqual([target]);
    // the better price has no cause any more: it runs there
    await expect.poll(open, { timeout: 60_000, interval: 500 }).toMatchObject([{ cause: 'draining', state: 'warned', because: ['Its plan ended: done.'] }]);
    await expect.poll(() => moves('migrate'), { timeout: 60_000, interval: 500 }).toEqual(['discarded', 'discarded']);
    expect(await all.hanse('audit', 'verify')).toMatch(/./);
  });

  it('moves away by itself from a provider whose circuit is degraded, once the limit on the number of plans allows it', async () => {
    const grant = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'liqo-tenant-home', name: 'hanse-grant' };
    await all.world.admin(source).patch(grant, { data: { standing: 'open' } });
    await expect.poll(open, { timeout: 120_000, interval: 500 }).toEqual([]);
    // one stands behind a splice: that is its way, too
    const connection = target === 'pb' ? 'conn:splice' : 'conn:pa';
    for (const { faults } of [exchanges.ams, exchanges.fra]) faults.connections[connection] = 'no light since a moment ago';
    const held = {
      cause: 'circuit',
      provider: target,
      state: 'heldBack',
      operation: null,
      because: [expect.stringMatching(/4 plans were made in the last 60/)],
    };
    await expect.poll(open, { timeout: 120_000, interval: 500 }).toMatchObject([held]);
    expect(await all.hanse('get', 'reactions')).toMatch(/is degraded \(production: .*no light since a moment ago\)/);
    expect(await ready()).toEqual([target]);
    await all.product.stop();
    all.configure({ reactions: { ...quick, plansMax: 5 } });
    await all.product.start();
    const ended = [{ cause: 'circuit', provider: target, state: 'warned', because: ['Its plan ended: done.'], operation: expect.stringMatching(/^op-/) }];
    await expect.poll(open, { timeout: 200_000, interval: 500 }).toMatchObject(ended);
    expect(await ready()).toEqual([source]);
    for (const { faults } of [exchanges.ams, exchanges.fra]) faults.connections = {};
    await expect.poll(open, { timeout: 120_000, interval: 500 }).toEqual([]);
    expect(await ready()).toEqual([source]);
    expect(await moves()).toEqual(['done', 'done', 'discarded']);
  });
});
