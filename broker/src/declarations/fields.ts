// Which words may stand at a place of a document, as its JSON Schema says.
import { declaredSchema, type DeclaredKind } from '../../../contract/src/index.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Names of the fields of the object at the path; none when anything may stand there. */
export function fieldsAt(kind: DeclaredKind, path: readonly PropertyKey[]): readonly string[] {
  let at: unknown = declaredSchema(kind);
  for (const part of path) {
    if (!isObject(at)) return [];
    const { properties, items } = at;
    at = typeof part === 'number' ? items : isObject(properties) && Object.hasOwn(properties, part) ? properties[String(part)] : undefined;
  }
  return isObject(at) && isObject(at['properties']) ? Object.keys(at['properties']) : [];
}
