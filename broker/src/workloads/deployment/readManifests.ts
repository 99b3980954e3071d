// Text of strangers to Kubernetes objects, each with the file and line where it stands.
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments, visit, type YAMLError } from 'yaml';
import type { Fault } from '../../errors.ts';
import { isTooDeep } from '../../yamlDepth.ts';
import { fieldsOf, isFields } from '../json.ts';
import type { KubeManifest } from '../manifest.ts';
import { manifestSchema } from './manifestSchema.ts';

export type ManifestFile = { readonly file: string; readonly text: string };

export type FieldPath = readonly (string | number)[];

export type PlacedManifest = {
  readonly manifest: KubeManifest;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** The line of a field, or of the nearest thing around it. */
  lineOf(path: FieldPath): number;
};

export type ReadOutcome = { readonly manifests: readonly PlacedManifest[]; readonly faults: readonly Fault[] };

/** A ConfigMap may have 1 MiB (Kubernetes' own limit); rendered charts of real applications stay well under 4 MiB. */
export const limits = { fileCharacters: 2_097_152, allCharacters: 4_194_304, objects: 500, depth: 64, aliases: 100 } as const;

type Source = { readonly file: string; readonly lines: LineCounter };
type Found = { readonly value: unknown; readonly node: unknown };

/** Never throws: everything wrong with everything, at once. */
export function readManifests(files: readonly ManifestFile[]): ReadOutcome {
  const all = files.reduce((sum, { text }) => sum + text.length, 0);
  if (all > limits.allCharacters)
    return {
      manifests: [],
      faults: [
        { message: `The manifests have ${all} characters together; at most ${limits.allCharacters} are read.`, fix: 'Deploy them as several applications.' },
      ],
    };
  const outcomes = files.map(readFile);
  const manifests = outcomes.flatMap((outcome) => outcome.manifests);
  const faults = outcomes.flatMap((outcome) => outcome.faults);
  if (manifests.length > limits.objects)
    faults.push({ message: `There are ${manifests.length} objects; at most ${limits.objects} are taken.`, fix: 'Deploy them as several applications.' });
  if (manifests.length === 0 && faults.length === 0)
    faults.push({ message: 'There is no Kubernetes object in what was given.', fix: 'Name a file or directory with manifests (.yaml, .yml, .json).' });
  return { manifests, faults: [...faults, ...twins(manifests)] };
}

function readFile({ file, text }: ManifestFile): { manifests: PlacedManifest[]; faults: Fault[] } {
  if (text.length > limits.fileCharacters)
    return { manifests: [], faults: [{ message: `The file has ${text.length} characters; at most ${limits.fileCharacters} are read.`, place: { file } }] };
  const lines = new LineCounter();
  const source = { file, lines };
  const outcome = { manifests: [] as PlacedManifest[], faults: [] as Fault[] };
  for (const document of documents(text, lines, outcome.faults, file)) {
    const found = valueOf(document, source, outcome.faults);
    if (found) readObject({ found, source, path: '', outcome });
  }
  return outcome;
}

/**
 * kubectl reads YAML 1.1 (sigs.k8s.io/yaml), so `0644` is octal and `yes` is true here too; but like it, `12:30` and dates stay text.
 */
const unlikeKubectl = /:(timestamp|binary|omap|pairs|set)$/;
const isSexagesimal = (tag: unknown): boolean => fieldsOf(tag)['format'] === 'TIME';

function documents(text: string, lineCounter: LineCounter, faults: Fault[], file: string): Document.Parsed[] {
  const read = isJson(text) ? text.replaceAll('\t', ' ') : text;
  const refuse = (): Document.Parsed[] => {
    faults.push({ message: `The file is nested too deeply; at most ${limits.depth} levels are read.`, place: { file } });
    return [];
  };
  if (isTooDeep(read)) return refuse();
  try {
    const parsed = parseAllDocuments(read, {
      version: '1.1',
      customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || (!unlikeKubectl.test(tag.tag) && !isSexagesimal(tag))),
      uniqueKeys: true,
      lineCounter,
      logLevel: 'silent',
      prettyErrors: false,
    });
    return 'empty' in parsed ? [] : parsed;
  } catch {
    return refuse();
  }
}

/** JSON may be indented with tabs, YAML may not; in JSON a tab never stands inside a string. */
function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function valueOf(document: Document.Parsed, { file, lines }: Source, faults: Fault[]): Found | undefined {
  const troubles: readonly YAMLError[] = [...document.errors, ...document.warnings];
  const place = (offset: number) => ({ file, line: Math.max(1, lines.linePos(offset).line) });
  if (troubles.length > 0) {
    faults.push(...troubles.slice(0, 10).map((trouble) => ({ message: oneLine(trouble.message), place: place(trouble.pos[0]) })));
    return undefined;
  }
  const start = document.contents?.range?.[0] ?? 0;
  try {
    const key = misreadKey(document);
    if (key) {
      faults.push({ message: `The key ${key.written} would be read as ${key.read}.`, place: place(key.offset), fix: 'Put it in quotes.' });
      return undefined;
    }
    const value: unknown = document.toJS({ maxAliasCount: limits.aliases });
    const fault = unfit(value, []);
    if (!fault) return { value, node: document.contents };
    faults.push({ message: fault.message, place: { ...place(lineStart(document.contents, fault.path) ?? start), path: fault.path.join('.') } });
  } catch (error) {
    const why = whyNotRead(error);
    faults.push({ message: `The document ${why}.`, place: place(start) });
  }
  return undefined;
}

/** What yaml throws when it makes values of nodes: about aliases, or when the stack ends. */
function whyNotRead(error: unknown): string {
  if (!(error instanceof ReferenceError)) return `is nested more than ${limits.depth} levels deep`;
  return error.message.startsWith('Unresolved alias')
    ? 'uses an alias without an anchor before it'
    : `uses aliases that unfold to more than ${limits.aliases} times its size`;
}

/** `y: 1` would be the key "true", `0644: 1` the key "420": nobody means that. */
function misreadKey(document: Document.Parsed): { written: string; read: string; offset: number } | undefined {
  let found: { written: string; read: string; offset: number } | undefined;
  visit(document, {
    Pair(_position, { key }) {
      if (!isScalar(key) || typeof key.value === 'string' || key.source === '<<' || key.source === String(key.value)) return undefined;
      found = { written: key.source ?? '', read: String(key.value), offset: key.range?.[0] ?? 0 };
      return visit.BREAK;
    },
  });
  return found;
}

const oneLine = (text: string): string => text.split('\n')[0]?.replace(/[.:]?$/, '.') ?? text;

type Unfit = { readonly message: string; readonly path: FieldPath };

/** What JSON cannot carry to an API server unchanged. */
function unfit(value: unknown, path: FieldPath): Unfit | undefined {
  if (path.length > limits.depth) return { message: `It is nested more than ${limits.depth} levels deep.`, path };
  if (typeof value === 'number')
    return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
      ? undefined
      : { message: 'The number cannot be carried exactly.', path };
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (Array.isArray(value))
    return firstUnfit(
      value.map((item, index) => [index, item]),
      path,
    );
  if (!isFields(value)) return { message: 'The value has no form in JSON.', path };
  if (Object.hasOwn(value, '__proto__')) return { message: 'A key may not be called __proto__.', path };
  return firstUnfit(Object.entries(value), path);
}

function firstUnfit(entries: readonly (readonly [string | number, unknown])[], path: FieldPath): Unfit | undefined {
  for (const [key, item] of entries) {
    const found = unfit(item, [...path, key]);
    if (found) return found;
  }
  return undefined;
}

type Reading = { readonly found: Found; readonly source: Source; readonly path: string; readonly outcome: { manifests: PlacedManifest[]; faults: Fault[] } };

function readObject({ found, source, path, outcome }: Reading): void {
  const { value, node } = found;
  if (value === null) return;
  if (isList(value)) {
    const items = isMap(node) ? node.get('items', true) : undefined;
    value.items.forEach((item, index) =>
      readObject({ found: { value: item, node: isSeq(items) ? items.items[index] : node }, source, path: `${path}items[${index}].`, outcome }),
    );
    return;
  }
  const lineOf = (field: FieldPath): number => Math.max(1, source.lines.linePos(lineStart(node, field) ?? 0).line);
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) {
    outcome.manifests.push({ manifest: parsed.data, file: source.file, line: lineOf([]), lineOf });
    return;
  }
  for (const issue of parsed.error.issues) {
    const field = issue.path.filter((part) => typeof part !== 'symbol');
    outcome.faults.push({
      message: `${field.join('.') || 'The object'}: ${issue.message}`,
      place: { file: source.file, line: lineOf(field), path: path + field.join('.') },
    });
  }
}

function isList(value: unknown): value is { items: readonly unknown[] } {
  return isFields(value) && typeof value['kind'] === 'string' && value['kind'].endsWith('List') && Array.isArray(value['items']);
}

/** Offset of the deepest node on the path that the text really has. */
function lineStart(node: unknown, path: FieldPath): number | undefined {
  const own = isNode(node) ? node.range?.[0] : undefined;
  const [key, ...rest] = path;
  if (key === undefined) return own;
  if (isSeq(node)) return lineStart(node.items[Number(key)], rest) ?? own;
  if (!isMap(node)) return own;
  const pair = node.items.find((item) => (isScalar(item.key) ? String(item.key.value) : undefined) === String(key));
  const keyStart = isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  if (rest.length === 0) return keyStart ?? own;
  return lineStart(pair?.value, rest) ?? keyStart ?? own;
}

function twins(manifests: readonly PlacedManifest[]): Fault[] {
  const seen = new Map<string, PlacedManifest>();
  const faults: Fault[] = [];
  for (const placed of manifests) {
    const { apiVersion, kind, metadata } = placed.manifest;
    const key = `${apiVersion.replace(/\/?[^/]*$/, '')}/${kind}/${metadata.name}`;
    const first = seen.get(key);
    if (first)
      faults.push({
        message: `${kind} ${metadata.name} stands there twice: first in ${first.file}, line ${first.line}.`,
        place: { file: placed.file, line: placed.line },
        fix: 'Remove one of the two.',
      });
    else seen.set(key, placed);
  }
  return faults;
}
