// The simulator's exchange as a system under test, with a clock of its own.
import { memoryDisk } from '../../simulator/disk.ts';
import type { SchemaVersion } from '../../simulator/exchanges/sold.ts';
import { startExchange } from '../../simulator/exchanges/startExchange.ts';
import { isPlain } from '../../simulator/fields.ts';
import type { IxApiSystem } from './ixApi.contract.ts';

const profiles = { '2.1.0': '2.1', '2.4.2': '2.4', '2.7.1': '2.7' } as const;

/** `front`: something between us and the exchange, by its address; answers its own. */
export async function simulatedExchange(
  schemaVersion: SchemaVersion,
  front: (url: string) => Promise<{ readonly url: string; close(): Promise<void> }> = async (url) => ({ url, close: async () => {} }),
): Promise<IxApiSystem> {
  let now = Date.parse('2026-11-22T11:00:00Z');
  const key = 'aaaabbbbccccdddd';
  const secret = 's'.repeat(86);
  const running = await startExchange({
    disk: memoryDisk(),
    now: () => now,
    key,
    secret,
    data: {
      name: `test-${schemaVersion}`,
      title: 'Test IX',
      schemaVersion,
      metroArea: 'met:1:AMS',
      metroAreaNetwork: 'man:1:AMS1',
      account: 'acc:hanse',
      connections: [
        { id: 'conn:1', account: 'acc:hanse', speedMbps: 10_000 },
        { id: 'conn:2', account: 'acc:customer', speedMbps: 10_000 },
      ],
      pace: { allocatedMs: 1000, testingMs: 2000, productionMs: 3000 },
      noticeDays: 30,
    },
  });
  const fronted = await front(running.url);
  return {
    url: fronted.url,
    profile: profiles[schemaVersion],
    key,
    secret,
    account: 'acc:hanse',
    connection: 'conn:1',
    customer: { account: 'acc:customer', connection: 'conn:2' },
    pass: (ms) => void (now += ms),
    faults: running.faults,
    ordersUnder: (ref) => running.orders().flatMap((order) => (isPlain(order) && order['external_ref'] === ref ? [order] : [])),
    async close() {
      await fronted.close();
      await running.close();
    },
  };
}
