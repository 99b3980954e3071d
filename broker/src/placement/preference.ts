// The words of `--prefer`: `price`, `cpu.cores:highest`, `price:lowest*3`, `distance(52.37,4.9)`, and criteria: `country=DE`, `label>=L2*3`.
import { HanseError } from '../errors.ts';
import { isOrdered } from './criteria/compare.ts';
import { factIn, parseCriterion, printCriterion, printFact } from './criterion.ts';
import type { Preference } from './placement.ts';

const charactersMax = 500;
const weighted = /^([^*]*)\*\s*(\d{1,4}(?:\.\d{1,4})?)$/s;
const shape = /^([A-Za-z][A-Za-z0-9.]*(?:\([^()]*\))?)\s*(?::\s*(lowest|highest))?$/;

/** INVALID_REQUEST names the place and the remedy. */
export function parsePreference(text: string): Preference {
  const [, before = text.trim(), weightText = '1'] = weighted.exec(text.trim()) ?? [];
  const weight = Number(weightText);
  if (weight <= 0) throw refused(text, 'its weight is 0', 'Leave the preference away, or give it a weight above 0.');
  if (/[=<>]/.test(before) && !before.includes('*')) {
    const wish = parseCriterion(before.trim());
    return { fact: wish.fact, wish, weight };
  }
  const parts = shape.exec(before.trim().slice(0, charactersMax));
  if (parts?.[1] === undefined)
    throw refused(
      text,
      'it is not FACT, FACT:lowest, FACT:highest or a criterion, with *WEIGHT behind it where it counts more',
      'Write for example price, cpu.cores:highest*2 or country=DE*3.',
    );
  const { fact, meaning, from } = factIn(text, parts[1]);
  const direction = parts[2] === 'lowest' || parts[2] === 'highest' ? parts[2] : meaning.better;
  if (!isOrdered(meaning.type) || direction === undefined)
    throw refused(text, `${fact} has no order`, `Prefer some of its values, ${fact}=VALUE, or a fact that is a number, a version or the label.`);
  return { fact, ...(from !== undefined && { from }), direction, weight };
}

export const printPreference = (preference: Preference): string => {
  const { weight } = preference;
  const printed = 'wish' in preference ? printCriterion(preference.wish) : `${printFact(preference)}:${preference.direction}`;
  return `${printed}${weight === 1 ? '' : `*${weight}`}`;
};

const refused = (text: string, why: string, fix: string): HanseError =>
  new HanseError('INVALID_REQUEST', `The preference "${text.slice(0, charactersMax)}" cannot be read: ${why}.`, {
    fix,
    place: { path: text.slice(0, charactersMax) },
  });
