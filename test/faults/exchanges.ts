// Two exchanges with an API and one without, joined by splices, for the three clusters of a journey: layer 2 to fail and crash in.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { memoryDisk } from '../../simulator/disk.ts';
import { startExchange, type RunningExchange } from '../../simulator/exchanges/startExchange.ts';

export type Exchanges = {
  readonly ams: RunningExchange;
  readonly fra: RunningExchange;
  /** Of the broker's configuration. */
  readonly settings: { readonly exchanges: readonly object[]; readonly splices: readonly object[]; readonly sites: readonly object[] };
  readonly allowedAddresses: readonly string[];
  /** Orders that stand, as `external_ref state`. */
  standing(): readonly string[];
  /** References with more than one order, ever: an order was sent twice. */
  twice(): readonly string[];
  /** Time goes on for them. */
  pass(ms: number): void;
  close(): Promise<void>;
};

const key = 'aaaabbbbccccdddd';
const secret = 's'.repeat(86);

/** home and pa are at AMS-IX, pb at DE-CIX, or at TOP-IX where a person orders. */
export async function startExchanges(folder: string, { pbByHand = false, productionMs = 0 } = {}): Promise<Exchanges> {
  let ahead = 0;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'key'), key);
  writeFileSync(join(folder, 'secret'), secret);
  const one = (name: string, schemaVersion: '2.1.0' | '2.7.1', connections: readonly string[]): Promise<RunningExchange> =>
    startExchange({
      disk: memoryDisk(),
      now: () => Date.now() + ahead,
      key,
      secret,
      data: {
        name,
        title: name,
        schemaVersion,
        metroArea: 'met:1',
        metroAreaNetwork: 'man:1',
        account: 'acc:hanse',
        connections: connections.map((id) => ({ id, account: id === 'conn:pa' ? 'acc:pa' : 'acc:hanse', speedMbps: 10_000 })),
        pace: { allocatedMs: productionMs / 3, testingMs: productionMs / 2, productionMs },
        noticeDays: 30,
      },
    });
  const [ams, fra] = await Promise.all([one('ams-ix', '2.1.0', ['conn:home', 'conn:pa', 'conn:splice']), one('de-cix', '2.7.1', ['conn:pb', 'conn:splice'])]);
  const api = (name: string, { url }: RunningExchange, profile: string) => ({
    name,
    kind: 'ixApi',
    url,
    profile,
    keyFile: join(folder, 'key'),
    secretFile: join(folder, 'secret'),
    account: 'acc:hanse',
    mtuBytes: 9000,
    prices: { segment: { eurOnce: 0, eurPerMonth: 100 }, attachment: { eurOnce: 50, eurPerMonth: 200 } },
  });
  const far = pbByHand ? 'top-ix' : 'de-cix';
  const orders = (): { readonly ref: string; readonly state: string }[] =>
    [...ams.orders(), ...fra.orders()].flatMap((order) =>
      typeof order === 'object' && order !== null && 'external_ref' in order && 'state' in order
        ? [{ ref: String(order.external_ref), state: String(order.state) }]
        : [],
    );
  return {
    ams,
    fra,
    allowedAddresses: [ams, fra].map(({ url }) => new URL(url).host),
    settings: {
      exchanges: [
        api('ams-ix', ams, '2.1'),
        api('de-cix', fra, '2.7'),
        { name: 'top-ix', title: 'TOP-IX', kind: 'manual', contact: 'noc@top-ix.example', mtuBytes: 1500 },
      ],
      splices: [
        {
          name: 'between',
          between: ['ams-ix', far],
          connections: ['conn:splice', 'conn:splice'],
          // enough for every attempt of a test: what was in production keeps its tag until it has ended
          vlans: Array.from({ length: 60 }, (_, index) => [3000 + index, 3100 + index]),
          mtuBytes: 1500,
          capacityMbps: 1000,
          eurPerMonth: 300,
          owner: 'A carrier',
        },
      ],
      sites: [
        { cluster: 'home', exchange: 'ams-ix', connection: 'conn:home' },
        { cluster: 'pa', exchange: 'ams-ix', connection: 'conn:pa', account: 'acc:pa', mac: '02:fc:00:00:00:02' },
        { cluster: 'pb', exchange: far, connection: 'conn:pb' },
      ],
    },
    standing: () => orders().flatMap(({ ref, state }) => (state === 'cancelled' || state.startsWith('decommission') ? [] : [`${ref} ${state}`])),
    twice: () => orders().flatMap(({ ref }, index, all) => (all.findIndex((other) => other.ref === ref) === index ? [] : [ref])),
    pass: (ms) => void (ahead += ms),
    close: async () => void (await Promise.all([ams.close(), fra.close()])),
  };
}
