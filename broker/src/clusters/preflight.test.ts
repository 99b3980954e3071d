import { describe, expect, it } from 'vitest';
import { clusterName, ownerId } from '../ids.ts';
import { draftAdd, type AddInput } from './addPlan.ts';
import type { Cluster } from './cluster.ts';
import type { ClusterFacts } from './facts.ts';
import { recognise } from './platform.ts';
import { preflight } from './preflight.ts';

const facts = (more: Partial<ClusterFacts> = {}): ClusterFacts => ({
  server: 'https://8.8.8.8:6443',
  uid: 'uid-1',
  gitVersion: 'v1.35.4',
  groups: [],
  objects: [],
  nodes: [],
  liqo: { clusterId: 'pa', version: 'v1.2.0', versionSource: 'label', networking: false, missingKinds: [] },
  podCidrs: ['10.12.0.0/16'],
  serviceCidrs: ['10.112.0.0/16'],
  clockSkewMs: 10,
  credentialEndsAt: null,
  rights: [{ verb: 'create', group: '', resource: 'namespaces', namespace: null, allowed: true }],
  policies: true,
  ...more,
});
const node = (name: string, labels: Record<string, string> = {}, providerId = '') => ({ name, labels, providerId, osImage: '', podCidrs: [] });
const home: Cluster = {
  name: clusterName('home'),
  owner: ownerId('default'),
  side: 'consumer',
  server: 'https://9.9.9.9:6443',
  uid: 'uid-home',
  liqoClusterId: 'home',
  liqoVersion: 'v1.2.0',
  accountNamespace: 'hanse-system',
  kubernetesVersion: 'v1.35.4',
  podCidrs: ['10.11.0.0/16'],
  serviceCidrs: ['10.111.0.0/16'],
  liqoNetworking: false,
  platform: { distribution: 'kubernetes', manager: 'none', platform: 'unknown', evidence: [] },
  state: 'ready',
};
const check = (name: string, more: Partial<ClusterFacts>) => preflight(facts(more), home, 0).find((one) => one.name === name);

describe('preflight', () => {
  it('passes what is right', () => {
    expect(preflight(facts(), home, 0).filter(({ state }) => state === 'failed')).toEqual([]);
  });

  it.each([
    ['kubernetes', { gitVersion: 'v1.27.9' }],
    ['liqo', { liqo: { ...facts().liqo, clusterId: null } }],
    ['liqo', { liqo: { ...facts().liqo, clusterId: "x'||true" } }],
    ['liqo', { liqo: { ...facts().liqo, missingKinds: ['Tenant'] } }],
    ['liqo version', { liqo: { ...facts().liqo, version: 'v1.0.3' } }],
    ['rights', { rights: [{ verb: 'create', group: '', resource: 'namespaces', namespace: null, allowed: false }] }],
    ['clock', { clockSkewMs: -31_000 }],
  ])('keeps out a cluster whose %s does not do', (name, more) => {
    expect(check(name, more)).toMatchObject({ state: 'failed', blocks: true, fix: expect.any(String) as string });
  });

  it('takes what could not be seen for unknown, neither passed nor failed', () => {
    const unseen = { ...facts().liqo, version: null, networking: null };
    expect(check('liqo version', { liqo: unseen })?.state).toBe('unknown');
    expect(check('data plane', { liqo: unseen })?.state).toBe('unknown');
    expect(check('ranges', { podCidrs: null })?.state).toBe('unknown');
    expect(check('credential', {})?.state).toBe('unknown');
  });

  it('tells ranges in common with home without keeping the cluster out', () => {
    expect(check('ranges', { podCidrs: ['10.11.128.0/17'] })).toMatchObject({
      state: 'failed',
      blocks: false,
      detail: expect.stringContaining('10.11.128.0/17 and 10.11.0.0/16') as string,
    });
  });
});

describe('the platform', () => {
  it.each([
    ['openshift', { groups: ['config.openshift.io', 'route.openshift.io'] }],
    ['k3s', { gitVersion: 'v1.33.1+k3s1' }],
    ['rke2', { gitVersion: 'v1.33.1+rke2r1', nodes: [node('a')] }],
    ['oneke', { gitVersion: 'v1.33.1+rke2r1', nodes: [node('oneke-ip-1'), node('oneke-ip-2')] }],
    ['kubeadm', { objects: ['ConfigMap kube-system/kubeadm-config'] }],
    ['kubernetes', {}],
  ])('is %s by evidence that is shown', (distribution, more) => {
    const found = recognise(facts(more));
    expect(found.distribution).toBe(distribution);
    expect(found.evidence.some(({ claim }) => claim === `distribution is ${distribution}`)).toBe(distribution !== 'kubernetes');
  });

  it('takes the manager for another question than the distribution', () => {
    const found = recognise(
      facts({ gitVersion: 'v1.33.1+rke2r1', objects: ['Deployment cattle-system/cattle-cluster-agent'], nodes: [node('a', {}, 'one://17')] }),
    );
    expect(found).toMatchObject({ distribution: 'rke2', manager: 'rancher', platform: 'opennebula' });
  });
});

describe('the plan to add a cluster', () => {
  const input = (more: Partial<AddInput> = {}): AddInput => ({
    owner: ownerId('default'),
    name: clusterName('pa'),
    side: 'provider',
    home,
    access: { context: 'c', ca: 'CA', tlsServerName: null },
    facts: facts(),
    known: [home],
    existing: [],
    now: 0,
    ...more,
  });
  const refused = (more: Partial<AddInput>): string => {
    const draft = draftAdd(input(more));
    return draft.kind === 'refused' ? draft.reasons.map(({ message }) => message).join() : '';
  };

  it('gives back everything until the credential is forgotten', () => {
    const draft = draftAdd(input());
    if (draft.kind === 'refused') throw new Error('refused');
    const plan = draft.plan('secret-id');
    expect(plan.steps.map(({ kind, undo }) => `${kind} ${undo.kind}`)).toEqual([
      'cluster-account undo',
      'cluster-token undo',
      'cluster-forget-bootstrap irreversible',
    ]);
    expect(plan.pointOfNoReturn).toBe(2);
  });

  it('refuses what stands in the way', () => {
    expect(refused({ known: [home, { ...home, name: clusterName('pa') }] })).toContain('there is a cluster pa already');
    expect(refused({ known: [home, { ...home, name: clusterName('other'), uid: 'uid-1' }] })).toContain('added before, as other');
    expect(refused({ existing: [{ name: 'hanse-home', operation: 'op', liqo: false }] })).toContain('exists at pa already, made by operation op');
    expect(refused({ facts: facts({ liqo: { ...facts().liqo, clusterId: 'home' } }) })).toContain('same Liqo cluster id');
  });

  it('takes over a tenant namespace that Liqo made', () => {
    expect(draftAdd(input({ existing: [{ name: 'liqo-tenant-home', operation: null, liqo: true }] })).kind).toBe('draft');
  });
});
