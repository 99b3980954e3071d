import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Managed, NodePool } from './entry.ts';
import { planScale, type ScaleInput, scaleSeen, scaleStillValid } from './scalePlan.ts';

const worker: NodePool = { name: 'worker', key: 'worker', wanted: 2, fixed: null, drains: true };
const control: NodePool = { name: 'control', key: 'control', wanted: 3, fixed: 'it carries the control plane', drains: true };
const node = (name: string, ready = true) => ({ name, ready });
const managed: Managed = { pools: [control, worker], nodes: [node('a'), node('b')] };
const input = (more: Partial<ScaleInput>): ScaleInput => ({
  name: 'main',
  side: 'provider',
  manager: { kind: 'rancher', url: 'https://rancher.example' },
  managed,
  wish: { change: 1 },
  ...more,
});
const reasons = (more: Partial<ScaleInput>): string => {
  const outcome = planScale(input(more));
  return outcome.kind === 'refused' ? outcome.reasons.map(({ message }) => message).join('; ') : outcome.kind;
};

describe('a plan to scale', () => {
  it('sets the pool, waits for the node, and is undone by the old number', () => {
    const outcome = planScale(input({}));
    expect(outcome).toMatchObject({ kind: 'plan', plan: { title: 'Scale node pool worker of main from 2 to 3 nodes', pointOfNoReturn: null } });
    const steps = outcome.kind === 'plan' ? outcome.plan.steps : [];
    expect(steps.map(({ kind, destructive, undo }) => [kind, destructive, undo.kind])).toEqual([
      ['cluster-scale-pool', false, 'undo'],
      ['cluster-scale-seen', false, 'nothing'],
    ]);
    expect(steps[0]?.input).toEqual({ name: 'main', pool: 'worker', from: 2, to: 3, before: ['a', 'b'] });
  });

  it('says that taking nodes away is destructive', () => {
    const outcome = planScale(input({ wish: { nodes: 1 } }));
    expect(outcome.kind === 'plan' && outcome.plan.steps[0]?.destructive).toBe(true);
  });

  it('has nothing to do where there are so many already', () => {
    expect(planScale(input({ wish: { nodes: 2 } }))).toMatchObject({ kind: 'nothing' });
  });

  it.each<[string, Partial<ScaleInput>, RegExp]>([
    ['the last node', { wish: { nodes: 0 } }, /would leave node pool worker of main empty/],
    ['more than anybody meant', { wish: { nodes: 100_000 } }, /more than 1000/],
    ['the control plane', { pool: 'control' }, /it carries the control plane/],
    ['a pool that is not there', { pool: 'gpu' }, /no node pool gpu; there is control .*, worker \(2\)/],
    ['one of several', { managed: { ...managed, pools: [worker, { ...worker, name: 'gpu', key: 'gpu' }] } }, /several node pools/],
    ['nodes that are not drained first', { managed: { ...managed, pools: [{ ...worker, drains: false }] }, wish: { change: -1 } }, /without draining them/],
    ['a cluster without pools', { managed: { pools: [], nodes: [] } }, /no node pool that could be scaled/],
  ])('is refused for %s', (_what, more, reason) => {
    expect(reasons(more)).toMatch(reason);
  });

  it('never ends with fewer than one node, whatever is asked', () => {
    fc.assert(
      fc.property(fc.integer({ min: -2000, max: 2000 }), fc.integer({ min: 0, max: 50 }), (change, wanted) => {
        const outcome = planScale(input({ wish: { change }, managed: { ...managed, pools: [{ ...worker, wanted }] } }));
        if (outcome.kind !== 'plan') return;
        expect(Number(outcome.plan.steps[0]?.input['to'])).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it('is no longer valid when somebody else scaled the pool', () => {
    expect(scaleStillValid({ pool: 'worker', wanted: 2 }, managed)).toEqual({ valid: true });
    expect(scaleStillValid({ pool: 'worker', wanted: 4 }, managed)).toMatchObject({ valid: false });
    expect(scaleStillValid({ pool: 'gone', wanted: 2 }, managed)).toMatchObject({ valid: false });
  });
});

describe('what is seen of a scaled cluster', () => {
  const asked = { pool: 'worker', from: 2, to: 3, before: ['a', 'b'] };
  const seen = (wanted: number, ...nodes: Managed['nodes']): Managed => ({ pools: [{ ...worker, wanted }], nodes });

  it.each<[string, Managed | null, boolean]>([
    ['nothing', null, false],
    ['the picture of before', seen(2, node('a'), node('b')), false],
    ['a node that is not ready', seen(3, node('a'), node('b'), node('c', false)), false],
    ['a node that came by itself, before the pool was set', seen(2, node('a'), node('b'), node('c')), false],
    ['the new node, ready', seen(3, node('a'), node('b'), node('c')), true],
    ['the new node, after another was replaced too', seen(3, node('b'), node('c'), node('d')), true],
  ])('with %s is a larger one: %s', (_what, managedNow, done) => {
    expect(scaleSeen(asked, managedNow).done).toBe(done);
  });

  it('is a smaller one only when the node is gone', () => {
    const fewer = { ...asked, from: 2, to: 1 };
    expect(scaleSeen(fewer, seen(1, node('a'), node('b', false))).done).toBe(false);
    expect(scaleSeen(fewer, seen(1, node('a'))).done).toBe(true);
  });
});
