// An exchange without an API: a person orders and cancels there, and the operation waits.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Product } from '../journeys/product.ts';
import type { Exchanges } from './exchanges.ts';
import { productOverExchanges } from './interconnectProduct.ts';

const operation = z.looseObject({ id: z.string(), state: z.string() });
const asking = z.looseObject({ state: z.string(), question: z.looseObject({ text: z.string() }).nullish() });

describe('an exchange without an API', { timeout: 240_000 }, () => {
  const { open, close } = productOverExchanges(true);
  let exchanges: Exchanges;
  let hanse: Product;
  beforeAll(async () => void ({ exchanges, hanse } = await open()), 180_000);
  afterAll(close, 60_000);

  const answered = async (id: string, keyOf: (text: string) => string): Promise<string[]> => {
    const asked: string[] = [];
    for (;;) {
      const now = await hanse.json(asking, 'operations', 'show', id);
      if (['done', 'rolledBack', 'failed'].includes(now.state)) return [now.state, ...asked];
      if (now.state === 'asking' && now.question) {
        asked.push(now.question.text);
        await hanse.json(operation, 'operations', 'answer', id, keyOf(now.question.text));
      } else await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };

  it('has a person order with the exact values, and waits for each', async () => {
    const { id } = await hanse.json(operation, 'federate', 'pb', '--yes', '--no-wait');
    const [state, ...asked] = await answered(id, () => 'done');
    expect(state).toBe('done');
    expect(asked).toEqual([
      expect.stringMatching(/^Order at TOP-IX \(noc@top-ix\.example\): a private multipoint VLAN \(VPLS\), IP MTU 1500/),
      expect.stringMatching(/splice between: connection conn:splice, VLAN 3100, capacity 1000 Mbit\/s/),
      expect.stringMatching(/the site of pb: connection conn:pb, VLAN 2000, capacity 1000 Mbit\/s/),
    ]);
    const { out } = await hanse.hanse('lan', 'config', 'home', '--format', 'netplan', '--member', 'pb');
    expect(out).toMatch(/addresses:\n +- 100\.64\.0\.2\/26/);
  });

  it('has a person cancel too, and nothing is left', async () => {
    const { id } = await hanse.json(operation, 'leave', 'pb', '--yes', '--no-wait');
    const [state, ...asked] = await answered(id, () => 'done');
    expect(state).toBe('done');
    expect(asked).toHaveLength(3);
    expect(exchanges.standing()).toEqual([]);
    expect(await hanse.json(z.array(z.unknown()), 'get', 'lans')).toEqual([]);
  });
});
