// The words of `--where` and of policies: `country=DE,NL`, `label>=L1@certified`, `gpu.count>=4`.
import { assurances, factTable, labels } from '../catalogue/index.ts';
import type { Assurance, FactMeaning } from '../catalogue/index.ts';
import { HanseError } from '../errors.ts';
import { isGroup, matcher, orderOf } from './criteria/compare.ts';
import { nearestWord } from './nearestWord.ts';
import type { Criterion, Operator } from './placement.ts';

const charactersMax = 500;
const valuesMax = 50;
const shape = /^([^=!<>@]*?)(!=|>=|<=|=|>|<)([^@]*)(?:@(.*))?$/s;
/** No comma, no @, no control characters: a value can always be printed and read again. */
const valueShape = /^[A-Za-z0-9](?:[A-Za-z0-9 ._:/+#()-]{0,98}[A-Za-z0-9.)+#])?$/;
const anyAssurance: readonly Assurance[] = [...assurances, 'measured'];

/** INVALID_REQUEST names the place in the text and the remedy. */
export function parseCriterion(text: string): Criterion {
  if (text.length > charactersMax) throw refused(`${text.slice(0, 60)}…`, `it is longer than ${charactersMax} characters`, 'Split it into several criteria.');
  const parts = shape.exec(text.trim());
  if (parts === null) throw refused(text, 'it has no operator', 'Write FACT OPERATOR VALUE, for example country=DE,NL or gpu.count>=4.');
  const fact = (parts[1] ?? '').trim();
  const meaning = meaningOf(text, fact);
  const operator = operatorOf(parts[2]);
  const values = valuesOf(text, { fact, meaning, operator, list: parts[3] ?? '' });
  return parts[4] === undefined ? { fact, operator, values } : { fact, operator, values, assurance: assuranceOf(text, parts[4].trim()) };
}

/** All of them together: INVALID_REQUEST also where no offer could satisfy two of them at once. */
export function parseCriteria(texts: readonly string[]): Criterion[] {
  const criteria = texts.map(parseCriterion);
  for (const [index, criterion] of criteria.entries()) {
    const before = criteria.slice(0, index).find((other) => excludes(criterion, other));
    if (before !== undefined)
      throw refused(
        texts[index] ?? '',
        `together with ${printCriterion(before)} nothing can satisfy it`,
        `Leave one of the two away, or widen it until both can hold.`,
      );
  }
  return criteria;
}

/** Whether no statement satisfies both. Of facts of which any statement is enough, two may; of another assurance, another may be counted. */
function excludes(left: Criterion, right: Criterion): boolean {
  if (left.fact !== right.fact || left.assurance !== right.assurance || factTable[left.fact]?.combine !== 'all') return false;
  const type = factTable[left.fact]?.type ?? 'text';
  const [one, other] = [matcher(left, type), matcher(right, type)];
  if (left.operator === '=' && !left.values.some((value) => isGroup(value) || other(value))) return true;
  if (right.operator === '=' && !right.values.some((value) => isGroup(value) || one(value))) return true;
  return left.operator.startsWith('>') ? isEmpty(left, right, type) : isEmpty(right, left, type);
}

/** Whether nothing lies between the two bounds. */
function isEmpty(lower: Criterion, upper: Criterion, type: FactMeaning['type']): boolean {
  if (!lower.operator.startsWith('>') || !upper.operator.startsWith('<')) return false;
  const [from, to] = [orderOf(lower.values[0] ?? '', type), orderOf(upper.values[0] ?? '', type)];
  if (from === null || to === null) return false;
  return from > to || (from === to && (lower.operator === '>' || upper.operator === '<'));
}

/** INVALID_REQUEST for a word that is no fact. */
export const factNamed = (fact: string): FactMeaning => meaningOf(fact, fact);

export const printCriterion = ({ fact, operator, values, assurance }: Criterion): string =>
  `${fact}${operator}${values.join(',')}${assurance === undefined ? '' : `@${assurance}`}`;

/** Whether a value can stand in a criterion as it is. */
export const isWritable = (value: string): boolean => valueShape.test(value);

export const meaningOf = (text: string, fact: string): FactMeaning => {
  const meaning = Object.hasOwn(factTable, fact) ? factTable[fact] : undefined;
  if (meaning !== undefined) return meaning;
  const nearest = nearestWord(fact, Object.keys(factTable));
  throw refused(
    text,
    `there is no fact called "${fact}"`,
    `${nearest === null ? '' : `Did you mean ${nearest}? `}The facts are ${Object.keys(factTable).join(', ')}.`,
  );
};

const operatorOf = (text: string | undefined): Operator => {
  switch (text) {
    case '!=':
    case '>=':
    case '<=':
    case '>':
    case '<':
      return text;
    default:
      return '=';
  }
};

type Right = { readonly fact: string; readonly meaning: FactMeaning; readonly operator: Operator; readonly list: string };

function valuesOf(text: string, { fact, meaning, operator, list }: Right): string[] {
  const isOrder = operator !== '=' && operator !== '!=';
  if (isOrder && !['number', 'version', 'label'].includes(meaning.type))
    throw refused(text, `${fact} has no order`, `Use ${fact}= or ${fact}!= with the values you accept.`);
  const values = list.split(',').map((value) => valueOf(text, { fact, meaning, value: value.trim() }));
  if (values.length > valuesMax) throw refused(text, `it has more than ${valuesMax} values`, 'Split it into several criteria.');
  if (isOrder && values.length !== 1) throw refused(text, `${operator} takes exactly one value`, `Write ${fact}${operator}${values[0] ?? ''} alone.`);
  return [...new Set(values)];
}

type Given = { readonly fact: string; readonly meaning: FactMeaning; readonly value: string };

function valueOf(text: string, { fact, meaning, value }: Given): string {
  const normal = meaning.type === 'country' || meaning.type === 'label' ? value.toUpperCase() : meaning.type === 'boolean' ? value.toLowerCase() : value;
  const [holds, remedy] = expected(meaning, normal);
  if (!valueShape.test(normal) || !holds)
    throw refused(text, value === '' ? `${fact} has an empty value` : `"${value.slice(0, 60)}" cannot be a value of ${fact}`, remedy);
  return normal;
}

const expected = (meaning: FactMeaning, value: string): readonly [holds: boolean, remedy: string] => {
  switch (meaning.type) {
    case 'country':
      return [/^([A-Z]{2}|EEA)$/.test(value), 'Write countries as two letters (ISO 3166-1), or EU or EEA.'];
    case 'number':
      return [/^\d{1,15}(\.\d{1,9})?$/.test(value), 'Write a number such as 4 or 0.05.'];
    case 'boolean':
      return [value === 'true' || value === 'false', 'Write true or false.'];
    case 'version':
      return [/^\d{1,5}(\.\d{1,5}){0,2}$/.test(value), 'Write a version such as 1.33 or 1.33.2.'];
    case 'label':
      return [labels.some((label) => label === value), `Write one of ${labels.join(', ')}.`];
    case 'text':
      return [true, 'Write values of letters, digits, spaces and . _ : / + # ( ) -, separated by commas.'];
  }
};

const assuranceOf = (text: string, word: string): Assurance => {
  const found = anyAssurance.find((assurance) => assurance === word);
  if (found === undefined) throw refused(text, `"${word.slice(0, 60)}" is no assurance`, `After @ write one of ${anyAssurance.join(', ')}.`);
  return found;
};

const refused = (text: string, why: string, fix: string): HanseError =>
  new HanseError('INVALID_REQUEST', `The criterion "${text.slice(0, charactersMax)}" cannot be read: ${why}.`, {
    fix,
    place: { path: text.slice(0, charactersMax) },
  });
