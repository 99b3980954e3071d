// A broker that is killed at every record of layer 2, when the intention is written and when its effect is done and the result lost, while it orders, joins and cancels.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Product } from '../journeys/product.ts';
import { crashedVerb } from './crashedVerb.ts';
import type { Exchanges } from './exchanges.ts';
import { productOverExchanges } from './interconnectProduct.ts';

const circuits = z.array(z.looseObject({ state: z.string(), chargedUntil: z.string().nullable() }));
const how = { both: false, kinds: 'interconnect.' };

describe('a broker that is killed at every record of layer 2', { timeout: 600_000 }, () => {
  const { open, close } = productOverExchanges(false);
  let exchanges: Exchanges;
  let hanse: Product;
  beforeAll(async () => {
    ({ exchanges, hanse } = await open());
    await hanse.stop();
  }, 180_000);
  afterAll(close, 60_000);

  it('orders and joins everything exactly once', async () => {
    const report = await crashedVerb(hanse, ['federate', 'pb'], how);
    console.log(`federate: ${JSON.stringify(report)}`);
    expect(report).toMatchObject({ state: 'done' });
    expect(report.kills).toBeGreaterThan(15);
    expect(exchanges.twice()).toEqual([]);
    expect(exchanges.standing()).toHaveLength(6);
  });

  it('cancels everything, and knows until when it is charged', async () => {
    const report = await crashedVerb(hanse, ['leave', 'pb'], how);
    console.log(`leave: ${JSON.stringify(report)}`);
    expect(report).toMatchObject({ state: 'done' });
    expect(report.kills).toBeGreaterThan(10);
    expect(exchanges.twice()).toEqual([]);
    expect(exchanges.standing()).toEqual([]);
    await hanse.start();
    const left = await hanse.json(circuits, 'get', 'circuits');
    expect(left).toHaveLength(6);
    expect(left.every(({ state, chargedUntil }) => state === 'ending' && chargedUntil !== null)).toBe(true);
    expect(await hanse.json(z.array(z.unknown()), 'get', 'peerings')).toEqual([]);
    await hanse.stop();
  });
});
