// The values of a criterion: what can stand there for a fact of a type, in which units, and between which bounds.
import { labels } from '../../catalogue/index.ts';
import type { FactMeaning } from '../../catalogue/index.ts';
import { nearestWord } from '../nearestWord.ts';
import { boundOf, isOrdered, rangeIn } from './compare.ts';
import { farthestKm } from './distance.ts';
import { amountIn, converted, unitsOf } from './units.ts';

/** Why a text cannot be a value, and what to write instead. */
export type Unfit = { readonly why: string; readonly fix: string };

/** As a criterion keeps it. */
export type Read = { readonly value: string } | Unfit;

/** No comma, no @, no control characters: a value can always be printed and read again. */
const shape = /^[A-Za-z0-9](?:[A-Za-z0-9 ._:/+#()-]{0,98}[A-Za-z0-9.)+#])?$/;

/** Whether a value can stand in a criterion as it is. */
export const isWritable = (value: string): boolean => shape.test(value);

type Of = { readonly name: string; readonly meaning: FactMeaning };

/** One value, or a range of two where values have an order. */
export function readValue(text: string, of: Of): Read {
  if (text === '') return { why: `${of.name} has an empty value`, fix: expectation(of) };
  const ends = isOrdered(of.meaning.type) ? rangeIn(text) : null;
  if (ends === null) return readOne(text, of);
  const [from, to] = withOneUnit(ends).map((end) => readOne(end.trim(), of));
  if (from === undefined || to === undefined) return { why: `"${shown(text)}" is no range`, fix: expectation(of) };
  if (!('value' in from)) return from;
  if (!('value' in to)) return to;
  if ((boundOf(from.value, of.meaning.type) ?? 0) > (boundOf(to.value, of.meaning.type) ?? 0))
    return { why: `the range ${shown(text)} runs backwards, so nothing lies in it`, fix: `Write ${to.value}..${from.value}.` };
  return { value: `${from.value}..${to.value}` };
}

/** `64..128GiB`: the unit of the last is that of both. */
function withOneUnit([from, to]: readonly [string, string]): readonly [string, string] {
  const [lower, upper] = [amountIn(from.trim()), amountIn(to.trim())];
  return lower === null || upper === null || lower.unit !== '' ? [from, to] : [`${lower.digits}${upper.unit}`, to];
}

function readOne(text: string, of: Of): Read {
  const { name, meaning } = of;
  if (meaning.type === 'number' || meaning.type === 'position') return readAmount(text, of);
  const normal = meaning.type === 'country' || meaning.type === 'label' ? text.toUpperCase() : meaning.type === 'boolean' ? text.toLowerCase() : text;
  if (isWritable(normal) && isOfType(normal, meaning.type)) return { value: normal };
  return { why: text === '' ? `${name} has an empty value` : `"${shown(text)}" cannot be a value of ${name}`, fix: expectation(of) };
}

function readAmount(text: string, of: Of): Read {
  const { name, meaning } = of;
  const amount = amountIn(text);
  const unfit = (why: string): Unfit => ({ why, fix: expectation(of) });
  if (amount === null) return unfit(text === '' ? `${name} has an empty value` : `"${shown(text)}" cannot be a value of ${name}`);
  if (amount.unit !== '' && !Object.hasOwn(unitsOf(name, meaning), amount.unit)) return unfit(unitFault(amount.unit, of));
  const scale = unitsOf(name, meaning)[amount.unit];
  const value = scale === undefined ? amount.digits : converted(amount, scale);
  const { least, most } = boundsOf(meaning);
  return Number(value) < least || Number(value) > most ? unfit(`${shown(text)} is impossible: ${boundsText(of)}`) : { value };
}

function unitFault(unit: string, { name, meaning }: Of): string {
  const units = Object.keys(unitsOf(name, meaning));
  if (units.length === 0) return `"${shown(unit)}" is a unit, and ${name} is a number without one`;
  const nearest = units.find((each) => each.toLowerCase() === unit.toLowerCase()) ?? nearestWord(unit, units);
  return `"${shown(unit)}" is no unit of ${name}${nearest === null ? '' : `; the nearest is ${nearest}`}`;
}

/** Facts are below 10^15 (catalogue/facts). */
export const numbersEnd = 1e15;

export const boundsOf = ({ type, least = 0, most }: Pick<FactMeaning, 'type' | 'least' | 'most'>): { readonly least: number; readonly most: number } => ({
  least,
  most: most ?? (type === 'position' ? farthestKm : numbersEnd),
});

/** What values there can be, as a sentence tells it. */
export function boundsText({ name, meaning }: Of): string {
  switch (meaning.type) {
    case 'number': {
      const { least, most } = boundsOf(meaning);
      return `${name} is ${most === numbersEnd ? `${least} or more` : `from ${least} to ${most}`}`;
    }
    case 'position':
      return `a distance is from 0 to ${farthestKm} km`;
    case 'label':
      return `${name} is one of ${labels.join(', ')}, the lowest first`;
    case 'version':
      return `${name} is 0 or more`;
    default:
      return `${name} is ${meaning.type === 'boolean' ? 'true or false' : 'one value'}`;
  }
}

const isOfType = (value: string, type: FactMeaning['type']): boolean => {
  switch (type) {
    case 'country':
      return /^([A-Z]{2}|EEA)$/.test(value);
    case 'boolean':
      return value === 'true' || value === 'false';
    case 'version':
      return /^\d{1,5}(\.\d{1,5}){0,2}$/.test(value);
    case 'label':
      return labels.some((label) => label === value);
    default:
      return true;
  }
};

function expectation({ name, meaning }: Of): string {
  switch (meaning.type) {
    case 'country':
      return 'Write countries as two letters (ISO 3166-1), or EU or EEA.';
    case 'number':
    case 'position': {
      const units = Object.keys(unitsOf(name, meaning));
      const bounds = meaning.most === undefined ? '' : ` from ${meaning.least ?? 0} to ${meaning.most}`;
      return `Write a number such as ${meaning.type === 'position' ? '500' : '4 or 0.05'}${bounds}, or a range such as 8..64${units.length === 0 ? '' : `; its units are ${units.join(', ')}`}.`;
    }
    case 'boolean':
      return 'Write true or false.';
    case 'version':
      return 'Write a version such as 1.33 or 1.33.2, or a range such as 1.33..1.35.';
    case 'label':
      return `Write one of ${labels.join(', ')}.`;
    case 'text':
      return 'Write values of letters, digits, spaces and . _ : / + # ( ) -, separated by commas.';
  }
}

const shown = (text: string): string => text.slice(0, 60);
