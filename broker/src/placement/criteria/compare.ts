// How the value of a fact is held against the values of a criterion, by the fact's type.
import { labels } from '../../catalogue/index.ts';
import type { Fact, FactType } from '../../catalogue/index.ts';
import type { Criterion, Operator } from '../placement.ts';
import { kmBetween, readPoint } from './distance.ts';
import type { Point } from './distance.ts';

export type Matches = (value: Fact['value']) => boolean;

const unionCountries = 'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' ');
/** Groups of countries that a criterion may name. EEA: the Union with Iceland, Liechtenstein and Norway. */
const countryGroups: Readonly<Record<string, readonly string[]>> = { EU: unionCountries, EEA: [...unionCountries, 'IS', 'LI', 'NO'] };

/** The countries of a group; of any other value itself alone. */
export const membersOf = (value: string): readonly string[] => (Object.hasOwn(countryGroups, value) ? (countryGroups[value] ?? []) : [value]);

/** Types whose values lie in an order, so that there are more and less, from and to. */
export const isOrdered = (type: FactType): boolean => type === 'number' || type === 'version' || type === 'label' || type === 'position';

/** `8..64`: from and to, both of them in it. */
export function rangeIn(value: string): readonly [from: string, to: string] | null {
  const at = value.indexOf('..');
  return at === -1 ? null : [value.slice(0, at), value.slice(at + 2)];
}

/** Worked out once for each criterion; the answer is called for every cluster. */
export function matcher(criterion: Criterion, type: FactType): Matches {
  const order = orderingOf(criterion, type);
  if (criterion.operator === '=') return equalsAny(criterion.values, type, order);
  if (criterion.operator === '!=') {
    const equals = equalsAny(criterion.values, type, order);
    return (value) => !equals(value);
  }
  const bound = boundOf(criterion.values[0] ?? '', type);
  const holds = inOrder[criterion.operator];
  return (value) => {
    const found = order(value);
    return found !== null && bound !== null && holds(found, bound);
  };
}

const inOrder: Readonly<Record<Exclude<Operator, '=' | '!='>, (found: number, bound: number) => boolean>> = {
  '>=': (found, bound) => found >= bound,
  '<=': (found, bound) => found <= bound,
  '>': (found, bound) => found > bound,
  '<': (found, bound) => found < bound,
};

type Order = (value: Fact['value']) => number | null;

function equalsAny(values: readonly string[], type: FactType, order: Order): Matches {
  if (isOrdered(type)) return inAnyOf(values, type, order);
  const wanted = new Set((type === 'country' ? values.flatMap(membersOf) : values).map((value) => value.toLowerCase()));
  return (value) => wanted.has(typeof value === 'string' ? value.toLowerCase() : String(value));
}

function inAnyOf(values: readonly string[], type: FactType, order: Order): Matches {
  const single = new Set(values.flatMap((value) => (rangeIn(value) === null ? (boundOf(value, type) ?? []) : [])));
  const ranges = values.flatMap((value) => {
    const [from, to] = (rangeIn(value) ?? []).map((end) => boundOf(end, type));
    return from == null || to == null ? [] : [{ from, to }];
  });
  return (value) => {
    const found = order(value);
    return found !== null && (single.has(found) || ranges.some(({ from, to }) => found >= from && found <= to));
  };
}

/** What a criterion or a preference orders values by: a position by how far it is from the point that is named. */
export function orderingOf({ from }: { readonly from?: Point }, type: FactType): Order {
  if (type !== 'position') return (value) => orderOf(value, type);
  return (value) => {
    const there = typeof value === 'string' ? readPoint(value) : null;
    return there === null || from === undefined ? null : kmBetween(from, there);
  };
}

/** Of a value that stands in a criterion. Distances are numbers. */
export const boundOf = (value: string, type: FactType): number | null => orderOf(value, type === 'position' ? 'number' : type);

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
