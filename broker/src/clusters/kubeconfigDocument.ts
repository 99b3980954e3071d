// YAML of a stranger, read within limits, that still knows the line of each field.
import { LineCounter, parseAllDocuments, visit } from 'yaml';
import type { Fault, Place } from '../errors.ts';
import { isTooDeep } from '../yamlDepth.ts';

export type Path = readonly (string | number)[];
export type Read = { readonly value: unknown; place(path: Path): Place };
export type ReadOutcome = { readonly kind: 'read'; readonly read: Read } | { readonly kind: 'rejected'; readonly faults: readonly Fault[] };

const bytesMost = 256 * 1024;
const aliasesMost = 10;
const depthMost = 20;

export const pathText = (path: Path): string => path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');

const rejected = (message: string, fix: string, place?: Place): ReadOutcome => ({
  kind: 'rejected',
  faults: [{ message, fix, ...(place === undefined ? {} : { place }) }],
});

/** Deeper nesting than any kubeconfig has would only exhaust the stack of the parser. */
const tooDeep = (text: string): boolean => {
  let depth = 0;
  for (const character of text) {
    if (character === '[' || character === '{') depth++;
    if (character === ']' || character === '}') depth--;
    if (depth > depthMost) return true;
  }
  return isTooDeep(text);
};

export const readDocument = (text: string): ReadOutcome => {
  if (text.length > bytesMost)
    return rejected(`it is larger than ${bytesMost / 1024} KiB`, 'Send only the context that is meant: kubectl config view --minify --flatten');
  if (tooDeep(text)) return rejected('it is nested more deeply than a kubeconfig is', 'Send a kubeconfig.');
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { version: '1.2', schema: 'core', uniqueKeys: true, strict: true, prettyErrors: false, lineCounter });
  if (!Array.isArray(documents) || documents.length !== 1) return rejected('it is not exactly one YAML document', 'Send one kubeconfig.');
  const [document] = documents;
  if (document === undefined) return rejected('it is empty', 'Send a kubeconfig.');
  const lineAt = (offset: number): number => lineCounter.linePos(offset).line;
  // warnings too: an unknown tag (!!js/function, !include) is one
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) {
    // the parser's own sentences quote the text, which holds secrets
    const faults = problems
      .slice(0, 20)
      .map(({ code, pos }): Fault => ({ message: `YAML: ${code}`, place: { line: lineAt(pos[0]) }, fix: 'Correct the YAML.' }));
    return { kind: 'rejected', faults };
  }
  let aliases = 0;
  visit(document, { Alias: () => void aliases++ });
  if (aliases > aliasesMost) return rejected(`it has more than ${aliasesMost} YAML aliases`, 'Write the values out.');
  const place = (path: Path): Place => {
    const node: unknown = document.getIn([...path], true);
    const range: unknown = typeof node === 'object' && node !== null && 'range' in node ? node.range : null;
    const offset: unknown = Array.isArray(range) ? range[0] : null;
    return { path: pathText(path), ...(typeof offset === 'number' ? { line: lineAt(offset) } : {}) };
  };
  try {
    return { kind: 'read', read: { value: document.toJS({ maxAliasCount: aliasesMost }), place } };
  } catch {
    // an alias without its anchor, or one inside itself
    return rejected('it has a YAML alias that leads nowhere', 'Write the values out.');
  }
};
