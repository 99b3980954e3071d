// A value as RDF writes it (JSON-LD 1.1 API §8.2).
import canonicalize from 'canonicalize';

import { literal, rdf, xsd } from '../rdf.ts';
import type { Literal } from '../rdf.ts';
import { broken, unread } from './refusal.ts';
import { isAbsolute, isKeyword, meaningOf } from './terms.ts';
import type { Context } from './terms.ts';

export type Scalar = string | number | boolean;
export const isScalar = (value: unknown): value is Scalar => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

export function literalOf(value: Scalar, type: string | null): Literal {
  if (typeof value === 'boolean') return literal(String(value), type ?? `${xsd}boolean`);
  if (typeof value === 'string') return literal(value, type ?? `${xsd}string`);
  const isDouble = value % 1 !== 0 || Math.abs(value) >= 1e21 || type === `${xsd}double`;
  return isDouble ? literal(doubleText(value), type ?? `${xsd}double`) : literal(value.toFixed(0), type ?? `${xsd}integer`);
}

/** The canonical form of xsd:double: 1.25E0. */
const doubleText = (value: number): string => value.toExponential(15).replace(/(\d)0*e\+?/, '$1E');

export const jsonLiteral = (value: unknown): Literal => literal(canonicalize(value) ?? 'null', rdf.json);

/** BCP 47, as far as its form goes. */
export function inLanguage(value: string, language: string): Literal {
  if (!/^[a-z]{1,8}(-[a-z0-9]{1,8})*$/.test(language)) throw unread('a text is in a language that is none');
  return { ...literal(value, rdf.langString), language };
}

/** A `@value` with what stands beside it; null: it says nothing. `entries`: keyword → value. */
export function valueObject(entries: ReadonlyMap<string, unknown>, context: Context): Literal | null {
  const strange = [...entries.keys()].find((key) => !['@value', '@type', '@language', '@index'].includes(key));
  if (strange === '@direction') throw unread('a text with a direction of writing');
  if (strange !== undefined) throw unread('a value has properties of its own');
  const value = entries.get('@value');
  const language = entries.get('@language');
  const type = typeOf(entries.get('@type') ?? null, context);
  if (type === '@json') return jsonLiteral(value);
  if (value === null) return null;
  if (!isScalar(value)) throw Array.isArray(value) ? unread('a value is a list') : broken('a value is an object');
  if (language != null) {
    if (typeof language !== 'string' || typeof value !== 'string' || type !== null) throw broken('only a text without a type is in a language');
    return inLanguage(value, language.toLowerCase());
  }
  return literalOf(value, type);
}

function typeOf(given: unknown, context: Context): string | null {
  if (given === null) return null;
  if (Array.isArray(given)) throw unread('a value of several types');
  if (typeof given !== 'string') throw broken('the type of a value is no text');
  const type = meaningOf(given, context, { isVocab: true });
  if (type === '@json') return type;
  if (type !== null && /[\p{Cc}<>"{}|\\^`]/u.test(type)) throw unread('the type of a value is no address');
  if (type === null || isKeyword(type) || !isAbsolute(type) || type.startsWith('_:')) throw broken('the type of a value is no address');
  return type;
}
