// JSON from outside: parsed, then held against what neither PostgreSQL nor our own recursion could take.
import { HanseError } from '../../errors.ts';

const depthMax = 64; // the deepest Kubernetes manifest in use (CustomResourceDefinitions) stays under 40

/** INVALID_REQUEST with line or path; never quotes what was sent. */
export const parseBody = (text: string): unknown => {
  const value = parse(text);
  requireClean(value, 'body');
  return value;
};

/** Depth, NUL (PostgreSQL has no such character), lone surrogates, and keys that change what an object is. */
export const requireClean = (value: unknown, at: string): void => {
  const open: { value: unknown; path: string; depth: number }[] = [{ value, path: at, depth: 1 }];
  for (let next = open.pop(); next; next = open.pop()) {
    if (next.depth > depthMax) throw refuse(next.path, `is nested deeper than ${depthMax} levels`);
    if (typeof next.value === 'string') requireCleanText(next.value, next.path);
    if (typeof next.value !== 'object' || next.value === null) continue;
    for (const [key, inner] of Object.entries(next.value)) {
      const path = `${next.path}.${key.slice(0, 60)}`.slice(0, 300);
      requireCleanText(key, next.path);
      if (key === '__proto__') throw refuse(next.path, 'has a key __proto__');
      open.push({ value: inner, path, depth: next.depth + 1 });
    }
  }
};

const requireCleanText = (text: string, path: string): void => {
  if (text.includes('\0')) throw refuse(path, 'contains the character NUL');
  if (/\p{Surrogate}/u.test(text)) throw refuse(path, 'is not well-formed Unicode');
};

const refuse = (path: string, what: string): HanseError =>
  new HanseError('INVALID_REQUEST', `${path.replace(/[\0\p{Surrogate}]/gu, '?')} ${what}.`, { place: { path: path.replace(/[\0\p{Surrogate}]/gu, '?') } });

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    // the parser's message quotes the text, in which a secret may stand: only its position is used
    const position = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    const line = position === undefined ? undefined : text.slice(0, Number(position)).split('\n').length;
    throw new HanseError('INVALID_REQUEST', `The body is not JSON${line === undefined ? '' : `: line ${line}`}.`, {
      place: { path: 'body', ...(line !== undefined && { line }) },
      fix: 'Send one well-formed JSON document (RFC 8259).',
    });
  }
};
