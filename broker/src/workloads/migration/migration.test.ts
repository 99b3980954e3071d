import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Application } from '../application.ts';
import { evacuationSteps } from '../evacuation/makePlan.ts';
import { claimRefusals } from './claims.ts';
import {
  arrivalLimits,
  arrivalSeconds,
  drainLimits,
  drainSeconds,
  measurementHoldsMs,
  settledAfterStartSeconds,
  settleSeconds,
  usableMeasurement,
  type Measurement,
} from './drain.ts';
import type { ClaimFacts, Facts, MovingDeployment } from './facts.ts';
import { leavingLabels, leavingValue, originalLabels, originalsAnnotation, selects } from './labels.ts';
import { makeMigratePlan } from './makePlan.ts';
import { closedTo, type Move, moveInput, readMove } from './move.ts';
import { moveSteps } from './moveSteps.ts';
import { moveRefusals } from './refusals.ts';
import { movesStillValid, plannedFrom } from './stillValid.ts';

const clusters = ['home', 'pa', 'pb', 'pc'];
const deployment = (more: Partial<MovingDeployment> = {}): MovingDeployment => ({
  name: 'web',
  uid: 'u1',
  replicas: 6,
  strategy: 'RollingUpdate',
  isPaused: false,
  isSettled: true,
  labels: { app: 'web' },
  spec: { containers: [{ name: 'web' }] },
  ...more,
});
const factsOf = (more: Partial<Facts> = {}): Facts => ({
  application: 'shop',
  namespace: 'shop',
  home: 'home',
  clusters: ['pa'],
  deployments: [deployment()],
  others: [],
  pods: [],
  claims: [],
  services: [{ name: 'web', selector: { app: 'web' } }],
  policyKeys: [],
  scaled: [],
  ...more,
});
const applicationAt = (...at: string[]): Application => ({
  name: 'shop',
  namespace: 'shop',
  home: 'home',
  accepted: [],
  manifests: [],
  secrets: [],
  clusters: at,
  request: {
    subject: 'shop',
    replicas: 6,
    each: { cpuMillis: 1, memoryBytes: 1, pods: 1, gpus: 0 },
    criteria: [],
    preferences: [],
    providersMin: 1,
    exclude: [],
  },
  placement: { chosen: [], candidates: [], snapshotVersion: 1, decisionVersion: 1 },
  state: 'running',
});
const sitesOf = (at: readonly string[]) => ({ home: at.includes('home'), remote: at.filter((cluster) => cluster !== 'home').toSorted() });
const moveOf = (before: string[], after: string[], from: string, more: Partial<Move> = {}): Move => ({
  before: applicationAt(...before),
  after: applicationAt(...after),
  from,
  to: after.filter((cluster) => !before.includes(cluster)),
  sites: { before: sitesOf(before), both: sitesOf([...new Set([...before, ...after])]), after: sitesOf(after) },
  deployments: [{ name: 'web', uid: 'u1', replicas: 6 }],
  senders: [...new Set(['home', ...before, ...after])].toSorted(),
  measurement: null,
  drain: drainLimits,
  connectionAgeSeconds: 10,
  readySeconds: 300,
  soakSeconds: 10,
  named: null,
  ...more,
});
/** Away from one of its clusters, to any others. */
const moves = fc
  .record({
    before: fc.uniqueArray(fc.constantFrom(...clusters), { minLength: 1 }),
    others: fc.uniqueArray(fc.constantFrom(...clusters), { minLength: 1 }),
    pick: fc.nat(),
  })
  .map(({ before, others, pick }) => {
    const from = before[pick % before.length] ?? 'pa';
    const after = [...new Set([...before.filter((cluster) => cluster !== from), ...others.filter((cluster) => cluster !== from)])];
    return { before, from, after };
  })
  .filter(({ after }) => after.length > 0)
  .map(({ before, from, after }) => moveOf(before, after, from));
const claimFacts: fc.Arbitrary<ClaimFacts> = fc.record({
  namespace: fc.constant('shop'),
  name: fc.constantFrom('data', 'cache'),
  size: fc.constantFrom('1Gi', '10Gi'),
  cluster: fc.constantFrom(null, ...clusters),
  isBound: fc.boolean(),
});

describe('claims', () => {
  it('never lets a plan of moves exist while a claim is bound where something would be taken back', () => {
    fc.assert(
      fc.property(fc.array(moves, { minLength: 1, maxLength: 4 }), fc.array(claimFacts, { maxLength: 4 }), (many, claims) => {
        const facts = factsOf({ claims });
        const allowed = many.filter((move) => moveRefusals(facts, move.from).length === 0);
        for (const { kind, move } of closings(allowed)) {
          expect(kind).toBe('move-close');
          const lost = claims.filter(({ cluster, isBound }) => (cluster === null ? isBound : closedTo(move).includes(cluster)));
          expect(lost).toEqual([]);
        }
      }),
    );
  });

  it('never takes back what a move does not leave, and only after its pods have ended there', () => {
    fc.assert(
      fc.property(moves, (move) => {
        expect(closedTo(move).every((id) => id === move.from)).toBe(true);
        const kinds = moveSteps(move).map(({ kind }) => kind);
        if (kinds.includes('move-close')) expect(kinds.indexOf('move-close')).toBeGreaterThan(kinds.indexOf('move-end'));
        expect(
          moveSteps(move)
            .filter(({ destructive }) => destructive)
            .every(({ kind }) => kind === 'move-end' || kind === 'move-close'),
        ).toBe(true);
      }),
    );
  });

  it('stops a plan before the point of no return when a claim was bound meanwhile', () => {
    const plan = makeMigratePlan({ move: moveOf(['pa'], ['pb'], 'pa'), facts: factsOf() });
    const fresh = (claims: ClaimFacts[]) => plannedFrom(plan).map((planned) => ({ planned, ready: ['pb'], facts: factsOf({ claims }) }));
    expect(movesStillValid(fresh([]))).toEqual({ valid: true });
    expect(movesStillValid(fresh([{ namespace: 'shop', name: 'data', size: '1Gi', cluster: 'pa', isBound: true }]))).toMatchObject({
      valid: false,
      reasons: [expect.stringContaining('shop/data holds 1Gi at pa')],
    });
  });

  it('counts a bound claim whose place nobody knows as being there', () => {
    expect(claimRefusals([{ namespace: 'shop', name: 'data', size: '1Gi', cluster: null, isBound: true }], ['pa'])).toHaveLength(1);
  });

  const closings = (allowed: readonly Move[]) =>
    evacuationSteps(allowed).reduce<{ found: { kind: string; move: Move }[]; move: Move | null }>(
      ({ found, move }, step) => {
        const now = step.kind === 'move-begin' ? readMove(step) : move;
        return { move: now, found: now && step.kind === 'move-close' ? [...found, { kind: step.kind, move: now }] : found };
      },
      { found: [], move: null },
    ).found;
});

describe('what cannot be moved without losing something', () => {
  it.each([
    [
      'a claim in use',
      {
        deployments: [deployment({ spec: { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] } })],
        claims: [{ namespace: 'shop', name: 'data', size: '5Gi', cluster: 'pa', isBound: true }],
      },
      'shop/data holds 5Gi at pa',
    ],
    ['a host path', { deployments: [deployment({ spec: { volumes: [{ name: 'd', hostPath: { path: '/data' } }] } })] }, '/data'],
    ['a volume claimed for each pod', { deployments: [deployment({ spec: { volumes: [{ name: 'd', ephemeral: {} }] } })] }, 'ephemeral'],
    ['a StatefulSet', { others: [{ kind: 'StatefulSet', name: 'db' }] }, 'StatefulSet db'],
    ['a Job that runs', { others: [{ kind: 'Job', name: 'import' }] }, 'Job import'],
    ['pods that must not run twice', { deployments: [deployment({ strategy: 'Recreate' })] }, 'Recreate'],
    ['a paused Deployment', { deployments: [deployment({ isPaused: true })] }, 'paused'],
    ['an unfinished roll-out', { deployments: [deployment({ isSettled: false })] }, 'not rolled out'],
    ['an autoscaler', { scaled: ['web'] }, 'HorizontalPodAutoscaler'],
    ['a bare pod', { pods: [{ name: 'lonely', uid: 'p', cluster: 'pa', phase: 'Running', labels: {}, owner: null }] }, 'lonely'],
  ])('refuses %s', (_what, more, text) => {
    expect(
      moveRefusals(factsOf(more), 'pa')
        .map(({ message }) => message)
        .join('\n'),
    ).toContain(text);
  });

  it('takes an ordinary Deployment', () => expect(moveRefusals(factsOf(), 'pa')).toEqual([]));
});

describe('labels of pods that leave', () => {
  const labels = fc.dictionary(fc.constantFrom('app', 'tier', 'zone', 'team'), fc.constantFrom('a', 'b'));
  const services = fc.array(
    labels.map((selector) => ({ name: 's', selector })),
    { maxLength: 5 },
  );

  it('leave the pod in no Service, and come back as they were', () => {
    fc.assert(
      fc.property(labels, services, fc.array(fc.constantFrom('app', 'tier'), { maxLength: 2 }), (pod, selectors, policyKeys) => {
        const changed = leavingLabels(pod, selectors, policyKeys);
        expect(selectors.some(({ selector }) => selects(selector, { ...pod, ...changed }))).toBe(false);
        const originals = Object.fromEntries(Object.keys(changed).map((key) => [key, pod[key] ?? '']));
        const back = originalLabels({ [originalsAnnotation]: JSON.stringify(originals) });
        expect({ ...pod, ...changed, ...back }).toEqual(pod);
      }),
    );
  });

  it('spare what network policies look at where there is a choice', () => {
    expect(leavingLabels({ app: 'web', tier: 'front' }, [{ name: 'web', selector: { app: 'web', tier: 'front' } }], ['app'])).toEqual({ tier: leavingValue });
  });

  it('refuse a Service that selects the mark itself', () => {
    expect(() =>
      leavingLabels(
        { app: 'web' },
        [
          { name: 'web', selector: { app: 'web' } },
          { name: 'odd', selector: { app: leavingValue } },
        ],
        [],
      ),
    ).toThrow('odd');
  });
});

describe('how long to wait', () => {
  const senders = fc.array(fc.record({ cluster: fc.constantFrom(...clusters), comingMs: fc.nat(300_000), goingMs: fc.nat(300_000) }), { minLength: 1 });
  const measured = (list: Measurement['senders'], more: Partial<Measurement> = {}): Measurement => ({
    home: 'home',
    at: '2026-01-01T00:00:00.000Z',
    endpointsAt: ['pa', 'pb'],
    senders: list,
    skewMs: 600,
    ...more,
  });

  it('is at least twice the slowest and the age of connections, unless the ceiling is reached, and never under the floor', () => {
    fc.assert(
      fc.property(senders, fc.nat(60), (list, age) => {
        const seconds = drainSeconds(measured(list), age);
        const needed = (2 * Math.max(...list.map(({ goingMs }) => goingMs))) / 1000 + age;
        expect(seconds).toBeGreaterThanOrEqual(drainLimits.floorSeconds);
        expect(seconds).toBeLessThanOrEqual(drainLimits.ceilingSeconds);
        if (seconds < drainLimits.ceilingSeconds) expect(seconds).toBeGreaterThanOrEqual(needed);
      }),
    );
  });

  it('is the longest when nothing was measured', () => {
    expect(drainSeconds(null, 10)).toBe(drainLimits.ceilingSeconds);
    expect(arrivalSeconds(null)).toBe(arrivalLimits.ceilingSeconds);
  });

  it('gives new replicas the time in which a kubelet that starts again would call them not ready, unless a shorter shortest drain was declared', () => {
    expect(settleSeconds(drainLimits)).toBe(settledAfterStartSeconds);
    expect(settledAfterStartSeconds).toBeGreaterThan(10);
    expect(settleSeconds({ floorSeconds: 2, ceilingSeconds: 60 })).toBe(2);
  });

  it('never rests on a measurement that is old, of the future, of another home or without a sender', () => {
    const all = [{ cluster: 'home', comingMs: 1, goingMs: 1 }];
    const asked = { home: 'home', senders: ['home'], now: '2026-01-01T00:05:00.000Z' };
    expect(usableMeasurement([measured(all)], asked)).not.toBeNull();
    expect(
      usableMeasurement([measured(all)], { ...asked, now: new Date(Date.parse('2026-01-01T00:00:00.000Z') + measurementHoldsMs).toISOString() }),
    ).toBeNull();
    expect(usableMeasurement([measured(all, { at: '2026-01-01T00:06:00.000Z' })], asked)).toBeNull();
    expect(usableMeasurement([measured(all, { home: 'other' })], asked)).toBeNull();
    expect(usableMeasurement([measured(all)], { ...asked, senders: ['home', 'pa'] })).toBeNull();
  });
});

describe('the plan of a move', () => {
  it('never ends a pod before every sender has the targets and has dropped the sources', () => {
    fc.assert(
      fc.property(moves, (move) => {
        const kinds = moveSteps(move).map(({ kind }) => kind);
        const order = [
          'move-begin',
          'move-targets',
          'move-arrive',
          'move-release',
          'move-detach',
          'move-drain',
          'move-end',
          'move-settle',
          'move-soak',
          'move-finish',
        ];
        expect(kinds.filter((kind) => order.includes(kind))).toEqual(order);
        expect(
          moveSteps(move)
            .slice(0, kinds.indexOf('move-end'))
            .every(({ undo }) => undo.kind !== 'irreversible'),
        ).toBe(true);
      }),
    );
  });

  it('has its point of no return at the first pod that ends, and tells what to expect', () => {
    const plan = makeMigratePlan({ move: moveOf(['pa'], ['pb'], 'pa'), facts: factsOf() });
    expect(plan.steps[plan.pointOfNoReturn ?? -1]?.kind).toBe('move-end');
    const texts = plan.notes.map(({ text }) => text).join('\n');
    expect(texts).toContain('predicted interruption 0 s');
    expect(texts).toContain('at most one failed request');
  });

  it('is read back from its first step as it was written', () => {
    fc.assert(
      fc.property(moves, (move) => {
        const [begin] = moveSteps(move);
        expect(begin && readMove({ ...begin, input: moveInput(move) })).toEqual(move);
      }),
    );
  });
});
