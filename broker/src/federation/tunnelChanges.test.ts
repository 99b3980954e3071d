import { describe, expect, it } from 'vitest';
import type { Observed } from './observed.ts';
import type { Tunnel } from './tunnel.ts';
import { anyTunnel, tunnelSeen, tunnelStates, type TunnelPart } from './tunnelChanges.ts';
import { noTunnel, type TunnelEnd } from './tunnelObserved.ts';

const thing = (name: string) => ({ name, uid: `uid-${name}`, deleting: false, operation: 'op', labels: {} });
const ranges = { pod: ['10.42.0.0/16'], external: ['10.40.0.0/16'] };
const endpoint = { addresses: ['203.0.113.7'], port: 30_742 };
const tunnel: Tunnel = { server: 'provider', mtuBytes: 8940, service: 'NodePort', address: '100.64.0.2', seenAs: ['10.32.0.0/16'] };

const home: TunnelEnd = {
  configurations: [{ ...thing('po'), remote: ranges, seenAs: { pod: ['10.32.0.0/16'], external: ['10.33.0.0/16'] } }],
  servers: [],
  clients: [{ ...thing('po'), mtuBytes: 8940, endpoint: { addresses: ['100.64.0.2'], port: 30_742 }, key: 'ours' }],
  peerKeys: [{ ...thing('po'), key: 'theirs' }],
  connections: [{ ...thing('gw-po'), connected: true, told: 'Connected' }],
};
const provider: TunnelEnd = {
  configurations: [{ ...thing('h'), remote: ranges, seenAs: ranges }],
  servers: [{ ...thing('h'), mtuBytes: 8940, service: 'NodePort', endpoint, key: 'theirs' }],
  clients: [],
  peerKeys: [{ ...thing('h'), key: 'ours' }],
  connections: [{ ...thing('gw-h'), connected: true, told: 'Connected' }],
};

const observed = (ours: TunnelEnd, theirs: TunnelEnd): Observed => ({
  home: {
    namespaces: [],
    inTheWay: null,
    signedNonce: null,
    identity: null,
    identitySecret: null,
    slices: [],
    virtualNodes: [],
    nodes: [],
    tunnel: ours,
    foreignCluster: null,
  },
  provider: { namespace: null, nonce: null, tenant: null, foreignCluster: null, tunnel: theirs, grant: { accept: 'yes' } },
});
const open = (ours: TunnelEnd, theirs: TunnelEnd): string[] =>
  Object.entries(tunnelStates(tunnel, observed(ours, theirs)))
    .filter(([, state]) => state !== 'done')
    .map(([part]) => part);

describe('what a tunnel still wants', () => {
  it('is nothing where it stands', () => expect(open(home, provider)).toEqual([]));

  it('is everything where nothing is there', () => expect(open(noTunnel, noTunnel)).toHaveLength(7));

  it.each<[TunnelPart, string, TunnelEnd, TunnelEnd]>([
    ['homeRanges', 'addresses are not settled', { ...home, configurations: home.configurations.map((one) => ({ ...one, seenAs: null })) }, provider],
    ['providerRanges', 'one side was told nothing', home, { ...provider, configurations: [] }],
    [
      'client',
      'the client dials another port',
      { ...home, clients: home.clients.map((one) => ({ ...one, endpoint: { ...one.endpoint, port: 1 } })) },
      provider,
    ],
    [
      'client',
      'the client dials another address',
      { ...home, clients: home.clients.map((one) => ({ ...one, endpoint: { ...one.endpoint, addresses: ['203.0.113.7'] } })) },
      provider,
    ],
    ['homeKey', 'the server has another key now', { ...home, peerKeys: home.peerKeys.map((one) => ({ ...one, key: 'old' })) }, provider],
    ['providerKey', 'a key is going', home, { ...provider, peerKeys: provider.peerKeys.map((one) => ({ ...one, deleting: true })) }],
    ['connection', 'one side is not connected', home, { ...provider, connections: provider.connections.map((one) => ({ ...one, connected: false })) }],
  ])('is %s where %s', (part, _, ours, theirs) => expect(open(ours, theirs)).toEqual([part]));

  it('never calls a server done that does not say where it is reached', () =>
    expect(open(home, { ...provider, servers: provider.servers.map((one) => ({ ...one, endpoint: null })) })).toContain('server'));

  it('is read the other way round where home has the server', () => {
    expect(tunnelSeen(observed(home, provider))).toEqual(tunnel);
    expect(tunnelSeen(observed(provider, home))).toMatchObject({ server: 'home', address: '100.64.0.2' });
    expect(tunnelSeen(observed(noTunnel, noTunnel))).toBeNull();
    expect([anyTunnel(noTunnel), anyTunnel(noTunnel, { ...noTunnel, configurations: home.configurations })]).toEqual([false, true]);
  });
});
