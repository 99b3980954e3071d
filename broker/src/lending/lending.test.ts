import { describe, expect, it } from 'vitest';
import { consumerOf, grantData, type Tenant, tenantOf } from './consumer.ts';
import { grantAfter, planGrant } from './grantPlan.ts';

const idle = { pods: 0, cpuMillis: 0, memoryBytes: 0 };
const busy = { pods: 3, cpuMillis: 1500, memoryBytes: 2 ** 30 };
const tenant = { name: 'home', condition: 'Active', since: null, operation: null } as const;
const about = (before: Record<string, string> | null) => ({
  cluster: 'pa',
  consumer: 'home',
  namespace: 'liqo-tenant-home',
  before,
  tenant: null as Tenant | null,
  running: idle,
});

describe('the word to a consumer', () => {
  it('keeps what is not said anew, and what others wrote', () => {
    expect(grantAfter({ accept: 'yes', maxCpu: '8', note: 'ticket 7' }, { answer: 'no', reason: 'full' })).toEqual({
      accept: 'no',
      reason: 'full',
      maxCpu: '8',
      note: 'ticket 7',
    });
    expect(grantAfter({ accept: 'no', reason: 'full' }, { maxPods: '20' })).toEqual({ accept: 'no', reason: 'full', maxPods: '20' });
  });

  it('takes the reason of the last answer away with the answer, and a limit with an empty value', () => {
    expect(grantAfter({ accept: 'no', reason: 'full', maxCpu: '8' }, { answer: 'yes' })).toEqual({ accept: 'yes', maxCpu: '8' });
    expect(grantAfter({ accept: 'yes', maxCpu: '8' }, { maxCpu: '' })).toEqual({ accept: 'yes' });
  });

  it('stays a yes where there was no grant and only a limit is said', () => {
    expect(grantAfter(null, { maxCpu: '8' })).toEqual({ accept: 'yes', maxCpu: '8' });
  });

  it('is a plan that is undone by the word before, or nothing to do', () => {
    expect(planGrant(about({ accept: 'yes' }), { answer: 'no' })).toMatchObject({
      kind: 'plan',
      plan: { pointOfNoReturn: null, steps: [{ input: { before: { accept: 'yes' }, after: { accept: 'no' } }, undo: { kind: 'undo' } }] },
    });
    expect(planGrant(about({ accept: 'no' }), { answer: 'no' })).toMatchObject({ kind: 'nothing' });
    expect(planGrant(about(null), { answer: 'yes' })).toMatchObject({ kind: 'plan' });
  });
});

describe('a standing that changes', () => {
  const federated = { ...about({ accept: 'yes' }), tenant };
  const drained = { ...about({ accept: 'yes', standing: 'draining' }), tenant: { ...tenant, condition: 'Cordoned' as const } };

  it('cordons and drains without anything that runs being touched: Liqo is told Cordoned, never Drained', () => {
    for (const standing of ['cordoned', 'draining'] as const) {
      const planned = planGrant({ ...federated, running: busy }, { standing, reason: 'new floor' });
      expect(planned).toMatchObject({
        kind: 'plan',
        plan: {
          pointOfNoReturn: null,
          steps: [
            { kind: 'lending-grant', input: { after: { accept: 'yes', standing, reason: 'new floor' } }, destructive: false },
            { kind: 'lending-tenant', input: { from: 'Active', to: 'Cordoned' }, destructive: false, undo: { kind: 'undo' } },
          ],
        },
      });
    }
  });

  it('ends only who was asked to move away and has moved, unless it is forced; then what is cut is said and there is no way back', () => {
    expect(planGrant(federated, { standing: 'ended' })).toMatchObject({ kind: 'refused', reasons: [{ message: expect.stringContaining('not asked') }] });
    expect(planGrant({ ...drained, running: busy }, { standing: 'ended' })).toMatchObject({
      kind: 'refused',
      reasons: [{ message: expect.stringContaining('3 pods') }],
    });
    expect(planGrant(drained, { answer: 'no', standing: 'ended' })).toMatchObject({
      kind: 'plan',
      plan: { pointOfNoReturn: null, steps: [{}, { input: { from: 'Cordoned', to: 'Drained' }, destructive: true, undo: { kind: 'undo' } }] },
    });
    const forced = planGrant({ ...drained, running: busy }, { answer: 'no', standing: 'ended' }, true);
    expect(forced).toMatchObject({ kind: 'plan', plan: { pointOfNoReturn: 1, steps: [{}, { undo: { kind: 'irreversible' } }] } });
    expect(JSON.stringify(forced)).toContain('3 pods of home (CPU 1.5, memory 1024 Mi) are deleted');
  });

  it('is open again with accept, and needs no Tenant where there is no federation', () => {
    expect(planGrant(drained, { answer: 'yes', standing: 'open' })).toMatchObject({
      plan: { steps: [{ input: { after: { accept: 'yes' } } }, { input: { to: 'Active' } }] },
    });
    expect(planGrant(about({ accept: 'yes' }), { standing: 'cordoned' })).toMatchObject({ plan: { steps: [{ kind: 'lending-grant' }] } });
  });

  it('is read from the grant, and from the Tenant where liqoctl was used', () => {
    const seen = tenantOf({
      metadata: { name: 'home', creationTimestamp: '2026-11-22T10:00:00Z', labels: { 'hanse.dev/operation': 'op-1' } },
      spec: { tenantCondition: 'Cordoned' },
    });
    const parts = { cluster: 'pa', consumer: 'home', namespace: 'liqo-tenant-home', since: undefined, slices: [], namespaces: [], running: idle };
    expect(consumerOf({ ...parts, grant: { accept: 'yes' }, tenant: seen })).toMatchObject({
      standing: 'cordoned',
      plan: 'op-1',
      federatedSince: '2026-11-22T10:00:00Z',
    });
    expect(consumerOf({ ...parts, grant: { accept: 'yes', standing: 'draining' }, tenant: seen }).standing).toBe('draining');
  });
});

describe('a consumer as its provider sees it', () => {
  const parts = { cluster: 'pa', consumer: 'home', namespace: 'liqo-tenant-home', since: '2026-11-22T10:00:00Z', tenant: null, namespaces: [], running: idle };
  const slice = (labels: object, status?: string) => ({
    metadata: { name: 'home', labels },
    spec: { resources: { cpu: '4', pods: 110 } },
    ...(status === undefined ? {} : { status: { conditions: [{ type: 'Resources', status }] } }),
  });

  it('shows what it asks for, and not what we ask of others', () => {
    const { wishes } = consumerOf({
      ...parts,
      grant: null,
      slices: [slice({ 'liqo.io/replicated': 'true' }, 'Accepted'), slice({ 'liqo.io/replicated': 'true' }), slice({}), 'nonsense'],
    });
    expect(wishes).toEqual([
      { name: 'home', resources: { cpu: '4', pods: '110' }, state: 'lent' },
      { name: 'home', resources: { cpu: '4', pods: '110' }, state: 'asked' },
    ]);
  });

  it.each<[string, Record<string, string> | null, string]>([
    ['no grant', null, 'yes'],
    ['a yes', { accept: ' Yes ' }, 'yes'],
    ['a no', { accept: 'no' }, 'no'],
    ['a word that is none', { accept: 'perhaps' }, 'ask'],
    ['an empty grant', {}, 'ask'],
  ])('with %s is answered as its Hanse reads it', (_what, grant, answer) => {
    expect(consumerOf({ ...parts, grant, slices: [] }).answer).toBe(answer);
  });

  it('has no grant where the ConfigMap is not one', () => {
    expect(grantData(null)).toBeNull();
    expect(grantData({ data: { accept: 'no' } })).toEqual({ accept: 'no' });
  });
});
