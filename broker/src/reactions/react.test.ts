import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { after, type Change, react, type Situation } from './react.ts';
import { aboutOf, type Cause, isMoving, type Reaction, type Signal } from './reaction.ts';
import { type Rules, type Word, wordOf } from './rules.ts';

const rules: Rules = {
  holdSeconds: { unreachable: 60, circuit: 120, price: 300, proof: 300, cordoned: 0, draining: 0 },
  plansMax: 3,
  windowSeconds: 3600,
  shareMax: 0.5,
  againSeconds: 300,
};
const begin = Date.parse('2026-11-22T10:00:00Z');
const signal = (cause: Cause, provider: string): Signal => ({ cause, provider, application: null, found: `${provider}: ${cause}` });

/** Plays turns as the loop does: what is so at each of them, every five seconds. */
function play(turns: readonly (readonly Signal[])[], providers: readonly string[], options: Partial<Situation> & { word?: Word; seconds?: number } = {}) {
  const { word = 'act', seconds = 5, ...more } = options;
  const rows = new Map<string, Reaction>();
  const planned: { readonly at: number; readonly provider: string }[] = [];
  const history: { readonly at: number; readonly change: Change }[] = [];
  turns.forEach((signals, index) => {
    const now = begin + index * seconds * 1000;
    const open = [...rows.values()].filter(({ state }) => state !== 'over');
    const situation: Situation = {
      now,
      signals,
      open,
      plannedAt: planned.map(({ at }) => at),
      providers,
      isHomeSilent: false,
      wordOf: () => word,
      endOf: () => null,
      ...more,
    };
    for (const change of react(situation, rules)) {
      history.push({ at: now, change });
      const row = after(change, { id: change.kind === 'see' ? `r${history.length}` : change.reaction.id, now });
      rows.set(row.id, isMoving(row) ? { ...row, operation: `op-${row.id}` } : row);
      if (change.kind === 'turn' && isMoving(change)) planned.push({ at: now, provider: change.reaction.provider });
    }
  });
  return { rows: [...rows.values()], planned, history };
}

const providers = ['pa', 'pb', 'pc', 'pd', 'pe'];
const causeOf = fc.constantFrom<Cause>('unreachable', 'circuit', 'price', 'proof', 'cordoned', 'draining');
/** For each turn, what is so. */
const timelines = fc.array(
  fc.uniqueArray(
    fc.record({ cause: causeOf, provider: fc.constantFrom(...providers) }).map(({ cause, provider }) => signal(cause, provider)),
    { selector: aboutOf, maxLength: 12 },
  ),
  { maxLength: 120 },
);
/** The same, but things last. */
const lasting = fc
  .array(fc.record({ cause: causeOf, provider: fc.constantFrom(...providers), from: fc.nat(100), turns: fc.integer({ min: 1, max: 200 }) }), { maxLength: 15 })
  .map((spans) =>
    Array.from({ length: 200 }, (_, turn) => {
      const now = spans.filter(({ from, turns }) => turn >= from && turn < from + turns).map(({ cause, provider }) => signal(cause, provider));
      return [...new Map(now.map((one) => [aboutOf(one), one])).values()];
    }),
  );

describe('a false alarm', () => {
  it('empties nobody: what did not hold for its whole time makes no plan', () => {
    fc.assert(
      fc.property(fc.oneof(timelines, lasting), (turns) => {
        const { history } = play(turns, providers);
        for (const { at, change } of history) {
          if (change.kind !== 'turn' || !isMoving(change)) continue;
          const { cause } = change.reaction;
          const last = (at - begin) / 5000;
          const first = Math.ceil(last - rules.holdSeconds[cause] / 5);
          for (let turn = first; turn <= last; turn += 1) expect((turns[turn] ?? []).map(aboutOf)).toContain(aboutOf(change.reaction));
        }
      }),
    );
  });

  it('that passes leaves a row that is over, and no plan', () => {
    const { rows, planned } = play([...Array.from({ length: 11 }, () => [signal('unreachable', 'pa')]), []], providers);
    expect(planned).toEqual([]);
    expect(rows).toMatchObject([{ state: 'over', overAt: '2026-11-22T10:00:55.000Z', operation: null }]);
  });

  it('is what most providers at once are: then none is left, however long it lasts', () => {
    const all = ['pa', 'pb', 'pc'].map((provider) => signal('unreachable', provider));
    const { rows, planned } = play(
      Array.from({ length: 100 }, () => all),
      providers,
    );
    expect(planned).toEqual([]);
    expect(rows.map(({ state, because }) => [state, because[0]])).toEqual(
      all.map(() => ['heldBack', '3 of 5 providers became silent at once: it is our own network rather than theirs.']),
    );
  });

  it('is what a silence of home makes of the silence of others', () => {
    const { planned } = play(
      Array.from({ length: 100 }, () => [signal('unreachable', 'pa')]),
      providers,
      { isHomeSilent: true },
    );
    expect(planned).toEqual([]);
  });
});

describe('limits', () => {
  it('hold in every window and at every moment, whatever the policy says', () => {
    fc.assert(
      fc.property(fc.oneof(timelines, lasting), fc.constantFrom<Word>('act', 'ask'), (turns, word) => {
        const { planned } = play(turns, providers, { word });
        for (const { at } of planned) {
          const within = planned.filter((other) => other.at > at - rules.windowSeconds * 1000 && other.at <= at);
          expect(within.length).toBeLessThanOrEqual(rules.plansMax);
        }
        // nothing ends here, so every provider that was planned for is still being left, unless its cause passed while it was asked
        if (word === 'act') expect(new Set(planned.map(({ provider }) => provider)).size).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('let one go on when another has ended, within the pace', () => {
    const long = (provider: string) => signal('draining', provider);
    const turns = Array.from({ length: 4 }, () => ['pa', 'pb', 'pc'].map(long));
    expect(play(turns, providers).planned.map(({ provider }) => provider)).toEqual(['pa', 'pb']);
    const ended = play(turns, providers, { endOf: () => 'done' });
    expect(ended.planned.map(({ provider }) => provider)).toEqual(['pa', 'pb', 'pc']);
    expect(ended.rows.map(({ state }) => state)).toEqual(['warned', 'warned', 'acting']);
  });

  it('never plan twice for one cause, also when the plan ended badly', () => {
    const { planned, rows } = play(
      Array.from({ length: 300 }, () => [signal('draining', 'pa')]),
      providers,
      { endOf: () => 'failed' },
    );
    expect(planned).toHaveLength(1);
    expect(rows).toMatchObject([{ state: 'refused', because: ['Its plan ended: failed.'] }]);
  });

  it('leave one provider alone that is being left for another cause', () => {
    const { planned, rows } = play(
      Array.from({ length: 100 }, () => [signal('draining', 'pa'), signal('unreachable', 'pa')]),
      providers,
    );
    expect(planned).toHaveLength(1);
    expect(rows.find(({ cause }) => cause === 'unreachable')).toMatchObject({ state: 'heldBack', because: ['pa is being left already.'] });
  });
});

describe('the word of the policies', () => {
  it('is asked of a person where nobody says anything or they differ, and a cordon moves nothing', () => {
    expect(wordOf('unreachable', [])).toBe('ask');
    expect(wordOf('unreachable', [{ unreachable: 'act' }])).toBe('act');
    expect(wordOf('unreachable', [{ unreachable: 'act' }, {}])).toBe('ask');
    expect(wordOf('price', [{ price: 'warn' }, { price: 'warn' }])).toBe('warn');
    expect(wordOf('price', [{ price: 'warn' }, { price: 'act' }])).toBe('ask');
    expect(wordOf('cordoned', [{ unreachable: 'act' }])).toBe('warn');
  });

  it('closes a provider where it is forbid: nothing is planned, and it opens when the proof is there again', () => {
    const turns = Array.from({ length: 62 }, () => [signal('proof', 'pa')]);
    const during = play(turns, providers, { word: 'forbid' });
    expect(during.planned).toEqual([]);
    expect(during.rows).toMatchObject([{ state: 'closed', because: ['The policy says: forbid.'] }]);
    expect(play([...turns, []], providers, { word: 'forbid' }).rows).toMatchObject([{ state: 'over' }]);
  });

  it('is told where it is warn, and nothing is planned', () => {
    const { rows, planned } = play(
      Array.from({ length: 30 }, () => [signal('unreachable', 'pa')]),
      providers,
      { word: 'warn' },
    );
    expect(planned).toEqual([]);
    expect(rows).toMatchObject([{ state: 'warned', because: ['The policy says: warn.'] }]);
  });
});
