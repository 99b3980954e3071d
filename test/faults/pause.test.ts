import { describe, expect, it, vi } from 'vitest';
import { brokerId } from '../../broker/src/ids.ts';
import { findOperation } from '../../broker/src/api/io/operationRecords.ts';
import { actions, becomes, engine, journal, note, operations, row, submit, test, turns } from './engineBench.ts';
import { aPlan, by, wheels } from './wheels.ts';

/** Steps of this index wait until `open` is called. */
const held = (step: number) => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const verb = wheels(async (turn) => {
    note(turn);
    if (turn.what === 'perform' && turn.step === step) await opened;
  });
  return { verb, open };
};

const pauseOf = async (id: string) => (await findOperation(test.store.db, by.owner, id)).pause;
const rests = (id: string) => vi.waitFor(async () => expect(await pauseOf(id)).toBe('paused'), { timeout: 50_000, interval: 20 });

describe('a pause', () => {
  it('lets the step that is under way end, begins no other, and everything goes on when it is resumed', async () => {
    const { verb, open } = held(1);
    engine(verb);
    const id = await submit(aPlan());
    await vi.waitFor(() => expect(turns).toContain('perform 1'), { timeout: 50_000 });
    await operations.pause(by, id);
    expect(await pauseOf(id)).toBe('requested');
    open();
    await rests(id);
    expect(turns).toEqual(['perform 0', 'perform 1']);
    expect(await journal(id)).toContain('perform 1 done');
    expect((await row(id)).broker).toBeNull();
    await operations.resume(by, id);
    await becomes(id, 'done');
    expect(turns).toEqual(['perform 0', 'perform 1', 'perform 2']);
    expect(await actions(id)).toEqual(['requested', 'approved', 'started', 'paused', 'resumed', 'done']);
  });

  it('that comes before the point of no return is never passed over it', async () => {
    let id = '';
    let checks = 0;
    engine(
      wheels(note, async () => {
        if (++checks === 2) await operations.pause(by, id);
        return { valid: true };
      }),
    );
    id = await operations.create({ ...by, plan: aPlan({ pointOfNoReturn: 1 }) });
    await operations.approve(by, id);
    await rests(id);
    const other = await submit(aPlan()); // the engine looks for work, and finds none of the paused one
    await becomes(other, 'done');
    expect(await journal(id)).not.toContain('perform 1 intended');
    await operations.resume(by, id);
    await becomes(id, 'done');
  });

  it('outlives the broker: another one does not take it up either, until it is resumed', async () => {
    const { verb, open } = held(1);
    const first = engine(verb);
    const id = await submit(aPlan());
    await vi.waitFor(() => expect(turns).toContain('perform 1'), { timeout: 50_000 });
    await operations.pause(by, id);
    open();
    await rests(id);
    await first.stop();
    engine(wheels(note), { brokerId: brokerId('two') });
    const other = await submit(aPlan());
    await becomes(other, 'done');
    expect((await row(id)).state).toBe('running');
    await operations.resume(by, id);
    await becomes(id, 'done');
    expect(turns.filter((turn) => turn === 'perform 1')).toHaveLength(2); // once each
  });

  it('holds no roll-back back: who cancels a paused operation gets everything undone', async () => {
    const { verb, open } = held(1);
    engine(verb);
    const id = await submit(aPlan());
    await vi.waitFor(() => expect(turns).toContain('perform 1'), { timeout: 50_000 });
    await operations.pause(by, id);
    open();
    await rests(id);
    await operations.cancel(by, id);
    await becomes(id, 'rolledBack');
    expect(turns.slice(2)).toEqual(['undo 1', 'undo 0']);
  });

  it('is refused where nothing is carried out', async () => {
    const id = await operations.create({ ...by, plan: aPlan() });
    await expect(operations.pause(by, id)).rejects.toMatchObject({ code: 'CONFLICT' });
    engine(wheels(note));
    await operations.approve(by, id);
    await becomes(id, 'done');
    await expect(operations.pause(by, id)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
