import fc from 'fast-check';
import { expect, test } from 'vitest';
import { issueDemoCredentials } from '../../../test/fixtures/issueCredentials.ts';
import { judge, offeringsOf, policyOf } from './index.ts';
import { tiedTogether, wordsOf } from './words.ts';

const at = Date.parse('2026-11-22T08:00:00Z');

test('what is judged apart from what it is not tied to says the same', () => {
  const { files, issuers } = issueDemoCredentials(at);
  const policy = policyOf({ issuers });
  const made = (texts: readonly string[]) => {
    const { offerings, rejected } = offeringsOf(
      texts.map((text) => judge(text, new Map(), policy, new Date(at).toISOString())),
      policy,
    );
    return { offerings, rejected };
  };
  const groups = tiedTogether(Object.values(files).map((text) => ({ text, words: wordsOf(text) })));
  expect(groups.length).toBeGreaterThan(1);
  const apart = groups.map((group) => made(group.map(({ text }) => text)));
  const whole = made(Object.values(files));
  expect(apart.flatMap(({ offerings }) => offerings).toSorted((left, right) => (left.id < right.id ? -1 : 1))).toEqual(whole.offerings);
  expect(apart.flatMap(({ rejected }) => rejected)).toEqual(whole.rejected);
});

test('no group shares a word with another, and none can be parted', () => {
  const items = fc.array(fc.record({ words: fc.array(fc.integer({ min: 0, max: 15 }).map(String), { maxLength: 3 }) }), { maxLength: 30 });
  fc.assert(
    fc.property(items, (given) => {
      const groups = tiedTogether(given);
      expect(groups.flat().length).toBe(given.length);
      const words = groups.map((group) => new Set(group.flatMap((each) => each.words)));
      for (const [index, own] of words.entries()) for (const other of words.slice(index + 1)) expect([...own].filter((word) => other.has(word))).toEqual([]);
      for (const group of groups) {
        const reached = new Set(group[0]?.words);
        for (let size = -1; size !== reached.size;) {
          size = reached.size;
          const touching = group.filter((each) => each.words.some((word) => reached.has(word)));
          for (const word of touching.flatMap((each) => each.words)) reached.add(word);
        }
        expect(group.every((each) => group.length === 1 || each.words.some((word) => reached.has(word)))).toBe(true);
      }
    }),
  );
});
