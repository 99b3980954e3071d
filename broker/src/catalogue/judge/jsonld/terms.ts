// What a term of a context means, and what an address or a short form stands for (JSON-LD 1.1 API §4.2, §5.2).
import { isDocument, quoted } from '../json.ts';
import type { Document } from '../json.ts';
import { broken, unread } from './refusal.ts';

export type Term = {
  /** An absolute IRI or a keyword. */
  readonly id: string;
  /** An IRI, `@id`, `@vocab`, `@json` or `@none`. */
  readonly type: string | null;
  readonly container: readonly ('@set' | '@list' | '@graph')[];
  /** undefined: it brings no context of its own. */
  readonly context: unknown;
  /** undefined: that of the context. */
  readonly language: string | null | undefined;
  readonly isPrefix: boolean;
  readonly isProtected: boolean;
};

export type Context = {
  /** null: the term was taken away. */
  readonly terms: ReadonlyMap<string, Term | null>;
  readonly vocab: string | null;
  readonly language: string | null;
  /** What counts again below the node whose type brought this one. */
  readonly previous: Context | null;
  /** Made of what was admitted, and of nothing that a document brought. */
  readonly isAdmitted: boolean;
};

/** A context while it is being read. */
export type Making = {
  readonly terms: Map<string, Term | null>;
  vocab: string | null;
  language: string | null;
  readonly local: Document;
  /** false: being defined just now. */
  readonly defined: Map<string, boolean>;
  /** Terms that are being defined, each for the one before it. */
  depth: number;
  readonly isProtected: boolean;
  readonly mayOverride: boolean;
};

const keywords = new Set(
  '@base @container @context @default @direction @embed @explicit @graph @id @included @index @json @language @list @nest @none @omitDefault @prefix @preserve @protected @requireAll @reverse @set @type @value @version @vocab'.split(
    ' ',
  ),
);
export const isKeyword = (text: string): boolean => keywords.has(text);
const looksLikeKeyword = (text: string): boolean => /^@[a-zA-Z]+$/.test(text);
export const isAbsolute = (text: string): boolean => /^([A-Za-z][A-Za-z0-9+\-.]*|_):[^\s]*$/.test(text);

export type Meaning = { readonly isVocab: boolean; readonly making?: Making };

/** null: it has no meaning. Relative addresses stay as they are: a credential has no base. */
export function meaningOf(text: string, context: Pick<Context, 'terms' | 'vocab'>, { isVocab, making }: Meaning): string | null {
  if (isKeyword(text)) return text;
  if (looksLikeKeyword(text)) return null;
  if (making !== undefined) define(text, making);
  const known = context.terms.get(text);
  if (known != null && isKeyword(known.id)) return known.id;
  if (isVocab && known !== undefined) return known?.id ?? null;
  const colon = text.indexOf(':', 1);
  const spelt = colon > 0 ? spell(text, colon, context, making) : null;
  return spelt ?? (isVocab && context.vocab !== null ? context.vocab + text : text);
}

/** A prefix and what follows, or an address as it stands; null: neither. */
function spell(text: string, colon: number, context: Pick<Context, 'terms'>, making: Making | undefined): string | null {
  const [prefix, rest] = [text.slice(0, colon), text.slice(colon + 1)];
  if (prefix === '_' || rest.startsWith('//')) return text;
  if (making !== undefined) define(prefix, making);
  const found = context.terms.get(prefix);
  if (found != null && found.isPrefix) return found.id + rest;
  return isAbsolute(text) ? text : null;
}

/** What a context says of a term, before it is used in the same context. */
function define(term: string, making: Making): void {
  if (Object.hasOwn(making.local, term) && making.defined.get(term) !== true) defineTerm(term, making);
}

const definitionKeys = new Set(['@id', '@type', '@container', '@context', '@language', '@prefix', '@protected']);

/** Published contexts need one or two. */
const depthMax = 100;

export function defineTerm(term: string, making: Making): void {
  const state = making.defined.get(term);
  if (state === true) return;
  if (state === false) throw broken(`the term ${quoted(term, 60)} of a context is defined by itself`);
  const given = making.local[term];
  if (term === '') throw broken('a context defines an empty term');
  if (isKeyword(term)) throw term === '@type' ? unread('a context says how @type is contained') : broken(`a context redefines ${term}`);
  if (looksLikeKeyword(term)) return;
  making.defined.set(term, false);
  making.depth += 1;
  if (making.depth > depthMax) throw unread(`the term ${quoted(term, 60)} of a context rests on more than ${depthMax} others, one upon the other`);
  const previous = making.terms.get(term);
  making.terms.delete(term);
  const made = termOf(term, given, making);
  // what is protected may only be said again
  if (previous != null && previous.isProtected && !making.mayOverride) {
    if (made === null || !isSame(previous, made)) throw broken(`the term ${quoted(term, 60)} is protected, and a context redefines it`);
    making.terms.set(term, previous);
  } else making.terms.set(term, made);
  making.depth -= 1;
  making.defined.set(term, true);
}

const isSame = (left: Term, right: Term): boolean => JSON.stringify({ ...left, isProtected: true }) === JSON.stringify({ ...right, isProtected: true });

function termOf(term: string, given: unknown, making: Making): Term | null {
  if (given === null || (isDocument(given) && given['@id'] === null)) {
    const isProtected = (isDocument(given) ? booleanOf(term, given, '@protected') : null) ?? making.isProtected;
    // nothing is kept of it here that a later context could be held against
    if (isProtected) throw unread(`the term ${quoted(term, 60)} of a context is protected, and has no meaning`);
    return null;
  }
  if (typeof given !== 'string' && !isDocument(given)) throw broken(`the term ${quoted(term, 60)} of a context is neither text nor object`);
  const definition: Document = typeof given === 'string' ? { '@id': given } : given;
  const strange = Object.keys(definition).find((key) => !definitionKeys.has(key));
  if (strange !== undefined) throw unread(`the term ${quoted(term, 60)} of a context says ${quoted(strange, 30)}`);
  const id = idOf(term, definition, making);
  const container = containerOf(term, definition['@container']);
  return {
    id,
    type: typeOf(term, definition['@type'], making),
    container,
    context: definition['@context'],
    language: languageOf(term, definition),
    isPrefix: prefixOf(term, typeof given === 'string', { id, definition }),
    isProtected: booleanOf(term, definition, '@protected') ?? making.isProtected,
  };
}

function idOf(term: string, { '@id': given }: Document, making: Making): string {
  if (given !== undefined && given !== term) {
    if (typeof given !== 'string') throw broken(`@id of the term ${quoted(term, 60)} is no text`);
    const found = meaningOf(given, making, { isVocab: true, making });
    if (found === null && looksLikeKeyword(given)) throw unread(`the term ${quoted(term, 60)} stands for ${quoted(given, 30)}`);
    if (found === null || (!isKeyword(found) && !isAbsolute(found))) throw broken(`the term ${quoted(term, 60)} stands for no address`);
    if (found === '@context') throw broken(`the term ${quoted(term, 60)} stands for @context`);
    if (/^.+:.|\//.test(term) && shortForm(term, making) !== found) throw broken(`the term ${quoted(term, 60)} stands for another address than it spells`);
    return found;
  }
  if (term.indexOf(':', 1) > 0) return prefixed(term, making) ?? shortForm(term, making);
  if (term.includes('/')) throw unread(`the term ${quoted(term, 60)} of a context is a relative address`);
  if (making.vocab === null) throw broken(`the term ${quoted(term, 60)} stands for no address`);
  return making.vocab + term;
}

/** JSON-LD 1.1 §4.2.2 step 15: the part before the colon need be no prefix elsewhere. null: it is no term. */
function prefixed(term: string, making: Making): string | null {
  const colon = term.indexOf(':', 1);
  const [prefix, rest] = [term.slice(0, colon), term.slice(colon + 1)];
  if (prefix === '_' || rest.startsWith('//')) return null;
  define(prefix, making);
  const found = making.terms.get(prefix);
  return found == null ? null : found.id + rest;
}

/** What a term with a prefix spells, its own definition aside. */
function shortForm(term: string, making: Making): string {
  making.defined.set(term, true);
  const found = meaningOf(term, making, { isVocab: true, making }) ?? term;
  making.defined.set(term, false);
  return found;
}

function typeOf(term: string, given: unknown, making: Making): string | null {
  if (given === undefined) return null;
  if (typeof given !== 'string') throw broken(`@type of the term ${quoted(term, 60)} is no text`);
  const found = meaningOf(given, making, { isVocab: true, making });
  if (found === null || (!['@id', '@vocab', '@json', '@none'].includes(found) && (isKeyword(found) || !isAbsolute(found) || found.startsWith('_:'))))
    throw broken(`@type of the term ${quoted(term, 60)} is no address`);
  return found;
}

const containers = ['@set', '@list', '@graph'] as const;

function containerOf(term: string, given: unknown): Term['container'] {
  const list: readonly unknown[] = given === undefined || given === null ? [] : Array.isArray(given) ? given : [given];
  const found = list.flatMap((each) => containers.filter((container) => container === each));
  if (found.length !== list.length || found.length > 2) throw unread(`the container of the term ${quoted(term, 60)}`);
  if (found.length === 2 && (!found.includes('@set') || found.includes('@list'))) throw unread(`the container of the term ${quoted(term, 60)}`);
  return found;
}

function languageOf(term: string, { '@language': given, '@type': type }: Document): string | null | undefined {
  if (given === undefined || type !== undefined) return undefined;
  if (given !== null && typeof given !== 'string') throw broken(`@language of the term ${quoted(term, 60)} is no text`);
  return given === null ? null : given.toLowerCase();
}

function prefixOf(term: string, isSimple: boolean, { id, definition }: { readonly id: string; readonly definition: Document }): boolean {
  const said = booleanOf(term, definition, '@prefix');
  if (said === null) return isSimple && !/[:/]/.test(term) && (/[:/?#[\]@]$/.test(id) || id.startsWith('_:'));
  if (/[:/]/.test(term)) throw broken(`the term ${quoted(term, 60)} cannot be a prefix`);
  if (said && isKeyword(id)) throw broken(`the term ${quoted(term, 60)} cannot be a prefix`);
  return said;
}

function booleanOf(term: string, definition: Document, key: '@prefix' | '@protected'): boolean | null {
  const given = definition[key];
  if (given === undefined) return null;
  if (typeof given !== 'boolean') throw broken(`${key} of the term ${quoted(term, 60)} is neither true nor false`);
  return given;
}
