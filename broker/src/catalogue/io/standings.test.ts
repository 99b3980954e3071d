import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testStore, type TestStore } from '../../../../test/database.ts';
import { readAudit } from '../../audit/io/log.ts';
import { checked, look } from '../judge/check.ts';
import type { Finding } from '../judge/check.ts';
import type { Judgement } from '../judge/judge.ts';
import { usualCheckRules } from '../lifecycle.ts';
import { policyOf } from '../judge/policy.ts';
import { createStandings, type Judged, type Standings } from './standings.ts';
import { lookAgain } from './watch.ts';

const digestOf = (name: string): string => createHash('sha256').update(name).digest('hex');
const judged = (name: string, finding: Finding | null = null): Judged => {
  const check = look('status', finding === null ? 'passed' : 'failed', 'as its list says', finding ?? undefined);
  const judgement: Judgement = {
    digest: digestOf(name),
    kind: 'credential',
    credential: null,
    checks: [checked(check, policyOf({}))],
    validUntil: null,
    contents: [],
  };
  return { judgement, rests: () => [{ kind: 'status', fetchedAt: now, ttlMs: null }] };
};

const now = Date.parse('2026-11-22T12:00:00Z');
const minuteMs = 60_000;
const owner = 'default';
let made: TestStore;
let standings: Standings;
beforeAll(async () => {
  made = await testStore();
  standings = createStandings(made.store, usualCheckRules);
});
afterAll(() => made.close());

const note = (names: readonly Judged[], gone: readonly string[] = [], at = now, whose = owner) =>
  made.store.db.transaction().execute((tx) => standings.note(tx, whose, { judged: names, gone, now: at, isLooked: true }));
const stateOf = async (name: string): Promise<string | undefined> =>
  (await made.store.db.selectFrom('standing').select('state').where('digest', '=', digestOf(name)).executeTakeFirst())?.state;

describe('what became of credentials', () => {
  it('is told once, with its history, and not of what is seen for the first time', async () => {
    expect(await note([judged('a'), judged('b', 'revoked')])).toEqual([]);
    expect(await note([judged('a', 'suspended')], [], now + 1)).toMatchObject([{ from: 'active', state: 'suspended' }]);
    expect(await note([judged('a', 'suspended')], [], now + 2)).toEqual([]);
    expect(await note([judged('a')], [], now + 3)).toMatchObject([{ from: 'suspended', state: 'active' }]);
    expect(await note([], [digestOf('a')], now + 4)).toMatchObject([{ from: 'active', state: 'gone' }]);
    expect(await stateOf('a')).toBeUndefined();
    expect((await standings.history(owner, digestOf('a'))).map(({ from, state }) => `${from} ${state}`)).toEqual([
      'active gone',
      'suspended active',
      'active suspended',
    ]);
    expect(await standings.history('somebody', digestOf('a'))).toEqual([]);
    const events = await made.store.db.selectFrom('event').selectAll().where('kind', '=', 'credential').execute();
    expect(events).toHaveLength(3);
  });

  it('is not written where it cannot be put on record', async () => {
    await note([judged('recorded')]);
    await sql`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'full'; end $$`.execute(made.store.db);
    await sql`create trigger full_log before insert on audit_event for each row execute function refuse()`.execute(made.store.db);
    const before = (await readAudit(made.store.db, 0)).length;
    await expect(note([judged('recorded', 'revoked')])).rejects.toThrow('full');
    await sql`drop trigger full_log on audit_event`.execute(made.store.db);
    expect(await stateOf('recorded')).toBe('active');
    expect((await readAudit(made.store.db, 0)).length).toBe(before);
  });
});

describe('what is due', () => {
  it('is given to one broker only, in bounded parts, and again when that one is gone', async () => {
    await made.store.db.deleteFrom('standing').execute();
    const names = Array.from({ length: 30 }, (_, index) => `due ${index}`);
    await note(names.map((name) => judged(name)));
    const later = now + 10 * minuteMs;
    const others = createStandings(made.store, usualCheckRules);
    const claims = await Promise.all([standings, others, standings, others].map((broker) => broker.claim(later, 10, minuteMs)));
    const claimed = claims.flatMap((claim) => claim.get(owner) ?? []);
    expect(claims.every((claim) => (claim.get(owner) ?? []).length <= 10)).toBe(true);
    expect(claimed.length).toBe(new Set(claimed).size);
    const rest = await standings.claim(later, 100, minuteMs);
    expect(claimed.length + (rest.get(owner)?.length ?? 0)).toBe(30);
    expect((await standings.claim(later + minuteMs - 1, 100, minuteMs)).size).toBe(0);
    expect((await standings.claim(later + minuteMs, 100, minuteMs)).get(owner)).toHaveLength(30);
  });

  it('is looked at when it is due and not before, and one that fails does not stop the others', async () => {
    await made.store.db.deleteFrom('standing').execute();
    await note(['x', 'y'].map((name) => judged(name)));
    await note([judged('z')], [], now, 'other');
    const errors: unknown[] = [];
    const asked: string[] = [];
    const lookAt = (at: number): Promise<number> =>
      lookAgain({
        standings,
        rejudge: async (whose, digests) => {
          if (whose === 'other') throw new Error('its source is down');
          asked.push(...digests);
        },
        onError: (error) => errors.push(error),
        now: () => at,
      });
    expect(await lookAt(now + 4 * minuteMs)).toBe(0);
    expect(await lookAt(now + 6 * minuteMs)).toBe(3);
    expect(asked.toSorted()).toEqual(['x', 'y'].map(digestOf).toSorted());
    expect(errors.map(String)).toEqual(['Error: its source is down']);
  });
});
