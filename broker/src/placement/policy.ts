// A Policy file: criteria, preferences and permissions that many applications share, kept beside the manifests.
import { isMap, LineCounter, parseDocument } from 'yaml';
import { policyDocument } from '../../../contract/src/index.ts';
import { HanseError } from '../errors.ts';
import type { Fault } from '../errors.ts';
import { isTooDeep } from '../yamlDepth.ts';
import { contradictionIn, parseCriterion } from './criterion.ts';
import type { Criterion, Preference } from './placement.ts';
import { parsePreference } from './preference.ts';

export type Policy = {
  readonly name: string;
  readonly criteria: readonly Criterion[];
  readonly preferences: readonly Preference[];
  readonly providersMin: number;
  /** `apps/v1/DaemonSet`, `v1/PersistentVolumeClaim`: kinds that a deployment may contain beside the ordinary ones. */
  readonly allowKinds: readonly string[];
  /** Names of clusters that are never chosen. */
  readonly exclude: readonly string[];
  /** By cause: what is done when something happens to a provider. */
  readonly react?: Readonly<Partial<Record<'unreachable' | 'circuit' | 'price' | 'draining', ReactWord> & { readonly proof: ReactWord | 'forbid' }>>;
};

type ReactWord = 'act' | 'ask' | 'warn';

const charactersMax = 64 * 1024;

/** INVALID_REQUEST carries every fault with file, line and path. */
export function parsePolicy(text: string, file: string): Policy {
  if (text.length > charactersMax) throw new HanseError('TOO_LARGE', `${file} is larger than ${charactersMax} characters.`, { place: { file } });
  if (isTooDeep(text)) throw refused(file, [{ message: 'It is nested more deeply than a policy is.', place: { file } }]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, schema: 'core' });
  const broken = document.errors.map((error): Fault => ({ message: firstLine(error.message), place: { file, line: lines.linePos(error.pos[0]).line } }));
  if (broken.length > 0) throw refused(file, broken);
  const lineOf = (path: readonly PropertyKey[]): number =>
    lineAt(
      path,
      (steps) => document.getIn(steps, true),
      (offset) => lines.linePos(offset).line,
    );
  const parsed = policyDocument.safeParse(plain(document, file));
  if (!parsed.success)
    throw refused(
      file,
      parsed.error.issues.map(({ path, message }) => ({ message, place: { file, line: lineOf(path), path: path.join('.') } })),
    );
  const { metadata, spec } = parsed.data;
  const faults: Fault[] = [];
  const faultAt = (path: readonly PropertyKey[], { message, fix }: Pick<Fault, 'message' | 'fix'>): void =>
    void faults.push({ message, ...(fix !== undefined && { fix }), place: { file, line: lineOf(path), path: path.join('.') } });
  const read = <Value>(fields: readonly ('required' | 'preferred' | 'criteria' | 'preferences')[], parse: (word: string) => Value): Read<Value>[] =>
    fields.flatMap((field) =>
      (spec[field] ?? []).flatMap((word, index) => {
        try {
          return [{ value: parse(word), path: ['spec', field, index] }];
        } catch (error) {
          if (!(error instanceof HanseError)) throw error;
          faultAt(['spec', field, index], error);
          return [];
        }
      }),
    );
  const required = read(['required', 'criteria'], parseCriterion);
  const preferred = read(['preferred', 'preferences'], parsePreference);
  const never = contradictionIn(required.map(({ value }) => value));
  if (never !== null) faultAt(required[never.index]?.path ?? ['spec'], { message: `The criterion "${never.word}" ${never.why}.`, fix: never.fix });
  if (faults.length > 0) throw refused(file, faults);
  const policy = { name: metadata.name, criteria: required.map(({ value }) => value), preferences: preferred.map(({ value }) => value) };
  return {
    ...policy,
    providersMin: spec.spread.providersMin,
    allowKinds: spec.allowKinds,
    exclude: spec.exclude,
    ...(spec.react === undefined ? {} : { react: spec.react }),
  };
}

type Read<Value> = { readonly value: Value; readonly path: readonly PropertyKey[] };

/** Aliases multiply: a file of a few lines could become gigabytes. A policy needs none. */
const plain = (document: ReturnType<typeof parseDocument>, file: string): unknown => {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    throw refused(file, [{ message: 'it uses YAML aliases', place: { file }, fix: 'Write the values out.' }]);
  }
};

type NodeAt = (path: readonly unknown[]) => unknown;

/** The line of the value, or of the nearest thing around it that is there. */
function lineAt(path: readonly PropertyKey[], nodeAt: NodeAt, lineOfOffset: (offset: number) => number): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = nodeAt(path.slice(0, length));
    const start = hasRange(node) ? node.range[0] : isMap(node) ? 0 : undefined;
    if (start !== undefined) return lineOfOffset(start);
  }
  return 1;
}

const hasRange = (node: unknown): node is { range: readonly [number] } =>
  typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);

const firstLine = (text: string): string => text.split('\n')[0] ?? text;

function refused(file: string, faults: readonly Fault[]): HanseError {
  const first = faults[0];
  const where = first?.place?.line === undefined ? file : `${file}:${first.place.line}${first.place.path === undefined ? '' : ` (${first.place.path})`}`;
  const more = faults.length > 1 ? ` ${faults.length - 1} more.` : '';
  return new HanseError('INVALID_REQUEST', `The policy is refused: ${where}: ${(first?.message ?? '').replace(/\.$/, '')}.${more}`, {
    ...(first?.place === undefined ? {} : { place: first.place }),
    fix: first?.fix ?? 'Correct the line and send it again; examples/policy.yaml shows every field.',
    faults,
  });
}
