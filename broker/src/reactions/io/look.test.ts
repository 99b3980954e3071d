import { expect, it } from 'vitest';
import type { Circuit } from '../../interconnect/index.ts';
import { circuitSignals } from './look.ts';

const circuit = (more: Partial<Circuit>): Circuit => ({
  ref: 'r',
  lan: 'l',
  exchange: 'ams-ix',
  kind: 'attachment',
  member: 'pa',
  connection: 'c',
  vlan: 100,
  account: null,
  ipv4: null,
  ipv6: null,
  capacityMbps: null,
  roleAssignments: [],
  mac: null,
  state: 'ready',
  id: 'x',
  told: 'production',
  messages: [],
  decommissionAt: null,
  chargedUntil: null,
  measured: null,
  since: null,
  ...more,
});

it('a degraded attachment concerns its provider, a degraded segment everyone on it, and home nobody', () => {
  const pa = circuit({ ref: 'a', member: 'pa' });
  const pb = circuit({ ref: 'b', member: 'pb', exchange: 'de-cix' });
  const home = circuit({ ref: 'h', member: 'home' });
  const segment = circuit({ ref: 's', kind: 'segment', member: 'ams-ix' });
  const peerings = ['pa', 'pb'].map((provider) => ({ provider, home: 'home' }));
  const of = (...circuits: Circuit[]) => circuitSignals(circuits, peerings).map(({ provider }) => provider);
  expect(of(pa, pb, home, segment)).toEqual([]);
  expect(of({ ...pa, state: 'degraded', messages: ['loss'] }, pb, home, segment)).toEqual(['pa']);
  expect(of(pa, pb, home, { ...segment, state: 'degraded' })).toEqual(['pa']);
  expect(of(pa, pb, { ...home, state: 'degraded' }, segment)).toEqual([]);
  expect(of({ ...pa, state: 'ending' }, pb, home, segment)).toEqual([]);
});
