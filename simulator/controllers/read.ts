// Small readers for controllers: an object's inside without casting at every place.
import { isPlain, type Plain } from '../fields.ts';
import type { Stored } from '../object.ts';

/** The value at a dotted path, or undefined. */
export const at = (value: unknown, path: string): unknown => path.split('.').reduce<unknown>((here, key) => (isPlain(here) ? here[key] : undefined), value);
export const text = (value: unknown, path: string): string => {
  const found = at(value, path);
  return typeof found === 'string' ? found : '';
};
export const amount = (value: unknown, path: string, otherwise = 0): number => {
  const found = at(value, path);
  return typeof found === 'number' ? found : otherwise;
};
export const plain = (value: unknown, path: string): Plain => {
  const found = at(value, path);
  return isPlain(found) ? found : {};
};
export const rows = (value: unknown, path: string): Plain[] => {
  const found = at(value, path);
  return Array.isArray(found) ? found.filter(isPlain) : [];
};
export const label = (object: Stored, key: string): string => object.metadata.labels?.[key] ?? '';
export const condition = (object: Stored, type: string): Plain | undefined => rows(object, 'status.conditions').find((c) => c.type === type);
export const isReady = (object: Stored): boolean => condition(object, 'Ready')?.status === 'True';

/** `{matchLabels, matchExpressions}` or a plain map (Service). */
export function selects(selector: Plain, labels: Readonly<Record<string, string>>): boolean {
  const map = isPlain(selector.matchLabels) ? selector.matchLabels : selector.matchExpressions ? {} : selector;
  return Object.entries(map).every(([k, v]) => labels[k] === v) && rows(selector, 'matchExpressions').every((e) => expression(e, labels));
}
export function expression(e: Plain, labels: Readonly<Record<string, string>>): boolean {
  const key = String(e.key);
  const values = Array.isArray(e.values) ? e.values : [];
  if (e.operator === 'In') return values.includes(labels[key]);
  if (e.operator === 'NotIn') return !values.includes(labels[key]);
  if (e.operator === 'Exists') return key in labels;
  return !(key in labels);
}
/** Terms are ORed, expressions of one term are ANDed; no terms: everything. */
export const nodeMatches = (selector: Plain, labels: Readonly<Record<string, string>>): boolean => {
  const terms = rows(selector, 'nodeSelectorTerms');
  return terms.length === 0 || terms.some((t) => rows(t, 'matchExpressions').every((e) => expression(e, labels)));
};

/** A pod whose script reports by its termination message. */
export const isSender = (pod: Stored): boolean =>
  text(pod, 'spec.restartPolicy') === 'Never' && rows(pod, 'spec.containers').some((c) => JSON.stringify(c.command ?? []).includes('/dev/termination-log'));

const UNITS: Record<string, number> = { m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3, Ti: 1024 ** 4 };
/** A Kubernetes quantity as a number of its base unit. */
export const quantity = (value: unknown): number => {
  const [, digits = '0', unit = ''] = /^([\d.]+)([a-zA-Z]*)$/.exec(typeof value === 'string' ? value : typeof value === 'number' ? `${value}` : '0') ?? [];
  return Number(digits) * (UNITS[unit] ?? 1);
};

/** Quantities as the server writes them back: whole cores without `m`. */
export const canonical = (amounts: Plain): Plain =>
  Object.fromEntries(Object.entries(amounts).map(([name, value]) => [name, /^\d+000m$/.test(String(value)) ? String(value).slice(0, -4) : value]));
