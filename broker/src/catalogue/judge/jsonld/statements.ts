// A JSON-LD 1.1 document as statements: expansion (API §5.1) and deserialisation to RDF (§8.1) in one pass, without a base address. What of JSON-LD is not
// read here (nesting, reverse properties, indexes, named graphs that are spelt out) refuses the whole document: a part of it would be a guess.
import { isDocument, listOf, quoted } from '../json.ts';
import type { Document } from '../json.ts';
import { iri, rdf } from '../rdf.ts';
import type { Node, Quad, Term, Triple } from '../rdf.ts';
import { contextsFor, emptyContext } from './context.ts';
import type { Admit, Contexts } from './context.ts';
import { inLanguage, isScalar, jsonLiteral, literalOf, valueObject } from './literal.ts';
import type { Scalar } from './literal.ts';
import { broken, Refused, unread } from './refusal.ts';
import type { Refusal } from './refusal.ts';
import { isAbsolute, isKeyword, meaningOf } from './terms.ts';
import type { Context } from './terms.ts';

const credentialSubject = 'https://www.w3.org/2018/credentials#credentialSubject';

export type Statements = {
  readonly quads: readonly Quad[];
  /** What was said within each credentialSubject of the document itself, in its order. */
  readonly subjects: readonly { readonly node: Node; readonly triples: readonly Triple[] }[];
  /** Of the document itself. */
  readonly types: readonly string[];
  /** Types of the document itself that no context gives a meaning, each by itself: GXDCH joins several by commas. */
  readonly strayTypes: readonly string[];
  /** Terms that no context gives a meaning: JSON-LD leaves them out. */
  readonly meaningless: readonly string[];
};

type Writing = {
  readonly contexts: Contexts;
  readonly quads: Quad[];
  readonly subjects: { readonly node: Node; readonly triples: readonly Triple[] }[];
  readonly meaningless: Set<string>;
  types: readonly string[];
  strayTypes: readonly string[];
  blanks: number;
};

/** Where in the document: the term that leads here, and the graph that is written to. */
type Place = { readonly property: string | null; readonly graph: Node | null; readonly isRoot?: true };

export function statementsIn(document: unknown, admit: Admit): Statements | Refusal {
  const writing: Writing = { contexts: contextsFor(admit), quads: [], subjects: [], meaningless: new Set(), types: [], strayTypes: [], blanks: 0 };
  try {
    if (!isDocument(document)) throw broken('it is not an object');
    object(document, emptyContext, { property: null, graph: null, isRoot: true }, writing);
    const { quads, subjects: said, types, strayTypes, meaningless } = writing;
    return { quads, subjects: said, types, strayTypes, meaningless: [...meaningless] };
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

function values(value: unknown, context: Context, place: Place, writing: Writing): readonly Term[] {
  if (Array.isArray(value)) return value.flatMap((each) => values(each, context, place, writing));
  if (isScalar(value)) return scalar(value, context, place, writing);
  return isDocument(value) ? object(value, context, place, writing) : [];
}

function scalar(value: Scalar, outer: Context, { property }: Place, { contexts }: Writing): readonly Term[] {
  if (property === null) return [];
  const scoped = outer.terms.get(property)?.context;
  const context = scoped === undefined ? outer : contexts.apply(outer, scoped, { mayOverride: true });
  const term = context.terms.get(property);
  const type = term?.type ?? null;
  if ((type === '@id' || type === '@vocab') && typeof value === 'string') return reference(meaningOf(value, context, { isVocab: type === '@vocab' }));
  const language = term?.language === undefined ? context.language : term.language;
  if (type !== null && !type.startsWith('@')) return [literalOf(value, type)];
  return [typeof value === 'string' && language !== null && type === null ? inLanguage(value, language) : literalOf(value, null)];
}

/** What an IRI never holds (RFC 3987), and what would end it where it is written down. */
function proper(address: string): string {
  if (/[\p{Cc}<>"{}|\\^`]/u.test(address)) throw unread(`the address ${quoted(address, 60)} has characters that none has`);
  return address;
}
const nodeOf = (id: string): Node => (id.startsWith('_:') ? { kind: 'blank', value: `named ${id}` } : iri(proper(id)));
const reference = (id: string | null): readonly Node[] => (id !== null && isAbsolute(id) ? [nodeOf(id)] : []);
const newBlank = (writing: Writing): Node => ({ kind: 'blank', value: String((writing.blanks += 1)) });

type Entry = { readonly key: string; readonly meaning: string | null; readonly value: unknown };

const readable = ['@id', '@value', '@list', '@set', '@language', '@index', '@direction'];

/** What an object says under keywords, its types aside. */
function keywordsIn(entries: readonly Entry[]): Map<string, unknown> {
  const keywords = new Map<string, unknown>();
  for (const { meaning, value } of entries) {
    if (meaning === null || !isKeyword(meaning) || meaning === '@type') continue;
    // those that are not read may stand there several times, under several names
    if (!readable.includes(meaning)) throw unread(`an object says ${meaning}`);
    if (keywords.has(meaning)) throw broken(`an object says ${meaning} twice`);
    if (meaning === '@index' && typeof value !== 'string') throw broken('an @index is no text');
    keywords.set(meaning, value);
  }
  return keywords;
}

function object(given: Document, outer: Context, place: Place, writing: Writing): readonly Term[] {
  const context = contextOf(given, outer, place, writing);
  const { typed, typeTerms } = contextOfTypes(given, context, writing);
  const entries = Object.keys(given)
    .filter((key) => key !== '@context')
    .map((key) => ({ key, meaning: meaningOf(key, typed, { isVocab: true }), value: given[key] }));
  const keywords = keywordsIn(entries);
  const isBare = entries.every(({ meaning }) => meaning !== null && isKeyword(meaning));
  if (keywords.has('@value')) {
    if (!isBare) throw unread('a value has properties of its own');
    if (typeTerms.length > 0) keywords.set('@type', typeTerms.length === 1 ? typeTerms[0] : typeTerms);
    const made = place.property === null ? null : valueObject(keywords, typed);
    return made === null ? [] : [made];
  }
  if (keywords.has('@list') || keywords.has('@set')) {
    const others = [...keywords.keys()].filter((each) => each !== '@index');
    if (!isBare || others.length > 1 || typeTerms.length > 0) throw unread('a list or set has properties of its own');
    if (keywords.has('@set')) return values(keywords.get('@set'), typed, place, writing);
    return [list(keywords.get('@list'), typed, place, writing)];
  }
  const stray = ['@direction', '@language'].find((each) => keywords.has(each));
  if (stray !== undefined) throw unread(`an object says ${stray} without a value`);
  return node({ keywords, entries, context, typed, typeTerms }, place, writing);
}

function contextOf(given: Document, outer: Context, { property }: Place, { contexts }: Writing): Context {
  const scoped = property === null ? undefined : outer.terms.get(property)?.context;
  let context = outer;
  if (context.previous !== null) {
    const upon = context;
    const keys = Object.keys(given).map((key) => meaningOf(key, upon, { isVocab: true }));
    const stays = keys.includes('@value') || (keys.length === 1 && keys[0] === '@id');
    if (!stays) context = context.previous;
  }
  if (scoped !== undefined) context = contexts.apply(context, scoped, { mayOverride: true });
  return given['@context'] === undefined ? context : contexts.apply(context, given['@context']);
}

/** Types bring contexts of their own, in the order of their names; they hold for this object only. */
function contextOfTypes(given: Document, context: Context, { contexts }: Writing): { readonly typed: Context; readonly typeTerms: readonly string[] } {
  const keys = Object.keys(given)
    .filter((key) => meaningOf(key, context, { isVocab: true }) === '@type')
    .toSorted();
  const typeTerms: string[] = [];
  let typed = context;
  for (const key of keys) {
    const terms = given[key] === null ? [null] : listOf(given[key]);
    if (!terms.every((each) => typeof each === 'string')) throw broken('a type is no text');
    for (const term of terms.toSorted()) {
      const scoped = context.terms.get(term)?.context;
      if (scoped !== undefined) typed = contexts.apply(typed, scoped, { isLasting: false });
    }
    typeTerms.push(...terms);
  }
  return { typed, typeTerms };
}

const typesOf = (term: string, context: Context): readonly Node[] => reference(meaningOf(term, context, { isVocab: true }));

type Reading = {
  readonly keywords: ReadonlyMap<string, unknown>;
  readonly entries: readonly Entry[];
  readonly context: Context;
  readonly typed: Context;
  readonly typeTerms: readonly string[];
};

function node({ keywords, entries, context, typed, typeTerms }: Reading, place: Place, writing: Writing): readonly Term[] {
  const given = keywords.get('@id');
  if (given !== undefined && typeof given !== 'string') throw broken('an id is no text');
  const id = given === undefined ? undefined : meaningOf(given, typed, { isVocab: false });
  // what has a relative address is named nowhere: nothing can be said of it
  const subject = id === undefined ? newBlank(writing) : (reference(id)[0] ?? null);
  const say = (predicate: string, object: Term): void => {
    if (subject !== null) writing.quads.push({ subject, predicate, object, graph: place.graph });
  };
  const types = typeTerms.flatMap((term) => typesOf(term, context));
  for (const type of types) say(rdf.type, type);
  if (place.isRoot) writing.strayTypes = typeTerms.flatMap((term) => term.split(',')).filter((term) => typesOf(term.trim(), context).length === 0);
  if (place.isRoot) writing.types = types.filter(({ kind }) => kind === 'iri').map(({ value }) => value);
  for (const { key, meaning, value } of entries) {
    if (meaning !== null && isKeyword(meaning)) continue;
    if (meaning === null || !isAbsolute(meaning) || meaning.startsWith('_:')) {
      writing.meaningless.add(quoted(key, 60));
      continue;
    }
    proper(meaning);
    const read = place.isRoot && meaning === credentialSubject ? subjects : property;
    for (const term of read(key, value, typed, { graph: place.graph, writing })) say(meaning, term);
  }
  return subject === null ? [] : [subject];
}

/** What is said within each of them stands together. */
function subjects(key: string, value: unknown, context: Context, into: Into): readonly Term[] {
  return listOf(value).flatMap((each) => {
    const from = into.writing.quads.length;
    const found = property(key, each, context, into);
    const triples = into.writing.quads.slice(from);
    into.writing.subjects.push(...found.filter((term) => term.kind !== 'literal').map((node) => ({ node, triples })));
    return found;
  });
}

type Into = { readonly graph: Node | null; readonly writing: Writing };

function property(key: string, value: unknown, context: Context, { graph, writing }: Into): readonly Term[] {
  const term = context.terms.get(key);
  if (term?.type === '@json') return [jsonLiteral(value)];
  const place: Place = { property: key, graph };
  if (term?.container.includes('@list')) {
    if (value === null || value === undefined) return [];
    return isDocument(value) && Object.keys(value).some((each) => meaningOf(each, context, { isVocab: true }) === '@list')
      ? values(value, context, place, writing)
      : [list(value, context, place, writing)];
  }
  if (!term?.container.includes('@graph')) return values(value, context, place, writing);
  return listOf(value).flatMap((each) => {
    const name = newBlank(writing);
    const found = values(each, context, { property: key, graph: name }, writing);
    // what has a relative address leaves an empty graph
    return found.length === 0 && !isDocument(each) ? [] : [name];
  });
}

function list(value: unknown, context: Context, place: Place, writing: Writing): Node {
  const items = listOf(value);
  if (items.some((each) => Array.isArray(each))) throw unread('a list of lists');
  const members = items.flatMap((each) => values(each, context, place, writing));
  return members.reduceRight<Node>((rest, member) => {
    const cell = newBlank(writing);
    writing.quads.push(
      { subject: cell, predicate: rdf.first, object: member, graph: place.graph },
      { subject: cell, predicate: rdf.rest, object: rest, graph: place.graph },
    );
    return cell;
  }, iri(rdf.nil));
}
