// Text to declared documents; everything wrong with everything at once, each with file, line, path and the nearest valid word.
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import type { z } from 'zod';
import { declaredDocuments, type DeclaredKind, declaredKinds } from '../../../contract/src/index.ts';
import { type Fault, HanseError } from '../errors.ts';
import { contradictionIn, nearestWord, parseCriterion, parsePolicy, parsePreference } from '../placement/index.ts';
import { isTooDeep } from '../yamlDepth.ts';
import type { Declared, NamedText } from './document.ts';
import { fieldsAt } from './fields.ts';

export const limits = { allCharacters: 4_194_304, documents: 200 } as const;

export type Reading = { readonly declared: readonly Declared[]; readonly faults: readonly Fault[] };

type Path = readonly (string | number)[];
type Source = NamedText & { readonly lines: LineCounter };

/** Never throws. */
export function readDeclarations(files: readonly NamedText[]): Reading {
  const all = files.reduce((sum, { text }) => sum + text.length, 0);
  if (all > limits.allCharacters)
    return { declared: [], faults: [{ message: `The documents have ${all} characters together; at most ${limits.allCharacters} are read.` }] };
  const outcomes = files.map(readFile);
  const declared = outcomes.flatMap((outcome) => outcome.declared);
  const faults = outcomes.flatMap((outcome) => outcome.faults);
  if (declared.length > limits.documents)
    faults.push({ message: `There are ${declared.length} documents; at most ${limits.documents} are taken.`, fix: 'Apply them in parts.' });
  if (declared.length === 0 && faults.length === 0)
    faults.push({ message: `There is no ${declaredKinds.join(', ')} in what was given.`, fix: 'hanse schema KIND prints how a document looks.' });
  return { declared, faults: [...faults, ...twins(declared)] };
}

function readFile({ file, text }: NamedText): Reading {
  const source: Source = { file, text, lines: new LineCounter() };
  const found: { declared: Declared[]; faults: Fault[] } = { declared: [], faults: [] };
  const refuse = (): Reading => ({ declared: [], faults: [{ message: 'The file is nested too deeply.', place: { file } }] });
  if (isTooDeep(text)) return refuse();
  let documents: readonly Document.Parsed[];
  try {
    const parsed = parseAllDocuments(text, { lineCounter: source.lines, uniqueKeys: true, schema: 'core', logLevel: 'silent', prettyErrors: false });
    documents = 'empty' in parsed ? [] : parsed;
  } catch {
    return refuse();
  }
  for (const document of documents) {
    const outcome = readDocument(document, source);
    if (outcome.kind === 'faulty') found.faults.push(...outcome.faults);
    if (outcome.kind === 'read') found.declared.push(outcome.declared);
  }
  return found;
}

type ReadDocument = { kind: 'empty' } | { kind: 'read'; declared: Declared } | { kind: 'faulty'; faults: readonly Fault[] };

function readDocument(document: Document.Parsed, source: Source): ReadDocument {
  const lineAt = (offset: number): number => Math.max(1, source.lines.linePos(offset).line);
  const faultAt = (path: Path, message: string, fix?: string): Fault => ({
    message,
    place: { file: source.file, line: lineAt(startOf(document.contents, path) ?? 0), ...(path.length > 0 && { path: path.join('.') }) },
    ...(fix !== undefined && { fix }),
  });
  const broken = document.errors
    .slice(0, 10)
    .map(({ message, pos }): Fault => ({ message: oneLine(message), place: { file: source.file, line: lineAt(pos[0]) } }));
  if (broken.length > 0) return { kind: 'faulty', faults: broken };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch {
    return { kind: 'faulty', faults: [faultAt([], 'it uses YAML aliases, or is nested too deeply.', 'Write the values out.')] };
  }
  if (value === null || value === undefined) return { kind: 'empty' };
  const kind = kindOf(value, faultAt);
  if (typeof kind !== 'string') return { kind: 'faulty', faults: [kind] };
  const parsed = declaredDocuments[kind].safeParse(value);
  if (!parsed.success) return { kind: 'faulty', faults: parsed.error.issues.flatMap((issue) => faultsOf(issue, kind, faultAt)) };
  const placed = { name: parsed.data.metadata.name, file: source.file, line: lineAt(document.contents?.range?.[0] ?? 0), fault: faultAt };
  const outcome = parsed.data;
  const declared: Declared =
    outcome.kind === 'Application'
      ? { ...placed, kind: outcome.kind, document: outcome, manifests: inlineManifests(document, source) }
      : outcome.kind === 'Policy'
        ? { ...placed, kind: outcome.kind, document: outcome, text: written(document.contents, source) }
        : { ...placed, kind: outcome.kind, document: outcome };
  const faults = wordFaults(declared);
  return faults.length > 0 ? { kind: 'faulty', faults } : { kind: 'read', declared };
}

type FaultAt = (path: Path, message: string, fix?: string) => Fault;

function kindOf(value: unknown, faultAt: FaultAt): DeclaredKind | Fault {
  const { apiVersion, kind } = typeof value === 'object' && value !== null ? (value as { apiVersion?: unknown; kind?: unknown }) : {}; // only looked at
  if (typeof apiVersion === 'string' && !apiVersion.startsWith('hanse.dev/') && nearestWord(apiVersion, ['hanse.dev/v1']) === null)
    return faultAt(
      ['apiVersion'],
      `${apiVersion.slice(0, 100)} is not declared by itself; documents of hanse.dev/v1 are.`,
      'Put Kubernetes objects under spec.manifests of an Application, or name their file under spec.files.',
    );
  const found = declaredKinds.find((one) => one === kind);
  if (found !== undefined) return found;
  if (typeof kind !== 'string') return faultAt([], 'The document has no kind.', `Write apiVersion: hanse.dev/v1 and kind: one of ${declaredKinds.join(', ')}.`);
  return faultAt(['kind'], `There is no kind ${kind.slice(0, 100)}.`, suggest(kind, declaredKinds));
}

const suggest = (word: string, words: readonly string[]): string => {
  const nearest = nearestWord(word, words);
  return `${nearest === null ? '' : `Did you mean ${nearest}? `}It can be ${words.join(', ')}.`;
};

function faultsOf(issue: z.core.$ZodIssue, kind: DeclaredKind, faultAt: FaultAt): Fault[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => faultAt([...path, key], `There is no field ${key.slice(0, 100)} here.`, suggest(key, fieldsAt(kind, path))));
    case 'invalid_value':
      return [faultAt(path, 'This cannot stand here.', `It can be ${issue.values.map(String).join(', ')}.`)];
    case 'invalid_union':
      return [faultAt(path, 'It must be a number, or a quantity as Kubernetes writes it.', 'Write it like 4, 500m or 8Gi.')];
    default:
      return [faultAt(path, sentence(issue.message))];
  }
}

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`;

/** Criteria and preferences are read now, so that a misspelt one is told with its line. */
function wordFaults(declared: Declared): Fault[] {
  const read = (path: Path, words: readonly string[] | undefined, parse: (word: string) => unknown): Fault[] =>
    (words ?? []).flatMap((word, index) => caught(() => parse(word), [...path, index], declared.fault));
  const { kind, document } = declared;
  /** Each by itself, then whether all can hold at once. */
  const readWhere = (words: readonly string[] | undefined): Fault[] => {
    const path = ['spec', 'where'];
    const faults = read(path, words, parseCriterion);
    const never = faults.length > 0 ? null : contradictionIn((words ?? []).map(parseCriterion));
    return never === null ? faults : [declared.fault([...path, never.index], `The criterion "${never.word}" ${never.why}.`, never.fix)];
  };
  if (kind === 'Federation') return readWhere(document.spec.where);
  if (kind === 'Application') return [...readWhere(document.spec.where), ...read(['spec', 'prefer'], document.spec.prefer, parsePreference)];
  try {
    parsePolicy(declared.text, declared.file);
    return [];
  } catch (error) {
    if (error instanceof HanseError) return [...error.faults];
    throw error;
  }
}

const caught = (act: () => unknown, path: Path, faultAt: FaultAt): Fault[] => {
  try {
    act();
    return [];
  } catch (error) {
    if (error instanceof HanseError) return [faultAt(path, error.message, error.fix)];
    throw error;
  }
};

function twins(declared: readonly Declared[]): Fault[] {
  const seen = new Map<string, Declared>();
  return declared.flatMap((one) => {
    const key = `${one.kind}/${one.name}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, one);
    return first === undefined
      ? []
      : [one.fault([], `${one.kind} ${one.name} stands there twice: first in ${first.file}, line ${first.line}.`, 'Remove one of the two.')];
  });
}

/** Each item of spec.manifests by itself, read later with the rules of Kubernetes' own YAML. */
function inlineManifests(document: Document.Parsed, source: Source): NamedText[] {
  const items = document.getIn(['spec', 'manifests'], true);
  return isSeq(items) ? items.items.map((item) => ({ file: source.file, text: written(item, source) })) : [];
}

/** A part of the text on its own lines and columns: what is above it is empty. */
function written(node: unknown, { text, lines }: Source): string {
  const range = isNode(node) ? node.range : undefined;
  if (!range) return '';
  const { line, col } = lines.linePos(range[0]);
  return `${'\n'.repeat(Math.max(0, line - 1))}${' '.repeat(Math.max(0, col - 1))}${text.slice(range[0], range[1])}\n`;
}

/** Offset of the deepest thing on the path that the text really has. */
function startOf(node: unknown, path: Path): number | undefined {
  const own = isNode(node) ? node.range?.[0] : undefined;
  const [key, ...rest] = path;
  if (key === undefined) return own;
  if (isSeq(node)) return startOf(node.items[Number(key)], rest) ?? own;
  if (!isMap(node)) return own;
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
  const keyStart = isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  return rest.length === 0 ? (keyStart ?? own) : (startOf(pair?.value, rest) ?? keyStart ?? own);
}

const oneLine = (text: string): string => (text.split('\n')[0] ?? text).replace(/[.:]?$/, '.');
