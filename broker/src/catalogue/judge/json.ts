// JSON from strangers: bounded in depth before anything else looks at it.
export type Document = { readonly [key: string]: unknown };

export type Parsed = { readonly value: unknown } | { readonly reason: string };

/** A published presentation nests 14 deep. */
const depthMax = 40;
/** Of one document, counted over all levels. */
const valuesMax = 100_000;

export function parseJson(text: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { reason: 'it is not JSON' };
  }
  const flaw = sizeFlaw(value);
  return flaw === null ? { value } : { reason: flaw };
}

export const isDocument = (value: unknown): value is Document => typeof value === 'object' && value !== null && !Array.isArray(value);

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);

/** Level by level: a recursion would be as deep as whoever wrote it likes. */
function sizeFlaw(value: unknown): string | null {
  let values = 0;
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    values += level.length;
    if (depth > depthMax) return `it is nested deeper than ${depthMax}`;
    if (values > valuesMax) return `it has more than ${valuesMax} values`;
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
  return null;
}

/** Why it has no canonical form (RFC 8785), by whose digest others name it; null: it has one. Of a value that was parsed here. */
export function canonicalFlaw(value: unknown): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'it has a number that is too large';
  if (typeof value === 'string') return /\p{Cs}/u.test(value) ? 'it has a text with half of a character (a lone surrogate)' : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const each of Object.entries(value).flat()) {
    const flaw = canonicalFlaw(each);
    if (flaw !== null) return flaw;
  }
  return null;
}

/** What strangers wrote, as a part of a sentence: short, without what could move a terminal's cursor, and without the half of a character at its end. */
export const quoted = (text: unknown, charactersMax = 200): string =>
  String(text)
    .replaceAll(/\p{C}/gu, '?')
    .slice(0, charactersMax)
    .replace(/\p{Cs}$/u, '');
