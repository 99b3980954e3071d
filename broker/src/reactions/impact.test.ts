import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aCluster, aFact } from '../../../test/fixtures/worlds.ts';
import { type Around, impacts, type Resting, type State } from './impact.ts';
import type { Reaction } from './reaction.ts';

const digest = (letter: string): string => letter.repeat(64);
const state = (letter: string, more: Partial<State> = {}): [string, State] => [
  digest(letter),
  { digest: digest(letter), state: 'active', since: '2026-11-22T10:00:00.000Z', until: null, why: null, successor: null, ...more },
];
const rest = (more: Partial<Resting> = {}): Resting => ({
  application: 'shop',
  cluster: 'pa',
  criterion: 'country=NL',
  credential: digest('a'),
  word: null,
  ...more,
});
const pa = (credential: string | null) => aCluster('pa', { facts: credential === null ? [] : [aFact('country', 'NL', { credential: digest(credential) })] });
const around = (more: Partial<Around> = {}): Around => ({ states: new Map([state('a')]), clusters: [pa('a')], reactions: [], all: false, ...more });

describe('what runs on a lapsed proof', () => {
  it('is nothing where every proof is good, and everything that rests on one where that is asked', () => {
    expect(impacts([rest()], around())).toEqual([]);
    expect(impacts([rest()], around({ all: true }))).toMatchObject([{ application: 'shop', provider: 'pa', state: 'active', holds: true }]);
  });

  it('is told with the criterion, the credential and why, and what its policy asks', () => {
    const states = new Map([state('a', { state: 'revoked', why: 'status failed: its issuer has revoked it' })]);
    const [found] = impacts([rest({ word: 'act' })], around({ states, clusters: [pa(null)] }));
    expect(found).toMatchObject({ criterion: 'country=NL', credential: digest('a'), state: 'revoked', holds: false, found: 'unknown', plan: { word: 'act' } });
    expect(found?.why).toContain('revoked');
  });

  it('is one that ends soon while it still holds', () => {
    const states = new Map([state('a', { state: 'expiring', until: '2026-11-30T00:00:00.000Z' })]);
    expect(impacts([rest()], around({ states }))).toMatchObject([{ state: 'expiring', holds: true, until: '2026-11-30T00:00:00.000Z', plan: { word: 'ask' } }]);
  });

  it('is not what was issued anew, but it is what was issued anew and then lapsed', () => {
    const renewed = state('a', { state: 'deprecated', successor: digest('b') });
    expect(impacts([rest()], around({ states: new Map([renewed, state('b')]), clusters: [pa('b')] }))).toEqual([]);
    const lapsed = new Map([renewed, state('b', { state: 'revoked' })]);
    expect(impacts([rest()], around({ states: lapsed, clusters: [pa(null)] }))).toMatchObject([{ credential: digest('b'), state: 'revoked', holds: false }]);
    const ending = new Map([renewed, state('b', { state: 'expiring' })]);
    expect(impacts([rest()], around({ states: ending, clusters: [pa('b')] }))).toMatchObject([{ credential: digest('b'), state: 'expiring', holds: true }]);
  });

  it('is what no source gives any more, and what names a fact that is no longer known', () => {
    expect(impacts([rest()], around({ states: new Map(), clusters: [pa(null)] }))).toMatchObject([{ state: 'gone', holds: false }]);
    expect(impacts([rest({ criterion: 'colour=blue' })], around())).toMatchObject([{ holds: false, found: 'unknown' }]);
  });

  it('says what came of it', () => {
    const reaction: Reaction = {
      id: 're-1',
      cause: 'proof',
      provider: 'pa',
      application: 'shop',
      found: '',
      state: 'asking',
      because: [],
      since: '',
      holdUntil: '',
      decidedAt: null,
      overAt: null,
      operation: 'op-1',
    };
    const lapsed = around({ states: new Map([state('a', { state: 'expired' })]), clusters: [pa(null)], reactions: [reaction] });
    expect(impacts([rest(), rest({ application: 'other' })], lapsed).map(({ plan }) => plan)).toEqual([
      { word: 'ask', state: 'asking', operation: 'op-1' },
      { word: 'ask', state: null, operation: null },
    ]);
  });

  it('is found whatever lines of successors there are, also in circles: all that does not hold, and nothing that holds by a good proof', () => {
    const letters = ['a', 'b', 'c', 'd'] as const;
    const letter = fc.constantFrom(...letters);
    const anyState = fc.record({ state: fc.constantFrom<State['state']>('active', 'deprecated', 'revoked', 'unverifiable'), next: fc.option(letter) });
    fc.assert(
      fc.property(fc.tuple(anyState, anyState, anyState, anyState), fc.option(letter), letter, (all, shown, on) => {
        const states = new Map(all.map(({ state: is, next }, at) => state(letters[at] ?? 'a', { state: is, successor: next === null ? null : digest(next) })));
        const listed = impacts([rest({ credential: digest(on) })], around({ states, clusters: [pa(shown)] }));
        if (shown === null) expect(listed).toMatchObject([{ holds: false }]);
        else expect(listed.length).toBe(states.get(digest(shown))?.state === 'active' ? 0 : 1);
      }),
    );
  });
});
