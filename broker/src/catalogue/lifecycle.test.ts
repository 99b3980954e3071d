import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checked, look } from './judge/check.ts';
import type { Finding } from './judge/check.ts';
import type { Judgement } from './judge/judge.ts';
import { type CheckRules, type Kept, lifecycleOf, lifecycleStates, nextCheckAt, type Rest, usualCheckRules } from './lifecycle.ts';
import { type CheckName, policyOf, type Result } from './judge/policy.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const dayMs = 86_400_000;
const policy = policyOf({});

const judgedAs = (name: CheckName, result: Result, finding?: Finding, reason = 'as found'): Judgement => ({
  digest: 'ab'.repeat(32),
  kind: 'credential',
  credential: null,
  checks: [checked(look(name, result, reason, finding), policy)],
  validUntil: null,
  contents: [],
});
const stateAfter = (judgement: Judgement, before: Kept | null): Kept => lifecycleOf(judgement, before, { at: now, expiringMs: 14 * dayMs }).state;

describe('what became of a credential', () => {
  it('is what its issuer, its time and its list say', () => {
    expect(stateAfter(judgedAs('status', 'passed'), null)).toBe('active');
    expect(stateAfter(judgedAs('status', 'failed', 'revoked'), 'active')).toBe('revoked');
    expect(stateAfter(judgedAs('status', 'failed', 'suspended'), 'active')).toBe('suspended');
    expect(stateAfter(judgedAs('status', 'passed'), 'suspended')).toBe('active');
    expect(stateAfter(judgedAs('validity', 'failed', 'expired'), 'expiring')).toBe('expired');
  });

  it('is expiring for its last days, and names the one that took its place', () => {
    const ends = (days: number): Judgement => ({ ...judgedAs('status', 'passed'), validUntil: new Date(now + days * dayMs).toISOString() });
    expect(stateAfter(ends(13), 'active')).toBe('expiring');
    expect(stateAfter(ends(15), 'active')).toBe('active');
    const newer = judgedAs('reissue', 'failed', 'deprecated', `its issuer has issued a newer one under the same id: ${'cd'.repeat(32)}`);
    expect(lifecycleOf(newer, 'active', { at: now, expiringMs: 0 })).toMatchObject({ state: 'deprecated', successor: 'cd'.repeat(32) });
  });

  it('is never revoked because somebody could not be asked', () => {
    const asked = fc.constantFrom<CheckName>('issuer', 'key', 'signature', 'status', 'chain', 'binding');
    fc.assert(
      fc.property(asked, fc.constantFrom<Kept | null>(null, 'refused', ...lifecycleStates), (name, before) => {
        expect(['active', 'unverifiable', 'refused']).toContain(stateAfter(judgedAs(name, 'unknown'), before));
      }),
    );
    expect(stateAfter(judgedAs('key', 'unknown'), 'active')).toBe('unverifiable');
    expect(stateAfter(judgedAs('status', 'failed'), 'active')).toBe('unverifiable');
  });

  it('is revoked where its key is gone, and nothing at all where it was never believed', () => {
    expect(stateAfter(judgedAs('key', 'failed'), 'active')).toBe('revoked');
    expect(stateAfter(judgedAs('key', 'failed'), null)).toBe('refused');
    expect(stateAfter(judgedAs('signature', 'failed'), 'refused')).toBe('refused');
    expect(stateAfter(judgedAs('key', 'unknown'), null)).toBe('refused');
  });
});

const digests = fc.stringMatching(/^[0-9a-f]{64}$/);
const times = fc.integer({ min: -400 * dayMs, max: 400 * dayMs }).map((offset) => now + offset);
const rests: fc.Arbitrary<readonly Rest[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('document', 'chain', 'registry', 'status'),
    fetchedAt: fc.option(times.map((time) => Math.min(time, now))),
    ttlMs: fc.option(fc.integer({ min: -5, max: 10 * dayMs })),
  }),
  { maxLength: 5 },
);
const standings = fc.record({
  digest: digests,
  state: fc.constantFrom<Kept>('refused', ...lifecycleStates),
  since: times.map((time) => Math.min(time, now)),
  validUntil: fc.option(times.map((time) => new Date(time).toISOString())),
  rests,
});
const rules: fc.Arbitrary<CheckRules> = fc.record({
  expiringMs: fc.integer({ min: 0, max: 60 * dayMs }),
  againMs: fc.record({
    document: fc.integer({ min: 1, max: dayMs }),
    chain: fc.integer({ min: 1, max: dayMs }),
    registry: fc.integer({ min: 1, max: dayMs }),
    status: fc.integer({ min: 1, max: dayMs }),
    pinned: fc.integer({ min: 1, max: dayMs }),
  }),
  failureMs: fc.integer({ min: 1, max: dayMs }),
  floorMs: fc.integer({ min: 1, max: 60_000 }),
  ceilingMs: fc.integer({ min: 60_000, max: 30 * dayMs }),
});

describe('the next look', () => {
  it('is neither before the floor, nor after the ceiling, nor after a turn of its validity', () => {
    fc.assert(
      fc.property(standings, rules, (standing, given) => {
        const next = nextCheckAt(standing, now, given);
        expect(next).toBeGreaterThanOrEqual(now + given.floorMs);
        expect(next).toBeLessThanOrEqual(now + Math.max(given.floorMs, given.ceilingMs));
        const end = standing.validUntil === null ? null : Date.parse(standing.validUntil);
        for (const turn of end === null ? [] : [end, end - given.expiringMs])
          if (turn > now) expect(next).toBeLessThanOrEqual(Math.max(turn, now + given.floorMs));
      }),
    );
  });

  it('is not long after anything it rests on is too old, and never before', () => {
    fc.assert(
      fc.property(standings, rules, (standing, given) => {
        const next = nextCheckAt(standing, now, given);
        for (const { kind, fetchedAt, ttlMs } of standing.rests) {
          const again = Math.min(given.againMs[kind], ttlMs ?? Number.POSITIVE_INFINITY);
          if (fetchedAt !== null && fetchedAt + again > now) expect(next).toBeLessThanOrEqual(Math.max(fetchedAt + again * 1.2, now + given.floorMs) + 1);
        }
        const fresh = standing.rests.map((rest) => ({ ...rest, fetchedAt: now, ttlMs: null }));
        const soonest = Math.min(given.ceilingMs, ...fresh.map(({ kind }) => given.againMs[kind]));
        expect(nextCheckAt({ ...standing, validUntil: null, rests: fresh }, now, given)).toBeGreaterThanOrEqual(now + soonest);
      }),
    );
  });

  it('comes no later when it rests on more, or ends sooner', () => {
    fc.assert(
      fc.property(standings, rests, rules, (standing, more, given) => {
        const next = nextCheckAt(standing, now, given);
        expect(nextCheckAt({ ...standing, rests: [...standing.rests, ...more] }, now, given)).toBeLessThanOrEqual(next);
        expect(nextCheckAt(standing, now, { ...given, ceilingMs: given.ceilingMs / 2 })).toBeLessThanOrEqual(next);
      }),
    );
  });

  it('of many that were fetched together is spread, the same for the same one', () => {
    const next = (digest: string): number =>
      nextCheckAt({ digest, state: 'active', since: now, validUntil: null, rests: [{ kind: 'status', fetchedAt: now, ttlMs: null }] }, now, usualCheckRules);
    const waits = fc.sample(digests, { numRuns: 200, seed: 1 }).map(next);
    expect(new Set(waits).size).toBeGreaterThan(100);
    expect(next('ab'.repeat(32))).toBe(next('ab'.repeat(32)));
  });

  it('backs off from what cannot be verified for long', () => {
    const next = (minutes: number): number =>
      nextCheckAt(
        {
          digest: '00'.repeat(32),
          state: 'unverifiable',
          since: now - minutes * 60_000,
          validUntil: null,
          rests: [{ kind: 'document', fetchedAt: null, ttlMs: null }],
        },
        now,
        usualCheckRules,
      ) - now;
    expect([0, 10, 60, 1e6].map((minutes) => next(minutes) / 60_000)).toEqual([1, 10, 60, 1440]);
  });
});
