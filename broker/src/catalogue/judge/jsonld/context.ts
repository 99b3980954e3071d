// Contexts one upon the other (JSON-LD 1.1 API §4.1). Deny by default: a context comes from the document, or from what was admitted by its exact address.
import { isDocument, listOf, quoted } from '../json.ts';
import type { Document } from '../json.ts';
import { broken, unread } from './refusal.ts';
import { defineTerm, isAbsolute, meaningOf } from './terms.ts';
import type { Context, Making, Term } from './terms.ts';

/** A context that was admitted, or why it was not. The object is the same each time: what was made of it is kept beside it. */
export type Admitted = { readonly context: unknown } | { readonly flaw: string };
export type Admit = (address: string) => Admitted;

export const emptyContext: Context = { terms: new Map(), vocab: null, language: null, previous: null, isAdmitted: true };

/** Contexts that a document may bring itself, each counted wherever it is applied. */
const ownContextsMax = 200;
const ownTermsMax = 2000;

export type Applying = {
  /** Of a property: it may redefine what is protected. */
  readonly mayOverride?: boolean;
  /** false: of a type, and gone again below the node. */
  readonly isLasting?: boolean;
};

export type Contexts = { apply(context: Context, local: unknown, applying?: Applying): Context };

const settings = new Set(['@version', '@vocab', '@language', '@protected', '@propagate', '@base', '@direction', '@import']);

/** For one document. Each context that was admitted is read once per context that it comes upon, for all documents. */
export function contextsFor(admit: Admit): Contexts {
  let own = 0;
  let ownTerms = 0;
  const spend = (local: unknown): void => {
    own += 1;
    ownTerms += isDocument(local) ? Object.keys(local).length : 0;
    if (own > ownContextsMax || ownTerms > ownTermsMax) throw unread(`it brings more than ${ownContextsMax} contexts, or more than ${ownTermsMax} terms`);
  };

  const one = (context: Context, local: unknown, { mayOverride = false, isLasting = true }: Applying, isAdmitted: boolean): Context => {
    if (local === null) {
      if (!mayOverride && [...context.terms.values()].some((term) => term?.isProtected)) throw broken('a context takes away terms that are protected');
      return isLasting ? emptyContext : { ...emptyContext, previous: context };
    }
    if (typeof local === 'string') {
      if (isAdmitted) throw unread(`a context asks for another one, ${quoted(local)}`);
      const found = admit(local);
      if ('flaw' in found) throw unread(found.flaw);
      return listOf(found.context).reduce<Context>((upon, each) => remembered(upon, each, { mayOverride, isLasting }), context);
    }
    if (!isDocument(local)) throw broken('a context is neither an address nor an object');
    if (isAdmitted) return remembered(context, local, { mayOverride, isLasting });
    spend(local);
    const made = ofDocument(context, local, { mayOverride, isLasting });
    // what terms bring has to be a context also where nobody uses them (API §4.2.2, step 21)
    for (const term of Object.keys(local)) {
      const scoped = made.terms.get(term)?.context;
      if (scoped !== undefined && isDocument(local[term])) apply(made, scoped, { mayOverride: true });
    }
    return made;
  };
  const apply = (context: Context, local: unknown, applying: Applying = {}): Context => {
    const list: readonly unknown[] = local === null ? [null] : listOf(local);
    return list.reduce<Context>((upon, each) => one(upon, each, applying, isKnown(each)), context);
  };
  /** Only what was admitted: its objects live on. */
  const remembered = (context: Context, local: unknown, applying: Required<Applying>): Context => {
    if (!isDocument(local)) return one(context, local, applying, true);
    const upon = memory.get(context) ?? new WeakMap<object, Map<string, Context>>();
    memory.set(context, upon);
    const made = upon.get(local) ?? new Map<string, Context>();
    upon.set(local, made);
    const key = `${applying.mayOverride} ${applying.isLasting}`;
    const there = made.get(key);
    if (there !== undefined) return there;
    // a document can name the same few contexts in any order, and any number of times
    spend(null);
    const fresh = merge(context, local, { ...applying, isAdmitted: context.isAdmitted });
    keepOneMore();
    made.set(key, fresh);
    return fresh;
  };
  return { apply };
}

let memory = new WeakMap<Context, WeakMap<object, Map<string, Context>>>();
/** The same few prefixes come with every credential of an issuer. Kept for contexts that stay, not for those that a document made. */
let brought = new WeakMap<Context, Map<string, Context>>();
const broughtCharactersMax = 1000;
/** Of both; one takes some 50 kB. Strangers decide how many there are, so at this many all are forgotten. */
const keptMax = 500;
let keptCount = 0;

function keepOneMore(): void {
  keptCount += 1;
  if (keptCount <= keptMax) return;
  memory = new WeakMap();
  brought = new WeakMap();
  keptCount = 0;
}

function ofDocument(context: Context, local: Document, applying: Required<Applying>): Context {
  const text = context.isAdmitted && Object.keys(local).length < 50 ? JSON.stringify([applying, local]) : '';
  if (text === '' || text.length > broughtCharactersMax) return merge(context, local, { ...applying, isAdmitted: false });
  const made = brought.get(context) ?? new Map<string, Context>();
  brought.set(context, made);
  const there = made.get(text);
  if (there !== undefined) return there;
  const fresh = merge(context, local, { ...applying, isAdmitted: false });
  keepOneMore();
  made.set(text, fresh);
  return fresh;
}

/** Contexts inside of terms of what was admitted. */
const admittedInside = new WeakSet<object>();
const isKnown = (local: unknown): boolean => typeof local === 'object' && local !== null && admittedInside.has(local);

/** Marks every context inside as one that was admitted, so that it is read once. */
export function markAdmitted(context: unknown, depth = 0): void {
  if (depth > 10) return;
  for (const each of listOf(context)) {
    if (!isDocument(each)) continue;
    admittedInside.add(each);
    for (const term of Object.values(each)) if (isDocument(term) && term['@context'] !== undefined) markAdmitted(term['@context'], depth + 1);
  }
}

function merge(context: Context, local: Document, { mayOverride, isLasting, isAdmitted }: Required<Applying> & { readonly isAdmitted: boolean }): Context {
  const { '@import': imported, '@base': base, '@direction': direction, '@version': version, '@propagate': propagate } = local;
  if (imported !== undefined) throw unread('a context imports another one');
  if (base !== undefined && base !== null) throw unread('a context sets a base address');
  if (direction !== undefined && direction !== null) throw unread('a context sets a direction of writing');
  if (version !== undefined && version !== 1.1) throw broken('a context is of another version than 1.1');
  if (propagate !== undefined && typeof propagate !== 'boolean') throw broken('@propagate of a context is neither true nor false');
  const guard = local['@protected'];
  if (guard !== undefined && typeof guard !== 'boolean') throw unread('@protected of a context is neither true nor false');
  const making: Making = {
    terms: new Map<string, Term | null>(context.terms),
    vocab: context.vocab,
    language: context.language,
    local,
    defined: new Map(),
    depth: 0,
    isProtected: guard ?? false,
    mayOverride,
  };
  if (local['@vocab'] !== undefined) making.vocab = vocabOf(local['@vocab'], context);
  if (local['@language'] !== undefined) making.language = languageOf(local['@language']);
  for (const term of Object.keys(local)) if (!settings.has(term)) defineTerm(term, making);
  const lasts = propagate ?? isLasting;
  return {
    terms: making.terms,
    vocab: making.vocab,
    language: making.language,
    previous: lasts ? context.previous : (context.previous ?? context),
    isAdmitted,
  };
}

function vocabOf(given: unknown, context: Context): string | null {
  if (given === null) return null;
  if (typeof given !== 'string') throw broken('@vocab of a context is no text');
  const found = meaningOf(given, context, { isVocab: true });
  if (found === null || !isAbsolute(found) || found.startsWith('_:')) throw unread('@vocab of a context is no absolute address');
  return found;
}

function languageOf(given: unknown): string | null {
  if (given === null) return null;
  if (typeof given !== 'string') throw broken('@language of a context is no text');
  return given.toLowerCase();
}
