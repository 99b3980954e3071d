import { describe, expect, it, vi } from 'vitest';
import { verifyAudit } from '../../broker/src/audit/io/index.ts';
import { HanseError } from '../../broker/src/errors.ts';
import { actions, becomes, engine, failing, journal, note, operations, outcome, row, submit, test, turns } from './engineBench.ts';
import { aPlan, aStep, by, wheels } from './wheels.ts';

describe('an operation', () => {
  it('is carried out step by step, each with its intention before and its result after it', async () => {
    engine(wheels(note));
    const id = await submit(aPlan({ pointOfNoReturn: 2 }));
    await becomes(id, 'done');
    expect(turns).toEqual(['perform 0', 'perform 1', 'perform 2']);
    expect(await journal(id)).toEqual([
      'check 0 done',
      'perform 0 intended',
      'perform 0 done',
      'perform 1 intended',
      'perform 1 done',
      'check 2 done',
      'perform 2 intended',
      'perform 2 done',
    ]);
    expect(await actions(id)).toEqual(['requested', 'approved', 'started', 'passedPointOfNoReturn', 'done']);
    expect(await verifyAudit(test.store, { heads: [], keys: new Map() })).toMatchObject({ valid: true });
  });

  it('does nothing before it is approved', async () => {
    const id = await operations.create({ ...by, plan: aPlan() });
    engine(wheels(note));
    const other = await submit(aPlan());
    await becomes(other, 'done');
    expect((await row(id)).state).toBe('planned');
    expect(turns).toHaveLength(3);
  });

  it('tries again what may pass by itself, and gives every step the results of those before', async () => {
    const seen: unknown[] = [];
    engine(
      wheels((turn) => {
        note(turn);
        seen.push(turn.context.result(0));
        if (turn.step === 1 && turn.context.attempt === 1) throw new HanseError('TIMED_OUT', 'stuck');
        return { kind: 'done', result: { n: turn.step }, made: [{ cluster: 'mill', apiVersion: 'v1', kind: 'Wheel', name: `w${turn.step}` }] };
      }),
    );
    const id = await submit(aPlan());
    await becomes(id, 'done');
    expect(turns).toEqual(['perform 0', 'perform 1', 'perform 1', 'perform 2']);
    expect(seen).toEqual([undefined, { n: 0 }, { n: 0 }, { n: 0 }]);
  });

  it.each([0, 1, 2])('undoes everything in reverse, the failed step too, when step %i fails for good', async (step) => {
    engine(failing(`perform ${step}`, 9));
    const id = await submit(aPlan());
    await becomes(id, 'rolledBack');
    expect(turns.filter((turn) => turn.startsWith('undo'))).toEqual(Array.from({ length: step + 1 }, (_, index) => `undo ${step - index}`));
    expect(await outcome(id)).toMatchObject({ failure: { code: 'TIMED_OUT', message: 'the wheel is stuck' } });
    expect(await actions(id)).toEqual(['requested', 'approved', 'started', 'rollingBack', 'rolledBack']);
  });

  it('shows a defect as such, without its inner words', async () => {
    engine(wheels(() => Promise.reject(new TypeError('secret of the house'))));
    const id = await submit(aPlan({ steps: [aStep({ undo: { kind: 'nothing' } })] }));
    await becomes(id, 'rolledBack');
    expect(JSON.stringify(await test.store.db.selectFrom('journal').select('entry').execute())).not.toContain('secret of the house');
    expect(await outcome(id)).toMatchObject({ failure: { code: 'INTERNAL' } });
  });

  it('ends an attempt that takes longer than its time', async () => {
    engine(wheels(({ context }) => new Promise((_, reject) => context.signal.addEventListener('abort', () => reject(new Error('aborted'))))));
    const id = await submit(aPlan({ steps: [aStep({ timeoutSeconds: 0.05, attempts: 1, undo: { kind: 'nothing' } })] }));
    await becomes(id, 'rolledBack');
    expect(await outcome(id)).toMatchObject({ failure: { code: 'TIMED_OUT' } });
  });

  it('waits as long as the performer says, in nobody’s hands, and then goes on', async () => {
    engine(wheels((turn) => (note(turn), turn.step === 1 && turn.context.attempt < 4 ? { kind: 'wait', reason: 'the wind', seconds: 0.05 } : undefined)));
    const id = await submit(aPlan());
    await becomes(id, 'done');
    expect(turns.filter((turn) => turn === 'perform 1')).toHaveLength(4);
  });

  it('goes on at once when a person ends the wait', async () => {
    engine(wheels(({ step, context }) => (step === 1 && context.attempt === 1 ? { kind: 'wait', reason: 'the wind', seconds: 3_600 } : undefined)));
    const id = await submit(aPlan());
    await becomes(id, 'waiting');
    await operations.retry(by, id);
    await becomes(id, 'done');
  });

  it('asks a person and hands the answer to the performer', async () => {
    const question = {
      text: 'Which way?',
      options: [
        { key: 'left', title: 'Left' },
        { key: 'right', title: 'Right' },
      ],
    };
    const answers: unknown[] = [];
    engine(wheels(({ step, context }) => (answers.push(context.answer), step === 1 && context.answer === undefined ? { kind: 'ask', question } : undefined)));
    const id = await submit(aPlan());
    await becomes(id, 'asking');
    expect((await row(id)).question).toEqual(question);
    await expect(operations.answer(by, id, 'up')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(operations.retry(by, id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await operations.answer(by, id, 'left');
    await becomes(id, 'done');
    expect(answers).toEqual([undefined, undefined, 'left', undefined]);
    expect((await row(id)).question).toBeNull();
    await expect(operations.answer(by, id, 'left')).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('keeps the pace between steps of one word', async () => {
    engine(wheels(note));
    const id = await submit(aPlan({ paceSeconds: 3_600, steps: [aStep({ pace: 'slow' }), aStep(), aStep({ pace: 'slow' })] }));
    await becomes(id, 'waiting');
    expect(turns).toEqual(['perform 0', 'perform 1']);
    await operations.cancel(by, id);
    await becomes(id, 'rolledBack');
  });
});

describe('a cancel', () => {
  it('ends the step that is under way and undoes everything', async () => {
    engine(
      wheels((turn) => {
        note(turn);
        if (turn.what === 'perform' && turn.step === 1)
          return new Promise((_, reject) => turn.context.signal.addEventListener('abort', () => reject(turn.context.signal.reason)));
        return undefined;
      }),
    );
    const id = await submit(aPlan());
    await vi.waitFor(() => expect(turns).toContain('perform 1'), { timeout: 50_000 });
    await operations.cancel(by, id);
    await becomes(id, 'rolledBack');
    expect(turns).toEqual(['perform 0', 'perform 1', 'undo 1', 'undo 0']);
    expect(await outcome(id)).toMatchObject({ failure: { code: 'CANCELLED' } });
    await expect(operations.cancel(by, id)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('undoes everything while a person is asked', async () => {
    engine(
      wheels(
        (turn) => (
          note(turn),
          turn.step === 1 && turn.what === 'perform' ? { kind: 'ask', question: { text: 'On?', options: [{ key: 'yes', title: 'Yes' }] } } : undefined
        ),
      ),
    );
    const id = await submit(aPlan());
    await becomes(id, 'asking');
    await operations.cancel(by, id);
    await becomes(id, 'rolledBack');
    expect(turns.slice(2)).toEqual(['undo 1', 'undo 0']);
  });

  it('discards a plan that was not approved', async () => {
    const id = await operations.create({ ...by, plan: aPlan() });
    await operations.cancel(by, id);
    expect((await row(id)).state).toBe('discarded');
    await expect(operations.approve(by, id)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('is refused once the point of no return is passed, and the operation goes forward', async () => {
    let goOn = (): void => {};
    const isOn = new Promise<void>((resolve) => (goOn = resolve));
    engine(wheels(({ step }) => (step === 1 ? isOn : undefined)));
    const id = await submit(aPlan({ pointOfNoReturn: 1 }));
    await vi.waitFor(async () => expect(await journal(id)).toContain('perform 1 intended'), { timeout: 50_000 });
    await expect(operations.cancel(by, id)).rejects.toMatchObject({ code: 'REFUSED' });
    goOn();
    await becomes(id, 'done');
  });

  it('that comes while the point of no return is checked still turns the operation back', async () => {
    let id = '';
    let checks = 0;
    engine(
      wheels(note, async () => {
        if (++checks === 2) await operations.cancel(by, id);
        return { valid: true };
      }),
    );
    id = await operations.create({ ...by, plan: aPlan({ pointOfNoReturn: 1 }) });
    await operations.approve(by, id);
    await becomes(id, 'rolledBack');
    expect(turns).toEqual(['perform 0', 'undo 0']);
  });
});

describe('after the point of no return', () => {
  it('a person is asked, and the step is tried again at that person’s word', async () => {
    engine(failing('perform 1', 2));
    const id = await submit(aPlan({ pointOfNoReturn: 1 }));
    await becomes(id, 'asking');
    await operations.retry(by, id);
    await becomes(id, 'done');
    expect(turns).not.toContain('undo 0');
  });

  it('a person may take over: nothing is undone, and it is told what stays and what was not done', async () => {
    engine(failing('perform 1', 9, 'REFUSED'));
    const id = await submit(aPlan({ pointOfNoReturn: 1 }));
    await becomes(id, 'asking');
    await operations.answer(by, id, 'giveUp');
    await becomes(id, 'failed');
    expect(turns).toEqual(['perform 0', 'perform 1']);
    const titles = aPlan({}).steps.map(({ title }) => title);
    expect(await outcome(id)).toMatchObject({ failure: { code: 'REFUSED' }, leftBehind: titles.slice(0, 2), notDone: titles.slice(1) });
  });
});

describe('an undo that keeps failing', () => {
  const stuck = () =>
    wheels((turn) => {
      note(turn);
      if (`${turn.what} ${turn.step}` === 'perform 2' || `${turn.what} ${turn.step}` === 'undo 1') throw new HanseError('REFUSED', 'stuck');
    });

  it('asks a person, who may leave it: the rest is undone, and what is left is named', async () => {
    engine(stuck());
    const id = await submit(aPlan({ steps: [aStep(), aStep({ title: 'turn the second' }), aStep()] }));
    await becomes(id, 'asking');
    await operations.answer(by, id, 'leave');
    await becomes(id, 'failed');
    expect(turns.slice(3)).toEqual(['undo 2', 'undo 1', 'undo 0']);
    expect(await outcome(id)).toMatchObject({ leftBehind: ['turn the second'] });
  });
});

describe('the world of now', () => {
  it('is held against the plan before the first step', async () => {
    engine(wheels(note, async () => ({ valid: false, reasons: ['the mill burnt down.'] })));
    const id = await submit(aPlan());
    await becomes(id, 'rolledBack');
    expect(turns).toEqual([]);
    expect(await outcome(id)).toMatchObject({ failure: { code: 'STALE_PLAN', message: 'the mill burnt down.' } });
  });

  it('and again before the point of no return: everything is undone', async () => {
    let checks = 0;
    engine(wheels(note, async () => (++checks < 2 ? { valid: true } : { valid: false, reasons: ['the wind turned.'] })));
    const id = await submit(aPlan({ pointOfNoReturn: 2 }));
    await becomes(id, 'rolledBack');
    expect(turns).toEqual(['perform 0', 'perform 1', 'undo 1', 'undo 0']);
  });

  it('a check that cannot be made is made again', async () => {
    let checks = 0;
    engine(wheels(note, () => (++checks < 3 ? Promise.reject(new HanseError('CLUSTER_UNREACHABLE', 'no')) : Promise.resolve({ valid: true }))));
    await becomes(await submit(aPlan()), 'done');
  });
});
