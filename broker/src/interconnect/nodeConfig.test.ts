import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { circuitState } from './circuitState.ts';
import { nodeConfig, type NodeConfigOf } from './nodeConfig.ts';

const of: NodeConfigOf = {
  lan: { id: '7f3a00b1c2', name: 'harbour', ipv4: '100.64.0.0/26', ipv6: 'fd7f:3a00:b1c2::/64' },
  site: {
    cluster: 'main',
    exchange: 'de-cix',
    connection: 'conn:1',
    roleAssignments: [],
    vlans: { from: 2000, to: 2999 },
    capacityMbps: 1000,
    interface: 'ens2f0',
    mtuBytes: 9000,
  },
  circuit: {
    ref: 'r',
    lan: '7f3a00b1c2',
    exchange: 'de-cix',
    kind: 'attachment',
    member: 'main',
    connection: 'conn:1',
    vlan: 2101,
    account: null,
    ipv4: '100.64.0.2',
    ipv6: 'fd7f:3a00:b1c2::2',
    capacityMbps: 1000,
    roleAssignments: [],
    mac: null,
    state: 'ready',
    id: 'nsc:1',
    told: 'production',
    messages: [],
    since: null,
    decommissionAt: null,
    chargedUntil: null,
    measured: null,
  },
  mtuBytes: 1500,
  routes: [{ to: '10.42.0.0/16', via: '100.64.0.1' }],
};

describe('what a node is told', () => {
  it('is a policy of kubernetes-nmstate: the tag, both addresses, the MTU of the LAN, the way to the others, nothing automatic', () => {
    expect(parse(nodeConfig('nmstate', of))).toMatchObject({
      kind: 'NodeNetworkConfigurationPolicy',
      spec: {
        desiredState: {
          interfaces: [
            {
              name: 'ens2f0.2101',
              type: 'vlan',
              mtu: 1500,
              vlan: { 'base-iface': 'ens2f0', id: 2101 },
              ipv4: { enabled: true, dhcp: false, address: [{ ip: '100.64.0.2', 'prefix-length': 26 }] },
              ipv6: { enabled: true, dhcp: false, autoconf: false, address: [{ ip: 'fd7f:3a00:b1c2::2', 'prefix-length': 64 }] },
            },
          ],
          routes: { config: [{ destination: '10.42.0.0/16', 'next-hop-address': '100.64.0.1', 'next-hop-interface': 'ens2f0.2101' }] },
        },
      },
    });
  });

  it('is a file of netplan that says the same', () => {
    expect(parse(nodeConfig('netplan', of))).toEqual({
      network: {
        version: 2,
        vlans: {
          'ens2f0.2101': {
            id: 2101,
            link: 'ens2f0',
            mtu: 1500,
            dhcp4: false,
            dhcp6: false,
            'accept-ra': false,
            'link-local': [],
            addresses: ['100.64.0.2/26', 'fd7f:3a00:b1c2::2/64'],
            routes: [{ to: '10.42.0.0/16', via: '100.64.0.1' }],
          },
        },
      },
    });
  });
});

it('a state that no version knows is pending, and one in production that reports an error is degraded', () => {
  expect(circuitState({ state: 'awaiting_moon', status: [] })).toBe('pending');
  expect(circuitState({ state: 'constructor', status: [] })).toBe('pending');
  expect(circuitState({ state: 'production', status: [{ severity: 6 }] })).toBe('ready');
  expect(circuitState({ state: 'production', status: [{ severity: 2 }] })).toBe('degraded');
});
