// Whether anything can satisfy several criteria at once. Between any two bounds all values are alike, so one of each stretch is asked: nothing is guessed.
import { factTable, labels } from '../../catalogue/index.ts';
import type { Fact, FactMeaning } from '../../catalogue/index.ts';
import type { Criterion } from '../placement.ts';
import { boundOf, matcher, membersOf, rangeIn } from './compare.ts';
import type { Matches } from './compare.ts';
import { kmBetween, printPoint } from './distance.ts';
import type { Point } from './distance.ts';
import { boundsOf, numbersEnd } from './values.ts';

/** The first criterion that cannot hold with those before it, and which of them; null: all can hold at once. */
export function firstContradiction(criteria: readonly Criterion[]): { readonly index: number; readonly others: readonly Criterion[] } | null {
  for (const [index, criterion] of criteria.entries()) {
    const before = criteria.slice(0, index).filter(({ fact }) => fact === criterion.fact);
    if (canHold([...before, criterion])) continue;
    const one = before.find((other) => !canHold([other, criterion]));
    return { index, others: !canHold([criterion]) ? [] : one === undefined ? before : [one] };
  }
  return null;
}

/** Of criteria over the same fact: whether there are statements that satisfy them all. */
function canHold(criteria: readonly Criterion[]): boolean {
  const meaning = factTable[criteria[0]?.fact ?? ''];
  if (meaning === undefined) return true;
  const asked = criteria.map((criterion): Asked => ({
    criterion,
    matches: matchesOf(criterion, meaning),
    isAll: meaning.combine === 'all' || criterion.operator === '!=',
  }));
  const values = meaning.type === 'position' ? [] : witnesses(criteria, meaning);
  const some = (those: readonly Asked[]): boolean =>
    meaning.type === 'position' ? isSomewhere(those.map(({ criterion }) => criterion)) : values.some((value) => those.every(({ matches }) => matches(value)));
  // what is measured stands beside the order: it is counted where it is asked for, and where nothing is
  const isOf = (measured: boolean) => (one: Asked) => one.criterion.assurance === undefined || (one.criterion.assurance === 'measured') === measured;
  const [told, measured] = [asked.filter(isOf(false)), asked.filter(isOf(true))].map((those) => {
    const all = those.filter(({ isAll }) => isAll);
    return { holds: (one: Asked) => those.includes(one) && some(all.includes(one) ? all : [...all, one]) };
  });
  return asked.every((one) => told?.holds(one) === true || measured?.holds(one) === true);
}

type Asked = { readonly criterion: Criterion; readonly matches: Matches; /** Every statement that counts has to satisfy it. */ readonly isAll: boolean };

const matchesOf = (criterion: Criterion, { type }: FactMeaning): Matches => matcher(criterion, type);

/** A value of every stretch that the criteria tell apart. */
function witnesses(criteria: readonly Criterion[], meaning: FactMeaning): readonly Fact['value'][] {
  const mentioned = criteria.flatMap(({ values }) => values);
  switch (meaning.type) {
    case 'boolean':
      return [true, false];
    case 'label':
      return labels;
    case 'version':
      return mentioned.flatMap((value) => (rangeIn(value) ?? [value]).flatMap(versionsAround));
    case 'country':
      return [...mentioned.flatMap(membersOf), unheardOf];
    case 'text':
      return [...mentioned, unheardOf];
    default:
      return numbersAround(mentioned, meaning);
  }
}

/** What nobody can write: any value that is not named. */
const unheardOf = '\0';

function numbersAround(mentioned: readonly string[], meaning: Pick<FactMeaning, 'type' | 'least' | 'most'>): readonly number[] {
  const { ends, between } = stretchesOf(mentioned, meaning);
  return [...ends, ...between].filter((value) => value < numbersEnd);
}

/** The bounds that are mentioned, with the first and the last that there can be; and a number between each and the next. */
function stretchesOf(mentioned: readonly string[], meaning: Pick<FactMeaning, 'type' | 'least' | 'most'>) {
  const { least, most } = boundsOf(meaning);
  const bounds = mentioned.flatMap((value) => (rangeIn(value) ?? [value]).flatMap((end) => boundOf(end, meaning.type) ?? []));
  const ends = [...new Set([least, ...bounds, most])].filter((end) => end >= least && end <= most).toSorted((left, right) => left - right);
  return { ends, between: ends.slice(1).map((end, index) => ((ends[index] ?? 0) + end) / 2) };
}

const part = 100_000;

/** It, and the versions right before and after. */
function versionsAround(version: string): readonly string[] {
  const order = boundOf(version, 'version') ?? 0;
  return [order - 1, order, order + 1].flatMap((at) =>
    at < 0 || at >= part ** 3 ? [] : [`${Math.floor(at / part ** 2)}.${Math.floor(at / part) % part}.${at % part}`],
  );
}

/** Of distances from the same point each stretch is asked; of two points, whether their rings can meet. Three that only meet two by two are not found out. */
function isSomewhere(criteria: readonly Criterion[]): boolean {
  const points = [...new Map(criteria.flatMap(({ from }) => (from === undefined ? [] : [[printPoint(from), from] as const])))];
  const rings = points.map(([name, from]) => ({ from, ...ringOf(criteria.filter((one) => one.from !== undefined && printPoint(one.from) === name)) }));
  return rings.every((one, index) => one.nearest <= one.farthest && rings.slice(0, index).every((other) => meet(one, other)));
}

type Ring = { readonly nearest: number; readonly farthest: number };

/** The least and the greatest distance that satisfies all of them; a bound that is itself left out counts. Nothing does: the least is greater. */
function ringOf(criteria: readonly Criterion[]): Ring {
  const { ends, between } = stretchesOf(
    criteria.flatMap(({ values }) => values),
    { type: 'position' },
  );
  const tests = criteria.map((criterion) => matcher(criterion, 'number'));
  const holds = (km: number): boolean => tests.every((test) => test(km));
  const held = [...ends.filter(holds), ...between.flatMap((km, index) => (holds(km) ? [ends[index] ?? 0, ends[index + 1] ?? 0] : []))];
  return { nearest: Math.min(...held), farthest: Math.max(...held) };
}

type Placed = Ring & { readonly from: Point };

const meet = (one: Placed, other: Placed): boolean => {
  const apart = kmBetween(one.from, other.from);
  return one.farthest + other.farthest + slackKm >= apart && one.nearest - other.farthest - slackKm <= apart && other.nearest - one.farthest - slackKm <= apart;
};

/** Distances are rounded to the metre. */
const slackKm = 0.01;
