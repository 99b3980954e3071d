// Server-side apply and merge patch on plain JSON. Lists are atomic: nothing in the simulation adds to a list that a client owns.
export type Plain = { [key: string]: unknown };
export const isPlain = (value: unknown): value is Plain => typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON pointers (RFC 6901) of every leaf: what a manager owns. An empty object is a leaf. */
export function leaves(value: Plain, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, child] of Object.entries(value)) {
    if (child === undefined || child === null) continue;
    const path = `${prefix}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (isPlain(child) && Object.keys(child).length > 0) for (const [p, v] of leaves(child, path)) found.set(p, v);
    else found.set(path, JSON.stringify(child));
  }
  return found;
}

const parts = (pointer: string): string[] =>
  pointer
    .slice(1)
    .split('/')
    .map((p) => p.replaceAll('~1', '/').replaceAll('~0', '~'));

export function removeAt(target: Plain, pointer: string): void {
  const path = parts(pointer);
  const walk = (at: Plain, depth: number): void => {
    const key = path[depth] ?? '';
    if (depth === path.length - 1) delete at[key];
    else if (isPlain(at[key])) {
      walk(at[key], depth + 1);
      if (Object.keys(at[key]).length === 0) delete at[key];
    }
  };
  walk(target, 0);
}

/** RFC 7396. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isPlain(patch)) return patch;
  const result: Plain = isPlain(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

export type JsonPatchOperation = { op: string; path: string; value?: unknown };

/** RFC 6902: test, add, replace, remove. Answers a sentence when it cannot be applied. */
export function jsonPatch(target: Plain, operations: readonly JsonPatchOperation[]): string | null {
  for (const operation of operations) {
    const keys = parts(operation.path);
    const last = keys.pop() ?? '';
    const at = keys.reduce<unknown>((here, key) => (isPlain(here) ? here[key] : Array.isArray(here) ? here[Number(key)] : undefined), target);
    const failure = Array.isArray(at) ? patchList(at, last, operation) : isPlain(at) ? patchPlain(at, last, operation) : `no parent at ${operation.path}`;
    if (failure) return failure;
  }
  return null;
}
const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);
function patchList(list: unknown[], key: string, { op, path, value }: JsonPatchOperation): string | null {
  const index = key === '-' ? list.length : Number(key);
  if (op === 'test') return differs(list[index], value) ? `test failed at ${path}` : null;
  list.splice(index, op === 'add' ? 0 : 1, ...(op === 'remove' ? [] : [value]));
  return null;
}
function patchPlain(object: Plain, key: string, { op, path, value }: JsonPatchOperation): string | null {
  if (op === 'test') return differs(object[key], value) ? `test failed at ${path}` : null;
  if (op !== 'remove') object[key] = value;
  else if (key in object) delete object[key];
  else return `nothing to remove at ${path}`;
  return null;
}

type Requirement = (labels: Readonly<Record<string, string>>) => boolean;

/** `a=b,c!=d,e in (x,y),f notin (x),g,!h` */
export function labelSelector(text: string): Requirement {
  const tests = [...text.matchAll(/\s*(!?[\w./-]+)(?:\s*(=|==|!=)\s*([\w.-]*)|\s+(in|notin)\s+\(([^)]*)\))?\s*(?:,|$)/g)]
    .filter((m) => m[1])
    .map(([, key = '', operator, value, set, values]): Requirement => {
      const wanted = (values ?? '').split(',').map((v) => v.trim());
      if (set === 'in') return (l) => wanted.includes(l[key] ?? '\0');
      if (set === 'notin') return (l) => !wanted.includes(l[key] ?? '\0');
      if (operator === '!=') return (l) => l[key] !== value;
      if (operator) return (l) => l[key] === value;
      return key.startsWith('!') ? (l) => !(key.slice(1) in l) : (l) => key in l;
    });
  return (labels) => tests.every((t) => t(labels));
}

/** `metadata.name=x,status.phase!=Failed` on any path. */
export function fieldSelector(text: string): (object: Plain) => boolean {
  const tests = text
    .split(',')
    .filter(Boolean)
    .map((term) => {
      const [, path = '', operator, value = ''] = /^([^!=]+)(!=|==?)(.*)$/.exec(term) ?? [];
      const read = (o: Plain): string => {
        const found = path.split('.').reduce<unknown>((at, key) => (isPlain(at) ? at[key] : undefined), o);
        return typeof found === 'string' ? found : found === undefined ? '' : JSON.stringify(found);
      };
      return (o: Plain) => (operator === '!=' ? read(o) !== value : read(o) === value);
    });
  return (object) => tests.every((t) => t(object));
}
