// What providers and their clusters say is shown, and moves nothing on the terminal of who reads it.
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { failureOf, failureText } from './failure.ts';
import { clean, show, tableOf } from './output.ts';
import type { Format } from './output.ts';

const hostile = 'no\u001b[2J\u001b]0;owned\u0007\u009b31m\rover\u202eabc';

const shown = async (format: Format, value: unknown): Promise<string> => {
  const parts: string[] = [];
  await show({ out: (text) => void parts.push(text) }, format, value, () => '');
  return parts.join('');
};

it('a refusal in the words of a provider moves no cursor, in none of its parts', () => {
  const problem = {
    type: 'urn:hanse:error:PROVIDER_REFUSED',
    title: 'The provider refuses',
    status: 409,
    code: 'PROVIDER_REFUSED',
    detail: `pa refuses this consumer: ${hostile}`,
    retry: 'never' as const,
    fix: hostile,
    place: { path: hostile },
    faults: [
      { message: hostile, place: { path: hostile } },
      { message: 'two', fix: hostile },
    ],
    request: 'r',
  };
  for (const faults of [[], problem.faults]) {
    const text = failureText(failureOf({ ...problem, faults }));
    expect(text).toMatch(/no.*over/);
    expect(text).not.toMatch(/[^\P{C}\n]/u);
  }
});

it('documents for programs hold every word as it is, and move no cursor either', async () => {
  for (const value of [{ name: hostile }, { 'over\u202eabc': ['\u009b31m', 'two\nlines\u200f'] }])
    for (const format of ['json', 'yaml'] as const) {
      const text = await shown(format, value);
      expect(text).not.toMatch(/[^\P{C}\n]/u);
      // JSON is YAML
      expect(parse(text)).toEqual(value);
    }
  expect(await shown('yaml', { name: 'Köln' })).toBe('name: Köln\n');
});

it('a name with a line of its own makes no other row', () => {
  expect(tableOf([{ name: 'a\nb\tc' }], [['NAME', ({ name }) => name]], '')).toBe('NAME\na b c\n');
});

it('what is no more than text stays as it is', () => {
  expect(clean('Köln, 東京,\n\tit’s fine')).toBe('Köln, 東京,\n\tit’s fine');
});
