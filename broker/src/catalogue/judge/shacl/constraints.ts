// The constraint components of SHACL core (§4), each from its parameters to a function. What is not here is named when shapes are read.
import { keyOfTerm, membersOf, sameTerm } from '../rdf.ts';
import type { Graph, Term } from '../rdf.ts';
import { compareTerms, isTrue, isWellFormed, wholeOf } from './datatype.ts';
import { qualified } from './qualified.ts';
import { conforms } from './shape.ts';
import type { Constraint, Focus, Found, Shape } from './shape.ts';

export type Reading = {
  readonly shapes: Graph;
  /** What else the shape says. */
  readonly parameters: ReadonlyMap<string, readonly Term[]>;
  /** What the other property shapes of the same shapes ask of their qualified values. */
  readonly siblings: readonly Term[];
  shapeOf(node: Term): Shape;
  /** The same long list once. */
  setOf(list: Term): ReadonlySet<string> | null;
};
/** null: the parameter cannot be read. */
export type Made = Constraint | null;

export const shortOf = (term: Term): string => {
  const text = term.kind === 'literal' ? `"${term.value}"` : term.value.replace(/^.*[#/](?=.)/, '');
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

/** One finding for each value that fails. */
const each =
  (component: string, test: (value: Term, at: Focus) => string | null): Constraint =>
  (at) =>
    at.values.flatMap((value): readonly Found[] => {
      const reason = test(value, at);
      return reason === null ? [] : [{ component, value, reason }];
    });

const count = (component: string, term: Term, test: (found: number, asked: number) => string | null): Made => {
  const asked = wholeOf(term);
  if (asked === null) return null;
  return ({ values }) => {
    const reason = test(values.length, asked);
    return reason === null ? [] : [{ component, value: null, reason }];
  };
};

const bound = (component: string, limit: Term, isWithin: (difference: number) => boolean, words: string): Made =>
  each(component, (value) => {
    const found = compareTerms(value, limit);
    return found !== null && isWithin(found) ? null : `${shortOf(value)} has to be ${words} ${shortOf(limit)}`;
  });

const length = (component: string, term: Term, test: (characters: number, asked: number) => boolean, words: string): Made => {
  const asked = wholeOf(term);
  if (asked === null) return null;
  return each(component, (value) =>
    value.kind !== 'blank' && test(Array.from(value.value).length, asked) ? null : `${shortOf(value)} has to be ${words} ${asked} characters long`,
  );
};

const kinds: Readonly<Record<string, readonly Term['kind'][]>> = {
  IRI: ['iri'],
  BlankNode: ['blank'],
  Literal: ['literal'],
  BlankNodeOrIRI: ['blank', 'iri'],
  BlankNodeOrLiteral: ['blank', 'literal'],
  IRIOrLiteral: ['iri', 'literal'],
};

const pair = (component: string, predicate: Term, test: (value: Term, other: Term) => boolean, words: string): Made =>
  predicate.kind !== 'iri'
    ? null
    : ({ focus, values, data }) => {
        const others = data.graph.values(focus, predicate.value);
        return values.flatMap((value) =>
          others
            .filter((other) => !test(value, other))
            .map((other) => ({ component, value, reason: `${shortOf(value)} has to be ${words} ${shortOf(other)}` })),
        );
      };

function classOf(wanted: Term): Made {
  if (wanted.kind !== 'iri') return null;
  return ({ values, data }) =>
    values.flatMap((value): readonly Found[] => {
      const classes = value.kind === 'literal' ? new Set<string>() : data.classesOf(value);
      if (classes === null) return [{ component: 'Class', value, reason: `refers to ${shortOf(value)}, which is not described here`, isOpen: true }];
      return classes.has(wanted.value) ? [] : [{ component: 'Class', value, reason: `${shortOf(value)} has to be of the class ${shortOf(wanted)}` }];
    });
}

/** Some published patterns escape what Unicode patterns do not let be escaped. */
function regExpOf(source: string, flags: string): RegExp | null {
  for (const mode of ['u', '']) {
    try {
      return new RegExp(source, flags + mode);
    } catch {
      continue;
    }
  }
  return null;
}

function patternOf(term: Term, flags: Term | undefined): Made {
  const pattern = regExpOf(term.value, (flags?.value ?? '').replaceAll(/[^ims]/g, ''));
  if (pattern === null) return null;
  return each('Pattern', (value) =>
    value.kind !== 'blank' && pattern.test(value.value.slice(0, 10_000)) ? null : `${shortOf(value)} does not match ${term.value}`,
  );
}

/** `xone`, `or`, `and` over a list of shapes. */
function logical(component: 'And' | 'Or' | 'Xone', list: Term, { shapes, shapeOf }: Reading): Made {
  const members = membersOf(shapes, list)?.map(shapeOf);
  if (members === undefined) return null;
  return (at) =>
    at.values.flatMap((value): readonly Found[] => {
      const answers = members.map((shape) => conforms(shape, value, at));
      const yes = answers.filter((answer) => answer === 'yes').length;
      const open = answers.filter((answer) => answer === 'open').length;
      const isMet = component === 'And' ? yes === answers.length : component === 'Or' ? yes > 0 : yes === 1 && open === 0;
      if (isMet) return [];
      const isOpen = component === 'And' ? yes + open === answers.length : component === 'Or' ? open > 0 : open > 0 && yes <= 1;
      const words = { And: 'all', Or: 'none', Xone: 'not exactly one' }[component];
      return [
        {
          component,
          value,
          isOpen,
          reason:
            component === 'And'
              ? `${shortOf(value)} is not what ${words} of the shapes ask for`
              : `${shortOf(value)} is ${words} of the kinds that are allowed`,
        },
      ];
    });
}

const node =
  (component: 'Node' | 'Not', shape: Shape): Constraint =>
  (at) =>
    at.values.flatMap((value): readonly Found[] => {
      const answer = conforms(shape, value, at);
      if (answer === (component === 'Node' ? 'yes' : 'no')) return [];
      return [
        {
          component,
          value,
          isOpen: answer === 'open',
          reason: `${shortOf(value)} is ${component === 'Node' ? 'not as its shape asks' : 'what it must not be'}`,
        },
      ];
    });

function closed({ shapes, parameters }: Reading, own: readonly string[]): Made {
  const [ignored] = parameters.get('ignoredProperties') ?? [];
  const members = ignored === undefined ? [] : membersOf(shapes, ignored);
  if (members === null) return null;
  const allowed = new Set([...own, ...members.map(({ value }) => value)]);
  return ({ values, data }) =>
    values.flatMap((value) =>
      [...data.graph.predicatesOf(value)].flatMap(([predicate, objects]) =>
        allowed.has(predicate)
          ? []
          : objects.map((object) => ({ component: 'Closed', value: object, predicate, reason: `must not say ${shortOf({ kind: 'iri', value: predicate })}` })),
      ),
    );
}

function uniqueLanguages({ values }: Focus): readonly Found[] {
  const said = values.flatMap((value) => (value.kind === 'literal' && value.language !== undefined ? [value.language.toLowerCase()] : []));
  const seen = new Set<string>();
  const twice = new Set(said.filter((language) => seen.size === seen.add(language).size));
  return [...twice].map((language) => ({ component: 'UniqueLang', value: null, reason: `is said twice in ${language}` }));
}

function languages(list: Term, { shapes }: Reading): Made {
  const members = membersOf(shapes, list);
  if (members === null) return null;
  const ranges = members.map(({ value }) => value.toLowerCase());
  return each('LanguageIn', (value) =>
    value.kind === 'literal' && ranges.some((range) => value.language === range || value.language?.startsWith(`${range}-`))
      ? null
      : `${shortOf(value)} is in none of the languages ${ranges.join(', ')}`,
  );
}

export type Context = Reading & { readonly properties: readonly string[] };

/** By the name of their parameter. */
export const components: Readonly<Record<string, (term: Term, context: Context) => Made>> = {
  class: (term) => classOf(term),
  datatype: (term) =>
    each('Datatype', (value) => {
      if (value.kind === 'literal' && value.datatype === term.value && isWellFormed(value)) return null;
      return value.kind === 'literal' && value.datatype === term.value
        ? `${shortOf(value)} is not written as ${shortOf(term)} is`
        : `${shortOf(value)} has to be of the type ${shortOf(term)}`;
    }),
  nodeKind: (term) => {
    const allowed = kinds[shortOf(term)];
    return allowed === undefined ? null : each('NodeKind', (value) => (allowed.includes(value.kind) ? null : `${shortOf(value)} has to be ${shortOf(term)}`));
  },
  minCount: (term) =>
    count('MinCount', term, (found, asked) => (found >= asked ? null : asked === 1 ? 'is missing' : `has ${found} values, at least ${asked} are asked for`)),
  maxCount: (term) => count('MaxCount', term, (found, asked) => (found <= asked ? null : `has ${found} values, at most ${asked} are allowed`)),
  minInclusive: (term) => bound('MinInclusive', term, (found) => found >= 0, 'at least'),
  maxInclusive: (term) => bound('MaxInclusive', term, (found) => found <= 0, 'at most'),
  minExclusive: (term) => bound('MinExclusive', term, (found) => found > 0, 'more than'),
  maxExclusive: (term) => bound('MaxExclusive', term, (found) => found < 0, 'less than'),
  minLength: (term) => length('MinLength', term, (characters, asked) => characters >= asked, 'at least'),
  maxLength: (term) => length('MaxLength', term, (characters, asked) => characters <= asked, 'at most'),
  pattern: (term, { parameters }) => patternOf(term, parameters.get('flags')?.[0]),
  languageIn: (term, context) => languages(term, context),
  uniqueLang: (term) => (isTrue(term) ? uniqueLanguages : () => []),
  in: (term, { setOf }) => {
    const allowed = setOf(term);
    return allowed === null
      ? null
      : each('In', (value) => (allowed.has(keyOfTerm(value)) ? null : `${shortOf(value)} is none of the ${allowed.size} values that are allowed`));
  },
  hasValue: (term) => (at) =>
    at.values.some((value) => sameTerm(value, term)) ? [] : [{ component: 'HasValue', value: null, reason: `has to be ${shortOf(term)}` }],
  equals: (term) =>
    term.kind !== 'iri'
      ? null
      : ({ focus, values, data }) => {
          const others = data.graph.values(focus, term.value);
          const missing = (from: readonly Term[], among: readonly Term[]): readonly Term[] =>
            from.filter((value) => !among.some((other) => sameTerm(value, other)));
          return [...missing(values, others), ...missing(others, values)].map((value) => ({
            component: 'Equals',
            value,
            reason: `${shortOf(value)} has to stand under ${shortOf(term)} too`,
          }));
        },
  disjoint: (term) =>
    term.kind !== 'iri'
      ? null
      : each('Disjoint', (value, { focus, data }) =>
          data.graph.values(focus, term.value).some((other) => sameTerm(value, other)) ? `${shortOf(value)} must not stand under ${shortOf(term)} too` : null,
        ),
  lessThan: (term) => pair('LessThan', term, (value, other) => (compareTerms(value, other) ?? 1) < 0, 'less than'),
  lessThanOrEquals: (term) => pair('LessThanOrEquals', term, (value, other) => (compareTerms(value, other) ?? 1) <= 0, 'at most'),
  and: (term, context) => logical('And', term, context),
  or: (term, context) => logical('Or', term, context),
  xone: (term, context) => logical('Xone', term, context),
  not: (term, { shapeOf }) => node('Not', shapeOf(term)),
  node: (term, { shapeOf }) => node('Node', shapeOf(term)),
  qualifiedMinCount: (term, context) => qualified('Min', term, context),
  qualifiedMaxCount: (term, context) => qualified('Max', term, context),
  closed: (term, context) => (isTrue(term) ? closed(context, context.properties) : () => []),
};

/** Read with another parameter, or only told to people. */
export const companions = new Set(
  'path property targetClass targetNode targetSubjectsOf targetObjectsOf flags ignoredProperties qualifiedValueShape qualifiedValueShapesDisjoint severity message deactivated name description order group defaultValue'.split(
    ' ',
  ),
);
