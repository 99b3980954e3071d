import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Thing } from './liqoObjects.ts';
import type { Observed } from './observed.ts';
import type { Peering } from './peering.ts';
import { tunnelParts } from './tunnelChanges.ts';
import { noTunnel } from './tunnelObserved.ts';
import { parts, wantedChanges } from './wantedChanges.ts';

const resources = { cpuMillis: 4000, memoryBytes: 8 * 2 ** 30, pods: 110, gpus: 0 };
const peering: Peering = {
  home: 'harbour',
  provider: 'main',
  homeClusterId: 'h',
  providerClusterId: 'p',
  homeNamespace: 'liqo-tenant-p',
  providerNamespace: 'liqo-tenant-h',
  authentication: 'handshake',
  dataPlane: 'native',
  virtualNode: 'p',
  resources,
  state: 'peering',
};

const thing = (name: string, labels: Record<string, string> = {}, operation: string | null = 'op'): Thing => ({
  name,
  uid: `uid-${name}`,
  deleting: false,
  operation,
  labels,
});
const peer = (id: string) => ({ 'liqo.io/remote-cluster-id': id, 'liqo.io/tenant-namespace': 'true' });

const standing: Observed = {
  home: {
    namespaces: [thing('liqo-tenant-p', peer('p'))],
    inTheWay: null,
    signedNonce: { ...thing('liqo-signed-nonce'), digest: 'n', signed: true },
    identity: { ...thing('controlplane-p'), certificate: 'crt', hasSecret: true },
    identitySecret: thing('kubeconfig-controlplane-p', {}, null),
    slices: [{ ...thing('p'), verdict: 'accepted', message: '', asked: resources, granted: resources, createsNode: true }],
    virtualNodes: [{ ...thing('p'), running: true }],
    nodes: [{ ...thing('p', peer('p')), ready: true }],
    tunnel: noTunnel,
    foreignCluster: { ...thing('p'), role: 'Provider' },
  },
  provider: {
    namespace: thing('liqo-tenant-h', peer('h')),
    nonce: { ...thing('liqo-nonce'), digest: 'n' },
    tenant: { ...thing('h'), authzPolicy: 'KeysExchange', publicKey: 'key', tenantCondition: 'Active', csr: 'csr', certificate: 'crt' },
    foreignCluster: thing('h'),
    tunnel: noTunnel,
    grant: { accept: 'yes' },
  },
};

const empty: Observed = {
  home: {
    namespaces: [],
    inTheWay: null,
    signedNonce: null,
    identity: null,
    identitySecret: null,
    slices: [],
    virtualNodes: [],
    nodes: [],
    tunnel: noTunnel,
    foreignCluster: null,
  },
  provider: { namespace: null, nonce: null, tenant: null, foreignCluster: null, tunnel: noTunnel, grant: { accept: 'yes' } },
};

const client = (name: string) => ({ ...thing(name), mtuBytes: 1340, endpoint: { addresses: ['192.0.2.7'], port: 30_000 }, key: 'k' });

const changes = (observed: Observed, wanted: Peering['resources'] | null = resources) => wantedChanges(peering, observed, 'key', wanted);

describe('what a peering still wants', () => {
  it('is everything, in order, where nothing is there', () =>
    expect(changes(empty)).toMatchObject({ missing: parts.filter((part) => !tunnelParts.some((one) => one === part)), contradictions: [], adopted: [] }));

  it('is nothing where it stands', () => expect(changes(standing)).toMatchObject({ missing: [], contradictions: [], authentication: 'handshake' }));

  it('grows with each part that is taken away, and never skips that part', () => {
    const without: readonly [string, Observed][] = [
      ['signedNonce', { ...standing, home: { ...standing.home, signedNonce: null } }],
      ['nonce', { ...standing, provider: { ...standing.provider, nonce: null } }],
      ['tenant', { ...standing, provider: { ...standing.provider, tenant: null } }],
      ['identity', { ...standing, home: { ...standing.home, identity: null } }],
      ['slice', { ...standing, home: { ...standing.home, slices: [] } }],
      ['node', { ...standing, home: { ...standing.home, nodes: [] } }],
      ['homeNamespace', { ...standing, home: { ...standing.home, namespaces: [] } }],
      ['providerNamespace', { ...standing, provider: { ...standing.provider, namespace: null } }],
    ];
    for (const [part, observed] of without) expect(changes(observed).missing).toContain(part);
  });

  it('makes the Tenant anew when the challenge it answered is not the one that is there', () => {
    const rewritten: Observed = { ...standing, provider: { ...standing.provider, nonce: { ...thing('liqo-nonce'), digest: 'another' } } };
    expect(changes(rewritten).missing).toEqual(['signedNonce', 'tenant']);
  });

  it('keeps the credential only as long as it is the one the provider signed', () => {
    const tenant = standing.provider.tenant === null ? null : { ...standing.provider.tenant, certificate: 'renewed' };
    expect(changes({ ...standing, provider: { ...standing.provider, tenant } }).missing).toEqual(['identity']);
  });

  it('names what others made and is taken over', () => {
    const byOthers: Observed = {
      ...standing,
      home: { ...standing.home, identity: standing.home.identity === null ? null : { ...standing.home.identity, operation: null } },
    };
    expect(changes(byOthers).adopted).toEqual(['Identity controlplane-p at harbour']);
  });

  it('is nothing more where the provider issued the credential itself', () => {
    const tenant =
      standing.provider.tenant === null ? null : { ...standing.provider.tenant, authzPolicy: 'TolerateNoHandshake', publicKey: '', certificate: '' };
    const declarative: Observed = { home: { ...standing.home, signedNonce: null, identity: null }, provider: { ...standing.provider, nonce: null, tenant } };
    expect(changes(declarative)).toMatchObject({ missing: [], contradictions: [], authentication: 'declarative' });
    const without: Observed = { ...declarative, home: { ...declarative.home, identitySecret: null } };
    expect(changes(without).contradictions).toHaveLength(1);
  });

  it.each<[string, Observed]>([
    ['two tenant namespaces', { ...standing, home: { ...standing.home, namespaces: [thing('a'), thing('b')] } }],
    ['a namespace of another in the way', { ...empty, home: { ...empty.home, inTheWay: thing('liqo-tenant-p') } }],
    ['a tenant namespace for another consumer', { ...empty, provider: { ...empty.provider, namespace: thing('liqo-tenant-h', peer('x')) } }],
    [
      'a cordoned tenant',
      {
        ...standing,
        provider: { ...standing.provider, tenant: standing.provider.tenant === null ? null : { ...standing.provider.tenant, tenantCondition: 'Cordoned' } },
      },
    ],
    [
      "another cluster's key",
      {
        ...standing,
        provider: { ...standing.provider, tenant: standing.provider.tenant === null ? null : { ...standing.provider.tenant, publicKey: 'other' } },
      },
    ],
    [
      'a denied slice',
      { ...standing, home: { ...standing.home, slices: standing.home.slices.map((slice) => ({ ...slice, verdict: 'denied' as const, message: 'no room' })) } },
    ],
    [
      'a slice of another size',
      { ...standing, home: { ...standing.home, slices: standing.home.slices.map((slice) => ({ ...slice, asked: { ...resources, pods: 1 } })) } },
    ],
    ['a node of that name', { ...empty, home: { ...empty.home, nodes: [{ ...thing('p', {}), ready: true }] } }],
    ['two clients of one tunnel', { ...standing, home: { ...standing.home, tunnel: { ...noTunnel, clients: [client('p'), client('q')] } } }],
  ])('contradicts %s, with what to do', (_, observed) => {
    const { contradictions } = changes(observed);
    expect(contradictions).toHaveLength(1);
    expect(contradictions[0]?.fix).not.toBe('');
  });

  it('takes whatever size there is when none was asked for', () => {
    const other: Observed = {
      ...standing,
      home: { ...standing.home, slices: standing.home.slices.map((slice) => ({ ...slice, asked: { ...resources, pods: 1 } })) },
    };
    expect(changes(other, null).contradictions).toEqual([]);
  });

  it('never calls done what is being deleted', () => {
    const flags = fc.record({ nonce: fc.boolean(), tenant: fc.boolean(), identity: fc.boolean(), slice: fc.boolean(), node: fc.boolean() });
    fc.assert(
      fc.property(flags, (going) => {
        const { home, provider } = standing;
        const observed: Observed = {
          home: {
            ...home,
            identity: home.identity === null ? null : { ...home.identity, deleting: going.identity },
            slices: home.slices.map((slice) => ({ ...slice, deleting: going.slice })),
            virtualNodes: home.virtualNodes.map((one) => ({ ...one, deleting: going.node })),
          },
          provider: {
            ...provider,
            nonce: provider.nonce === null ? null : { ...provider.nonce, deleting: going.nonce },
            tenant: provider.tenant === null ? null : { ...provider.tenant, deleting: going.tenant },
          },
        };
        const { missing } = changes(observed);
        for (const part of ['nonce', 'tenant', 'identity', 'slice', 'node'] as const) if (going[part]) expect(missing).toContain(part);
      }),
    );
  });
});
