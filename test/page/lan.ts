// Layer 2 of the demo federation while po still waits for its exchange.
import type { Circuit, Lan } from '../../contract/src/index.ts';

const circuit = (kind: Circuit['kind'], exchange: string, member: string, state: Circuit['state'], vlan: number): Circuit => ({
  ref: `hanse-${exchange}-${member}`,
  lan: '0123456789',
  exchange,
  kind,
  member,
  connection: null,
  vlan,
  ipv4: null,
  ipv6: null,
  capacityMbps: kind === 'spliceEnd' ? 10_000 : 1_000,
  state,
  id: null,
  told: state,
  messages: [],
  since: null,
  decommissionAt: null,
  chargedUntil: null,
  measured:
    kind === 'attachment' && state === 'ready' && member !== 'harbour'
      ? { at: '2026-11-22T14:02:05.000Z', from: 'harbour', sent: 50, received: 50, roundTripMs: 9.4, mtuBytes: 1500, ownMtuBytes: 1500 }
      : null,
});

export const demoLan = (): Lan => ({
  id: '0123456789',
  name: 'harbour',
  ipv4: '100.64.7.0/24',
  ipv6: 'fd01:2345:6789::/64',
  mtuBytes: 1500,
  clusters: ['harbour', 'amstel', 'main', 'po'],
  exchanges: ['ams-ix', 'de-cix-frankfurt', 'top-ix'],
  splices: ['ams-fra', 'fra-tur'],
  cost: { eurOnce: 400, eurPerMonth: 1_180 },
  circuits: [
    circuit('attachment', 'ams-ix', 'harbour', 'ready', 812),
    circuit('attachment', 'ams-ix', 'amstel', 'ready', 813),
    circuit('attachment', 'de-cix-frankfurt', 'main', 'ready', 812),
    circuit('attachment', 'top-ix', 'po', 'pending', 412),
    circuit('spliceEnd', 'ams-ix', 'ams-fra', 'ready', 2101),
    circuit('spliceEnd', 'de-cix-frankfurt', 'ams-fra', 'ready', 3101),
    circuit('spliceEnd', 'de-cix-frankfurt', 'fra-tur', 'pending', 3102),
    circuit('spliceEnd', 'top-ix', 'fra-tur', 'pending', 412),
  ],
});
