// Reading values of unknown shape without asserting one.
export type Fields = { readonly [key: string]: unknown };

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** undefined when anything on the way is missing. */
export function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isFields(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined), value);
}

/** The same object with another value at the path; what is missing on the way is made. */
export function withAt(value: Fields, path: readonly string[], replace: (found: unknown) => unknown): Fields {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const found = Object.hasOwn(value, key) ? value[key] : undefined;
  const next = rest.length === 0 ? replace(found) : withAt(fieldsOf(found), rest, replace);
  if (next !== undefined) return { ...value, [key]: next };
  const { [key]: _removed, ...others } = value;
  return others;
}

/** Whether two JSON values say the same, whatever the order of their keys. */
export function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) return one.length === other.length && one.every((item, index) => isSame(item, other[index]));
  if (!isFields(one) || !isFields(other)) return false;
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].every((key) => Object.hasOwn(one, key) && Object.hasOwn(other, key) && isSame(one[key], other[key]));
}
