import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerFor, entriesOf, finalFailure } from './history.ts';
import type { Entry, Failure, Journal, Phase } from './journal.ts';
import { nextAction } from './next.ts';
import type { Action } from './next.ts';
import type { Plan, Step } from './plan.ts';

const aStep = (over: Partial<Step> = {}): Step => ({
  kind: 'turn',
  title: 'turn the wheel',
  side: { role: 'broker' },
  input: {},
  undo: { kind: 'undo', title: 'turn it back' },
  destructive: false,
  attempts: 2,
  timeoutSeconds: 10,
  ...over,
});

const aPlan = (steps: readonly Step[], pointOfNoReturn: number | null = null): Plan => ({
  kind: 'turn',
  subject: 'wheel',
  title: 'Turn the wheel',
  steps,
  pointOfNoReturn,
  madeFrom: {},
  notes: [],
});

/** What the world answers to the n-th action; `crash…`: the broker dies before the intention, between intention and effect, or between effect and result. */
type Fate = 'ok' | 'transient' | 'permanent' | 'wait' | 'ask' | 'crashBefore' | 'crashAfterIntent' | 'crashAfterEffect';
type Script = { readonly fates: readonly Fate[]; readonly cancelAt: number | null; readonly answers: readonly number[] };

type Effect = { readonly what: 'perform' | 'undo'; readonly step: number };
type Run = { readonly journal: Journal; readonly effects: readonly Effect[]; readonly outcome: string; readonly cancelledBeforePoint: boolean };

const failure = (retry: 'later' | 'never'): Failure => ({ code: 'TIMED_OUT', message: 'it did not turn', fix: 'oil it', retry });
const question = { text: 'Turn it?', options: [{ key: 'yes', title: 'Yes' }] };

/** A broker without hands: carries a plan out against a scripted world, reading nothing but plan, journal and control. */
function carryOut(plan: Plan, script: Script): Run {
  const journal: Entry[] = [];
  const effects: Effect[] = [];
  let cancelRequested = false;
  let cancelledBeforePoint = false;
  let answered = 0;
  let clock = Date.parse('2026-01-01T00:00:00Z');
  for (let turn = 0; turn < 2_000; turn++) {
    clock += 1_000;
    const now = new Date(clock).toISOString();
    const passed = journal.some((entry) => entry.phase === 'perform' && plan.pointOfNoReturn !== null && entry.step >= plan.pointOfNoReturn);
    if (turn === script.cancelAt && !passed) cancelRequested = cancelledBeforePoint = true;
    const action = nextAction(plan, journal, { cancelRequested, now });
    expect(nextAction(plan, structuredClone(journal), { cancelRequested, now })).toEqual(action);
    if (action.do === 'finish') return { journal, effects, outcome: action.outcome, cancelledBeforePoint };
    if (action.do === 'wait') {
      expect(action.until > now).toBe(true);
      clock = Date.parse(action.until);
    } else if (action.do === 'ask') {
      const at = { step: action.step, phase: action.phase, attempt: 1, at: now };
      if (!action.asked) journal.push({ ...at, state: 'asked', question: action.question });
      const options = action.question.options;
      const chosen = options[(script.answers[answered++] ?? 0) % options.length];
      journal.push({ ...at, state: 'answered', answer: chosen?.key ?? '' });
    } else if (action.do === 'fail') journal.push({ step: action.step, phase: action.phase, attempt: 1, at: now, state: 'failed', failure: action.failure });
    else act(action, script.fates[turn] ?? 'ok', now);
  }
  throw new Error('never finished');

  function act(action: Extract<Action, { attempt: number }>, fate: Fate, now: string): void {
    if (fate === 'crashBefore') return;
    const phase: Phase = action.do === 'checkStillValid' ? 'check' : action.do;
    const at = { step: action.step, phase, attempt: action.attempt, at: now };
    if (phase !== 'check') {
      journal.push({ ...at, state: 'intended' });
      if (fate === 'crashAfterIntent') return;
      effects.push({ what: phase, step: action.step });
      if (fate === 'crashAfterEffect') return;
    }
    const wakeAt = new Date(clock + 3_000).toISOString();
    if (fate === 'transient') journal.push({ ...at, state: 'failed', failure: failure('later'), wakeAt });
    else if (fate === 'permanent') journal.push({ ...at, state: 'failed', failure: failure('never') });
    else if (fate === 'wait' && phase !== 'check') journal.push({ ...at, state: 'waiting', waitFor: 'oil', wakeAt });
    else if (fate === 'ask' && phase !== 'check') journal.push({ ...at, state: 'asked', question });
    else journal.push({ ...at, state: 'done' });
  }
}

const fate = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fate>('ok') },
  { weight: 5, arbitrary: fc.constantFrom<Fate>('transient', 'permanent', 'wait', 'ask', 'crashBefore', 'crashAfterIntent', 'crashAfterEffect') },
);
const script = fc.record({
  fates: fc.array(fate, { maxLength: 60 }),
  cancelAt: fc.option(fc.nat(40)),
  answers: fc.array(fc.nat(3), { maxLength: 20 }),
});
const plan = fc
  .array(fc.record({ undo: fc.boolean(), attempts: fc.integer({ min: 1, max: 4 }), pace: fc.boolean() }), { minLength: 0, maxLength: 6 })
  .chain((steps) => fc.record({ steps: fc.constant(steps), point: fc.option(fc.nat(5)), pace: fc.option(fc.nat(100)) }))
  .map(({ steps, point, pace }) => ({
    ...aPlan(
      steps.map(({ undo, attempts, pace: paced }, index) =>
        aStep({
          title: `step ${index}`,
          attempts,
          undo: undo ? { kind: 'undo', title: 'back' } : { kind: 'nothing' },
          ...(paced ? { pace: 'slow' } : {}),
        }),
      ),
      point !== null && point < steps.length ? point : null,
    ),
    ...(pace === null ? {} : { paceSeconds: pace }),
  }));

const holds = (check: (run: Run, plan: Plan) => void): void => {
  fc.assert(
    fc.property(plan, script, (aPlan, aScript) => check(carryOut(aPlan, aScript), aPlan)),
    { numRuns: 3_000 },
  );
};

const doneAt = (journal: Journal, step: number, phase: 'perform' | 'undo'): number =>
  journal.findIndex((entry) => entry.step === step && entry.phase === phase && entry.state === 'done');

describe('nextAction, whatever the world, crashes, cancels and answers do', () => {
  it('never performs or undoes a step again after its done record', () => {
    holds(({ journal }, { steps }) => {
      for (const step of steps.keys())
        for (const phase of ['perform', 'undo'] as const) {
          const done = doneAt(journal, step, phase);
          if (done >= 0) expect(journal.slice(done + 1).filter((entry) => entry.step === step && entry.phase === phase)).toEqual([]);
        }
    });
  });

  it('never undoes anything once the point of no return was begun', () => {
    holds(({ journal }, { pointOfNoReturn }) => {
      const passed = journal.findIndex((entry) => entry.phase === 'perform' && pointOfNoReturn !== null && entry.step >= pointOfNoReturn);
      if (passed >= 0) expect(journal.slice(passed).filter((entry) => entry.phase === 'undo')).toEqual([]);
    });
  });

  it('begins a step only when every step before it is done', () => {
    holds(({ journal }) => {
      for (const [at, entry] of journal.entries())
        if (entry.phase === 'perform')
          for (let step = 0; step < entry.step; step++) expect(doneAt(journal.slice(0, at), step, 'perform')).toBeGreaterThanOrEqual(0);
    });
  });

  it('never goes forward again once it began to undo', () => {
    holds(({ journal }) => {
      const first = journal.findIndex((entry) => entry.phase === 'undo');
      if (first >= 0) expect(journal.slice(first).filter((entry) => entry.phase !== 'undo')).toEqual([]);
    });
  });

  it('undoes in exact reverse, the failed step included, everything that was begun', () => {
    holds(({ journal, outcome }, { steps }) => {
      if (outcome !== 'rolledBack') return;
      const begun = steps.flatMap((step, index) => (step.undo.kind === 'undo' && entriesOf(journal, index, 'perform').length > 0 ? [index] : []));
      const undone = journal.filter((entry) => entry.phase === 'undo' && entry.state === 'done').map((entry) => entry.step);
      expect(undone).toEqual(begun.toReversed());
    });
  });

  it('leaves no effect behind when it says that it rolled back', () => {
    holds(({ effects, outcome }, { steps }) => {
      if (outcome !== 'rolledBack') return;
      const standing = new Set<number>();
      for (const { what, step } of effects) {
        if (what === 'perform') standing.add(step);
        else standing.delete(step);
      }
      expect([...standing].filter((step) => steps[step]?.undo.kind === 'undo')).toEqual([]);
    });
  });

  it('is done only when every step is done, and rolls back whatever was cancelled in time', () => {
    holds(({ journal, outcome, cancelledBeforePoint }, { steps }) => {
      if (outcome === 'done') for (const step of steps.keys()) expect(doneAt(journal, step, 'perform')).toBeGreaterThanOrEqual(0);
      if (cancelledBeforePoint) expect(outcome).not.toBe('done');
    });
  });

  it('fails only where a person decided to leave something as it is', () => {
    holds(({ journal, outcome }) => {
      if (outcome === 'failed') expect(journal.some((entry) => entry.answer === 'giveUp' || entry.answer === 'leave')).toBe(true);
    });
  });

  it('tries no more often than the step allows, unless a person or something better came between', () => {
    holds(({ journal }, { steps }) => {
      for (const [index, step] of steps.entries()) {
        let failures = 0;
        for (const entry of entriesOf(journal, index, 'perform')) {
          if (entry.state === 'intended') expect(failures).toBeLessThan(step.attempts);
          else failures = entry.state === 'failed' ? failures + 1 : 0;
        }
      }
    });
  });

  it('holds the plan against the world right before the first step and right before the point of no return', () => {
    holds(({ journal }, { pointOfNoReturn }) => {
      for (const step of [0, pointOfNoReturn]) {
        const begun = journal.findIndex((entry) => entry.phase === 'perform' && entry.step === step);
        if (begun >= 0) expect(journal[begun - 1]).toMatchObject({ phase: 'check', state: 'done', step });
      }
    });
  });

  it('keeps the pace between steps of one word', () => {
    holds(({ journal }, { steps, paceSeconds }) => {
      let last = Number.NEGATIVE_INFINITY;
      for (const entry of journal) {
        if (entry.phase !== 'perform' || steps[entry.step]?.pace === undefined) continue;
        if (entry.state === 'intended') expect(Date.parse(entry.at) - last).toBeGreaterThanOrEqual((paceSeconds ?? 0) * 1000);
        if (entry.state === 'done') last = Date.parse(entry.at);
      }
    });
  });
});

describe('one failure at a time', () => {
  const five = (point: number | null): Plan =>
    aPlan(
      Array.from({ length: 5 }, (_, index) => aStep({ title: `step ${index}`, attempts: 1 })),
      point,
    );
  const failing = (step: number): Script => ({ fates: [...Array.from({ length: step + 1 }, (): Fate => 'ok'), 'permanent'], cancelAt: null, answers: [1] });

  it.each([0, 1, 2, 3, 4])('rolls back when step %i fails for good', (step) => {
    const run = carryOut(five(null), failing(step));
    expect(run.outcome).toBe('rolledBack');
    expect(run.effects.filter(({ what }) => what === 'undo').map((effect) => effect.step)).toEqual(
      Array.from({ length: step + 1 }, (_, index) => step - index),
    );
  });

  it.each([
    ['before the point of no return', 0, 'rolledBack', 0],
    ['from the point of no return on, where a person is asked', 2, 'failed', 1],
  ])('a step that ends the broker each time is not begun for ever: %s', (_, at, outcome, answer) => {
    const plan = aPlan([aStep(), aStep(), aStep({ undo: { kind: 'irreversible', why: 'it is turned' } })], 2);
    const ends = Array.from({ length: 40 }, (): Fate => 'crashAfterIntent');
    const before = Array.from({ length: 10 }, (): Fate => 'ok').slice(0, at === 0 ? 1 : 4); // the check, and the steps before it
    const run = carryOut(plan, { fates: [...before, ...ends.slice(0, 8)], cancelAt: null, answers: [answer] });
    expect(entriesOf(run.journal, at, 'perform').filter(({ state }) => state === 'intended')).toHaveLength(8);
    expect(run.journal.find(({ state }) => state === 'failed')).toMatchObject({ step: at, failure: { retry: 'never' } });
    expect(run.outcome).toBe(outcome);
  });

  it('asks a person when a step fails after the point of no return, and fails only at that person’s word', () => {
    const run = carryOut(five(1), { ...failing(3), fates: [...Array.from({ length: 5 }, (): Fate => 'ok'), 'permanent'] });
    expect(run.outcome).toBe('failed');
    expect(run.journal.filter((entry) => entry.state === 'asked')).toHaveLength(1);
  });

  it.each([
    ['TIMED_OUT', 1, 1],
    ['CLUSTER_UNREACHABLE', 1, 5],
    ['EXCHANGE_UNREACHABLE', 2, 5],
    ['CLUSTER_UNREACHABLE', 8, 8],
  ] as const)('a step that waits in vain is not attempted often, one that nobody answers is asked again: %s, %i', (code, attempts, most) => {
    const failed: Entry = { step: 0, phase: 'perform', attempt: 1, at: '2026-01-01T00:00:00Z', state: 'failed', failure: { ...failure('later'), code } };
    const after = (times: number) =>
      finalFailure(
        Array.from({ length: times }, () => failed),
        attempts,
      );
    expect(after(most - 1)).toBeUndefined();
    expect(after(most)).toBe(failed);
  });

  it('gives the performer the answer to its own question until it asks again', () => {
    const at = { step: 0, phase: 'perform', attempt: 1, at: '2026-01-01T00:00:00Z' } as const;
    const asked: Journal = [
      { ...at, state: 'intended' },
      { ...at, state: 'asked', question },
      { ...at, state: 'answered', answer: 'yes' },
    ];
    expect(answerFor(asked)).toBe('yes');
    expect(answerFor([...asked, { ...at, attempt: 2, state: 'intended' }, { ...at, attempt: 2, state: 'asked', question }])).toBeUndefined();
  });
});
