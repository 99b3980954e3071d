// How the value of a fact is held against the values of a criterion, by the fact's type.
import { labels } from '../../catalogue/index.ts';
import type { Fact, FactType } from '../../catalogue/index.ts';
import type { Criterion, Operator } from '../placement.ts';

export type Matches = (value: Fact['value']) => boolean;

const unionCountries = 'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' ');
/** Groups of countries that a criterion may name. EEA: the Union with Iceland, Liechtenstein and Norway. */
const countryGroups: Readonly<Record<string, readonly string[]>> = { EU: unionCountries, EEA: [...unionCountries, 'IS', 'LI', 'NO'] };

export const isGroup = (value: string): boolean => Object.hasOwn(countryGroups, value);

/** Worked out once for each criterion; the answer is called for every cluster. */
export function matcher(criterion: Criterion, type: FactType): Matches {
  if (criterion.operator === '=') return equalsAny(criterion.values, type);
  if (criterion.operator === '!=') {
    const equals = equalsAny(criterion.values, type);
    return (value) => !equals(value);
  }
  const bound = orderOf(criterion.values[0] ?? '', type);
  const holds = inOrder[criterion.operator];
  return (value) => {
    const found = orderOf(value, type);
    return found !== null && bound !== null && holds(found, bound);
  };
}

const inOrder: Readonly<Record<Exclude<Operator, '=' | '!='>, (found: number, bound: number) => boolean>> = {
  '>=': (found, bound) => found >= bound,
  '<=': (found, bound) => found <= bound,
  '>': (found, bound) => found > bound,
  '<': (found, bound) => found < bound,
};

function equalsAny(values: readonly string[], type: FactType): Matches {
  if (type === 'number' || type === 'version') {
    const orders = new Set(values.map((value) => orderOf(value, type)));
    return (value) => {
      const found = orderOf(value, type);
      return found !== null && orders.has(found);
    };
  }
  const wanted = new Set(values.flatMap((value) => (type === 'country' ? (countryGroups[value] ?? [value]) : [value])).map((value) => value.toLowerCase()));
  return (value) => wanted.has(typeof value === 'string' ? value.toLowerCase() : String(value));
}

/** A number by which values of this type are ordered; null: they are not. A version counts three parts of at most five digits, the missing ones as 0. */
export function orderOf(value: Fact['value'], type: FactType): number | null {
  if (type === 'label') {
    const index = labels.findIndex((label) => label === value);
    return index === -1 ? null : index;
  }
  if (type === 'version') return versionOrder(String(value));
  const number = typeof value === 'number' ? value : type === 'number' && typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

/** `v1.33.2+k3s1` counts as 1.33.2. Parts below 100,000: exact in a double. */
const versionOrder = (text: string): number | null => {
  const parts = /^v?(\d{1,5})(?:\.(\d{1,5}))?(?:\.(\d{1,5}))?/.exec(text);
  if (parts === null) return null;
  return (Number(parts[1]) * 100_000 + Number(parts[2] ?? 0)) * 100_000 + Number(parts[3] ?? 0);
};
