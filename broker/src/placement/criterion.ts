// The words of `--where` and of policies: `country=DE,NL`, `label>=L1@certified`, `memory>=64GiB`, `cpu.cores=8..64`, `distance(52.37,4.9)<=500km`.
import { assurances, factTable } from '../catalogue/index.ts';
import type { Assurance, FactMeaning } from '../catalogue/index.ts';
import { HanseError } from '../errors.ts';
import { isOrdered } from './criteria/compare.ts';
import { printPoint, readPoint } from './criteria/distance.ts';
import type { Point } from './criteria/distance.ts';
import { firstContradiction } from './criteria/together.ts';
import { unitsOf } from './criteria/units.ts';
import { boundsText, readValue } from './criteria/values.ts';
import { nearestWords } from './nearestWord.ts';
import type { Criterion, Operator } from './placement.ts';

const charactersMax = 500;
const valuesMax = 50;
const shape = /^([^=!<>@]*?)(!=|>=|<=|=|>|<)([^@]*)(?:@(.*))?$/s;
const anyAssurance: readonly Assurance[] = [...assurances, 'measured'];

/** INVALID_REQUEST names the place in the text and the remedy, also where no value could satisfy it. */
export function parseCriterion(text: string): Criterion {
  if (text.length > charactersMax) throw refused(`${text.slice(0, 60)}…`, `it is longer than ${charactersMax} characters`, 'Split it into several criteria.');
  const parts = shape.exec(text.trim());
  if (parts === null)
    throw refused(
      text,
      /\d\s*\.\.\s*\d/.test(text) ? 'a range follows =' : 'it has no operator',
      'Write FACT OPERATOR VALUE, for example country=DE,NL or gpu.count>=4.',
    );
  const named = factIn(text, (parts[1] ?? '').trim());
  const operator = operatorOf(parts[2]);
  const values = valuesOf(text, { ...named, operator, list: parts[3] ?? '' });
  const criterion: Criterion = {
    fact: named.fact,
    ...(named.from !== undefined && { from: named.from }),
    operator,
    values,
    ...(parts[4] !== undefined && { assurance: assuranceOf(text, parts[4].trim()) }),
  };
  if (firstContradiction([criterion]) !== null)
    throw unmeetable(text, `can never hold: ${boundsText({ name: named.fact, meaning: named.meaning })}`, 'Leave it away, or ask for what there can be.');
  return criterion;
}

/** All of them together, after those that hold beside them: INVALID_REQUEST also where nothing could satisfy several of them at once. */
export function parseCriteria(texts: readonly string[], beside: readonly Criterion[] = []): Criterion[] {
  const criteria = texts.map(parseCriterion);
  const fault = contradictionIn([...beside, ...criteria]);
  if (fault !== null) throw unmeetable(texts[fault.index - beside.length] ?? fault.word, fault.why, fault.fix);
  return criteria;
}

export type Contradiction = { readonly index: number; readonly word: string; readonly why: string; readonly fix: string };

/** Of criteria that are read already: the first that nothing can satisfy together with those before it. */
export function contradictionIn(criteria: readonly Criterion[]): Contradiction | null {
  const found = firstContradiction(criteria);
  if (found === null) return null;
  const criterion = criteria[found.index];
  return {
    index: found.index,
    word: criterion === undefined ? '' : printCriterion(criterion),
    why: `can never hold together with ${found.others.map(printCriterion).join(' and ')}`,
    fix: 'Leave one of them away, or widen it until all can hold.',
  };
}

/** INVALID_REQUEST for a word that is no fact. */
export const factNamed = (fact: string): FactMeaning => meaningOf(fact, fact).meaning;

/** The units that values of a fact may be written with, its own first; empty: it has none. */
export const unitsFor = (fact: string): readonly string[] => Object.keys(unitsOf(fact, factNamed(fact)));

export const printCriterion = (criterion: Criterion): string => {
  const { operator, values, assurance, from } = criterion;
  const printed = values.map((value) => (from === undefined ? value : `${value}km`));
  return `${printFact(criterion)}${operator}${printed.join(',')}${assurance === undefined ? '' : `@${assurance}`}`;
};

/** A position is only ever named by the distance from a point. */
export const printFact = ({ fact, from }: Pick<Criterion, 'fact' | 'from'>): string => (from === undefined ? fact : `distance(${printPoint(from)})`);

type Named = { readonly fact: string; readonly meaning: FactMeaning; readonly from?: Point };

/** What stands before the operator, or alone in a preference. */
export function factIn(text: string, word: string): Named {
  const distance = /^distance\s*(?:\(([^()]*)\))?$/.exec(word);
  if (distance === null && word !== 'position') return meaningOf(text, word);
  const from = readPoint(distance?.[1] ?? '');
  const { fact, meaning } = meaningOf(text, 'position');
  if (from !== null) return { fact, meaning, from };
  throw refused(
    text,
    distance?.[1] === undefined ? 'it names no point to measure from' : `"${distance[1].slice(0, 60)}" is no latitude and longitude`,
    'Write the distance from a point in decimal degrees, latitude first: distance(52.37,4.9)<=500km.',
  );
}

/** The whole name of a fact, or its first part where only one fact begins with it: `memory`. */
function meaningOf(text: string, word: string): Named {
  const names = Object.keys(factTable);
  const short = names.filter((name) => name.startsWith(`${word}.`));
  const fact = Object.hasOwn(factTable, word) ? word : short.length === 1 ? short[0] : undefined;
  const meaning = fact === undefined ? undefined : factTable[fact];
  if (fact !== undefined && meaning !== undefined) return { fact, meaning };
  const nearest = nearestWords(word, [...names, 'distance']);
  throw refused(
    text,
    `there is no fact called "${word.slice(0, 60)}"`,
    `${nearest.length === 0 ? '' : `Did you mean ${nearest.join(' or ')}? `}hanse facts lists all ${names.length} of them.`,
  );
}

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

type Right = Named & { readonly operator: Operator; readonly list: string };

function valuesOf(text: string, { fact, meaning, from, operator, list }: Right): string[] {
  const isOrder = operator !== '=' && operator !== '!=';
  const name = printFact({ fact, ...(from !== undefined && { from }) });
  if (isOrder && !isOrdered(meaning.type)) throw refused(text, `${fact} has no order`, `Use ${fact}= or ${fact}!= with the values you accept.`);
  const values = list.split(',').map((value) => {
    const read = readValue(value.trim(), { name: fact, meaning });
    if ('value' in read) return read.value;
    throw refused(text, read.why, read.fix);
  });
  if (values.length > valuesMax) throw refused(text, `it has more than ${valuesMax} values`, 'Split it into several criteria.');
  if (isOrder && values.length !== 1) throw refused(text, `${operator} takes exactly one value`, `Write ${name}${operator}${values[0] ?? ''} alone.`);
  if (isOrder && values[0]?.includes('..') === true) throw refused(text, `a range follows = or !=, not ${operator}`, `Write ${name}=${values[0]}.`);
  return [...new Set(values)];
}

const assuranceOf = (text: string, word: string): Assurance => {
  const found = anyAssurance.find((assurance) => assurance === word);
  if (found !== undefined) return found;
  const [nearest] = nearestWords(word, anyAssurance);
  throw refused(
    text,
    `"${word.slice(0, 60)}" is no assurance`,
    `${nearest === undefined ? '' : `Did you mean ${nearest}? `}After @ write one of ${anyAssurance.join(', ')}.`,
  );
};

const refused = (text: string, why: string, fix: string): HanseError => unmeetable(text, `cannot be read: ${why}`, fix);

const unmeetable = (text: string, why: string, fix: string): HanseError =>
  new HanseError('INVALID_REQUEST', `The criterion "${text.slice(0, charactersMax)}" ${why}.`, { fix, place: { path: text.slice(0, charactersMax) } });
