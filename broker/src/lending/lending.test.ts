import { describe, expect, it } from 'vitest';
import { consumerOf, grantData } from './consumer.ts';
import { grantAfter, planGrant } from './grantPlan.ts';

const about = (before: Record<string, string> | null) => ({ cluster: 'pa', consumer: 'home', namespace: 'liqo-tenant-home', before });

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

describe('a consumer as its provider sees it', () => {
  const parts = { cluster: 'pa', consumer: 'home', namespace: 'liqo-tenant-home', since: '2026-11-22T10:00:00Z' };
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
