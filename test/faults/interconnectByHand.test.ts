// An exchange without an API: a person orders and cancels there, and the operation waits.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Product } from '../journeys/product.ts';
import type { Exchanges } from './exchanges.ts';
import { productOverExchanges } from './interconnectProduct.ts';

const operation = z.looseObject({ id: z.string(), state: z.string() });
const asking = z.looseObject({ text: z.string() });

describe('an exchange without an API', { timeout: 240_000 }, () => {
  const { open, close } = productOverExchanges(true);
  let exchanges: Exchanges;
  let hanse: Product;
  beforeAll(async () => void ({ exchanges, hanse } = await open()), 180_000);
  afterAll(close, 60_000);

  const answered = async (id: string, keyOf: (text: string) => string): Promise<string[]> => {
    const asked: string[] = [];
    for (;;) {
      const { state, question } = await hanse.test.store.db
        .selectFrom('operation')
        .select(['state', 'question'])
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      if (['done', 'rolledBack', 'failed'].includes(state)) return [state, ...asked];
      if (state === 'asking') {
        const { text } = asking.parse(question);
        asked.push(text);
        await hanse.json(operation, 'operations', 'answer', id, keyOf(text));
      } else await new Promise((resolve) => setTimeout(resolve, 100));
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

  it('takes back what was ordered elsewhere when the person says that it cannot be done', async () => {
    const { id } = await hanse.json(operation, 'federate', 'pb', '--yes', '--no-wait');
    const [state, ...asked] = await answered(id, (text) => (text.includes('the site of pb') && text.startsWith('Order') ? 'refused' : 'done'));
    expect(state).toBe('rolledBack');
    expect(asked.filter((text) => text.startsWith('Cancel'))).toHaveLength(2);
    expect(exchanges.standing()).toEqual([]);
    expect(await hanse.json(z.array(z.unknown()), 'get', 'lans')).toEqual([]);
  });
});
