// A form for every verb that has none of its own, from how the API describes its request.
import { z } from 'zod';
import type { Verb } from '../../../contract/src/index.ts';
import type { Field, PageVerb, Values } from './verbs.ts';

const property = z.looseObject({
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  description: z.string().optional(),
});
const schema = z.looseObject({ properties: z.record(z.string(), property).default({}), required: z.array(z.string()).default([]) });
type Property = z.infer<typeof property>;

const isSecret = (name: string): boolean => /password|token|secret/i.test(name);
const isLong = (name: string, { type, enum: words }: Property): boolean =>
  words === undefined && (/kubeconfig|manifest/i.test(name) || type === 'object' || type === undefined);

/** maxCpu → Max cpu */
const titleOf = (name: string): string => {
  const words = name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const fieldOf = (name: string, of: Property, isRequired: boolean): Field => {
  const title = `${titleOf(name)}${of.description === undefined ? '' : `: ${of.description}`}`;
  if (of.enum !== undefined) return { kind: 'one', name, title, options: of.enum, isRequired };
  if (of.type === 'boolean') return { kind: 'yes', name, title };
  if (isLong(name, of)) return { kind: 'long', name, title, isRequired };
  return { kind: isSecret(name) ? 'secret' : 'text', name, title, isRequired, ...(of.type === 'array' && { hint: 'one, another' }) };
};

/** What is left empty is not said. A number that is none, or JSON that is none, goes as it was typed: the broker says what is wrong with it. */
const valueOf = (name: string, of: Property, given: Values[string] | undefined): unknown => {
  if (typeof given === 'boolean') return given ? true : undefined;
  if (typeof given !== 'string') return given;
  const text = given.trim();
  if (text === '') return undefined;
  if (of.type === 'boolean') return text === 'true' ? true : undefined;
  if (of.type === 'integer' || of.type === 'number') return Number.isFinite(Number(text)) ? Number(text) : text;
  if (of.type === 'array') return text.split(',').map((one) => one.trim());
  return isLong(name, of) && /^[[{]/.test(text) && of.type !== 'string' ? parsed(text) : given;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const nounFirst: Readonly<Record<string, string>> = {
  'cluster-add': 'Add a cluster',
  'cluster-remove': 'Remove a cluster',
  'cluster-scale': 'Scale a cluster',
  lend: 'Answer a consumer',
  resize: 'Resize what is lent',
};

export const anyVerb = ({ name, summary, request }: Verb): PageVerb => {
  const { properties, required } = schema.parse(request);
  const entries = Object.entries(properties);
  return {
    name,
    title: nounFirst[name] ?? titleOf(name.replaceAll('-', ' ')),
    about: summary,
    command: `hanse ${name.replace('-', ' ').replace('lend', 'provider …')}`,
    fields: () =>
      entries
        .toSorted(([a], [b]) => Number(required.includes(b)) - Number(required.includes(a)))
        .map(([field, of]) => fieldOf(field, of, required.includes(field))),
    request: (values) =>
      Object.fromEntries(
        entries.flatMap(([field, of]) => {
          const value = valueOf(field, of, values[field]);
          return value === undefined ? [] : [[field, value]];
        }),
      ),
  };
};
