import { describe, expect, it } from 'vitest';
import { planFaults } from '../../operations/index.ts';
import { aDeployment, anApplication } from '../../../../test/fixtures/applications.ts';
import { astray, type Observed, statusOf } from '../status.ts';
import { makeDeletePlan } from './makeDeletePlan.ts';
import { makeDeployPlan, prunedFrom, versionOf } from './makePlan.ts';
import { deployNotes } from './notes.ts';
import { readApplication, inputOf } from './stepInput.ts';

const secret = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name } });
const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'disk' } };
const sites = { remote: ['pa', 'pb'], home: false };
const plan = (application = anApplication('shop'), before: ReturnType<typeof anApplication> | null = null) =>
  makeDeployPlan({ application, before, sites, sitesBefore: before && sites, changes: [], notes: [], rolloutSeconds: 60 });

describe('a deployment as a plan', () => {
  it('can be carried out and taken back at every step', () => {
    expect(planFaults(plan())).toEqual([]);
    expect(plan().pointOfNoReturn).toBeNull();
    expect(plan().steps.filter(({ undo }) => undo.kind === 'irreversible')).toEqual([]);
    for (const step of plan().steps) expect(step.side.role === 'broker' || step.side.cluster).toBeTruthy();
  });

  it('opens the namespace before anything is applied, and checks everything before it opens', () => {
    const kinds = plan().steps.map(({ kind }) => kind);
    expect(kinds.indexOf('deploy-check')).toBeLessThan(kinds.indexOf('deploy-offload'));
    expect(kinds.indexOf('deploy-offload')).toBeLessThan(kinds.indexOf('deploy-apply'));
  });

  it('deletes what is no longer among the manifests, but never a claim', () => {
    const before = anApplication('shop', { manifests: [aDeployment('web'), aDeployment('old'), claim] });
    expect(prunedFrom(anApplication('shop'), before).map(({ metadata }) => metadata.name)).toEqual(['old']);
    expect(plan(anApplication('shop'), before).steps.find(({ kind }) => kind === 'deploy-prune')).toMatchObject({
      destructive: true,
      title: expect.stringContaining('Deployment old'),
    });
    expect(plan(anApplication('shop'), before).notes).toContainEqual(
      expect.objectContaining({ topic: 'data', text: expect.stringContaining('PersistentVolumeClaim disk') }),
    );
    expect(plan().steps.some(({ kind }) => kind === 'deploy-prune')).toBe(false);
  });

  it('tells an application from another, whatever is going on with it', () => {
    expect(versionOf(anApplication('shop'))).toBe(versionOf(anApplication('shop', { state: 'migrating' })));
    expect(versionOf(anApplication('shop'))).not.toBe(versionOf(anApplication('shop', { clusters: ['pa'] })));
    expect(readApplication(JSON.parse(JSON.stringify(inputOf(anApplication('shop')))))).toEqual(anApplication('shop'));
  });

  it('lists each Secret with who will hold it, also one that nobody sent', () => {
    const uses = aDeployment('web', 1, {
      volumes: [{ name: 'v', secret: { secretName: 'used' } }],
      imagePullSecrets: [{ name: 'elsewhere' }],
      automountServiceAccountToken: false,
    });
    const notes = deployNotes(anApplication('shop', { manifests: [secret('used'), secret('idle'), uses] }), []).filter(({ topic }) => topic === 'secret');
    expect(notes.map(({ data }) => data)).toEqual([
      { secret: 'used', holders: ['home', 'pa', 'pb'] },
      { secret: 'idle', holders: ['home'] },
      { secret: 'elsewhere', holders: ['home', 'pa', 'pb'] },
    ]);
  });

  it('says that network policies do not reach providers', () => {
    const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'deny' } };
    expect(
      deployNotes(anApplication('shop', { manifests: [policy] }), [])
        .map(({ text }) => text)
        .join(),
    ).toMatch(/NetworkPolicy deny does not reach pa, pb/);
  });
});

describe('deleting as a plan', () => {
  it('takes the namespace back only after pods and claims are gone, and says what is lost', () => {
    const made = makeDeletePlan({ application: anApplication('shop'), claims: ['claim disk (1Gi at pa)'], foreign: [] });
    expect(planFaults(made)).toEqual([]);
    expect(made.steps.map(({ kind }) => kind)).toEqual([
      'delete-begin',
      'delete-workloads',
      'delete-claims',
      'delete-offloading',
      'delete-namespace',
      'delete-prove',
      'delete-end',
    ]);
    expect(made.notes.map(({ text }) => text).join()).toMatch(/The data of claim disk \(1Gi at pa\) is lost/);
  });
});

describe('the status of an application', () => {
  const pod = (name: string, cluster: string | null, more: object = {}) => ({
    name,
    uid: name,
    cluster,
    phase: 'Running',
    isReady: true,
    isEnding: false,
    restarts: 0,
    waitsFor: null,
    ...more,
  });
  const observed = (more: Partial<Observed> = {}): Observed => ({
    pods: [pod('a', 'pa'), pod('b', 'pb')],
    workloads: [{ kind: 'Deployment', name: 'web', wanted: 2, ready: 2, updated: 2 }],
    endpoints: [],
    openTo: ['pa', 'pb'],
    missing: [],
    strayedSecrets: [],
    ...more,
  });

  it('finds no fault where everything is as decided', () => {
    expect(statusOf(anApplication('shop'), observed())).toMatchObject({
      drift: [],
      placement: [
        { cluster: 'pa', planned: 1, pods: 1, ready: 1 },
        { cluster: 'pb', planned: 1, pods: 1, ready: 1 },
      ],
    });
  });

  it.each<[string, Partial<Observed>, RegExp]>([
    ['a pod where none may be', { pods: [pod('a', 'pz')] }, /Pod a is at pz, which was not chosen/],
    ['a namespace open to someone else', { openTo: ['pa', 'pb', 'pz'] }, /open to pz/],
    ['a namespace closed to a chosen cluster', { openTo: ['pa'] }, /not open to pb/],
    ['no offloading at all', { openTo: null }, /not open to pa, pb/],
    ['an object that is gone', { missing: ['Service web'] }, /Service web is not at home any more/],
    ['replicas that are not ready', { workloads: [{ kind: 'Deployment', name: 'web', wanted: 2, ready: 1, updated: 2 }] }, /1 of 2 replicas ready/],
    ['a Secret that goes where it need not', { strayedSecrets: ['theirs'] }, /Secret theirs goes to pa, pb/],
  ])('shows %s', (_what, more, expected) => {
    expect(statusOf(anApplication('shop'), observed(more)).drift.join('\n')).toMatch(expected);
  });

  it('counts a pod that ends, or ended, as nowhere', () => {
    expect(astray([pod('a', 'pz', { isEnding: true }), pod('b', 'pz', { phase: 'Succeeded' }), pod('c', null)], ['pa'])).toEqual([]);
  });
});
