import { describe, expect, it } from 'vitest';
import type { Circuit } from './lan.ts';
import { routesOf } from './routes.ts';

const lan = { id: '0123456789', name: 'harbour', ipv4: '100.64.0.0/26', ipv6: 'fd01:2345:6789::/64' };
const attachment = (member: string, ipv4: string): Circuit => ({
  ref: member,
  lan: lan.id,
  exchange: 'ix',
  kind: 'attachment',
  member,
  connection: 'c',
  vlan: 100,
  account: null,
  ipv4,
  ipv6: null,
  capacityMbps: null,
  roleAssignments: [],
  mac: null,
  state: 'ready',
  id: '1',
  told: '',
  messages: [],
  since: null,
  decommissionAt: null,
  chargedUntil: null,
  measured: null,
});
const circuits = [attachment('harbour', '100.64.0.1'), attachment('main', '100.64.0.2'), attachment('po', '100.64.0.3')];
const ranges = [
  { cluster: 'harbour', podCidrs: ['10.42.0.0/16'], serviceCidrs: ['10.43.0.0/16'] },
  { cluster: 'main', podCidrs: ['10.44.0.0/16', 'fd00:44::/56'], serviceCidrs: ['10.54.0.0/16'] },
  { cluster: 'po', podCidrs: ['10.42.0.0/16'], serviceCidrs: ['10.43.0.0/16'] },
];

describe('plain routes over a LAN', () => {
  it('never lead to addresses that the site itself or home has', () => {
    expect(routesOf(lan, 'harbour', circuits, ranges)).toEqual([{ to: '10.44.0.0/16', via: '100.64.0.2' }]);
    expect(routesOf(lan, 'main', circuits, ranges)).toEqual([{ to: '10.42.0.0/16', via: '100.64.0.1' }]);
    expect(routesOf(lan, 'po', circuits, ranges)).toEqual([{ to: '10.44.0.0/16', via: '100.64.0.2' }]);
  });
});
