import { sql } from 'kysely';
import { describe, expect, it, vi } from 'vitest';
import { verifyAudit } from '../../broker/src/audit/io/index.ts';
import { brokerId, ownerId } from '../../broker/src/ids.ts';
import { actions, becomes, engine, note, operations, submit, test } from './engineBench.ts';
import { aPlan, aStep, by, wheels } from './wheels.ts';

describe('a plan', () => {
  it('is stored once for one key and request, and refused for another request', async () => {
    const ask = (digest: string) => operations.create({ ...by, plan: aPlan(), idempotency: { key: 'k', digest } });
    const ids = await Promise.all([ask('a'), ask('a'), ask('a')]);
    expect(new Set(ids).size).toBe(1);
    await expect(ask('b')).rejects.toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
    expect(await actions(ids[0] ?? '')).toEqual(['requested']);
  });

  it('is another owner’s business only if that owner made it', async () => {
    const id = await operations.create({ ...by, plan: aPlan() });
    await expect(operations.approve({ ...by, owner: ownerId('other') }, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is not approved after an hour, and discarded', async () => {
    const id = await operations.create({ ...by, plan: aPlan() });
    await sql`update operation set created_at = now() - interval '61 minutes'`.execute(test.store.db);
    await expect(operations.approve(by, id)).rejects.toMatchObject({ code: 'STALE_PLAN' });
    engine(wheels(note));
    await becomes(id, 'discarded');
    expect(await actions(id)).toEqual(['requested', 'discarded']);
  });

  it('with an irreversible step before its point of no return is a defect', async () => {
    const plan = aPlan({ steps: [aStep({ undo: { kind: 'irreversible', why: 'gone' } })] });
    await expect(operations.create({ ...by, plan })).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('watchers', () => {
  it('are told every step and its progress in order, not more often than four times a second', async () => {
    let woken = 0;
    engine(
      wheels(({ context }) => {
        for (let part = 0; part <= 100; part++) context.progress(`part ${part}`, part / 100);
      }),
    ).onEvents(() => void woken++);
    const id = await submit(aPlan({ steps: [aStep()] }));
    await becomes(id, 'done');
    const events = await test.store.db.selectFrom('event').selectAll().where('operation', '=', id).orderBy('seq').execute();
    expect(events.map(({ kind }) => kind)).toEqual(['state', 'state', 'step', 'step', 'progress', 'step', 'state']);
    await vi.waitFor(() => expect(woken).toBeGreaterThan(0), { timeout: 50_000 });
  });
});

describe('many operations', { timeout: 180_000 }, () => {
  it('a thousand at once are carried out, each step once, by two engines', async () => {
    const performed = new Map<string, number>();
    const verb = wheels(({ context, step }) => {
      const key = `${context.operation} ${step}`;
      performed.set(key, (performed.get(key) ?? 0) + 1);
    });
    await operations.create({ ...by, plan: aPlan() });
    await sql`insert into operation (id, owner, kind, subject, state, plan, actor)
      select 'op-' || n, owner, kind, subject, state, plan, actor from operation, generate_series(1, 999) as n`.execute(test.store.db);
    await sql`update operation set state = 'running'`.execute(test.store.db); // approved, all at once
    engine(verb);
    engine(verb, { brokerId: brokerId('two') });
    await vi.waitFor(
      async () => {
        const { rows } = await sql<{ n: number }>`select count(*)::int as n from operation where state = 'done'`.execute(test.store.db);
        expect(rows[0]?.n).toBe(1_000);
      },
      { timeout: 150_000, interval: 200 },
    );
    expect(performed.size).toBe(3_000);
    expect([...performed.values()].every((times) => times === 1)).toBe(true);
    expect(await verifyAudit(test.store, { heads: [], keys: new Map() })).toMatchObject({ valid: true });
  });
});
