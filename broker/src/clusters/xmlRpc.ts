// XML-RPC as OpenNebula speaks it. Read without declarations, without entities beyond the five of XML and character references, and only so deep.
import { XMLParser } from 'fast-xml-parser';

export type Value = string | number | boolean;
export type RpcOutcome =
  | { readonly kind: 'value'; readonly value: Value }
  /** `code` as OpenNebula counts: 0x0100 authentication, 0x0200 authorization, 0x0400 no such thing, 0x0800 wrong state, … */
  | { readonly kind: 'failed'; readonly message: string; readonly code: number }
  | { readonly kind: 'malformed'; readonly why: string };

const depthMost = 64;
const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
const names: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => escapes[sign] ?? sign);

const plain = (text: string): string =>
  text.replaceAll(/&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|([a-z]{2,4}));/g, (whole: string, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return names[name] ?? whole;
    const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });

const valueXml = (value: Value): string => {
  if (typeof value === 'boolean') return `<boolean>${value ? 1 : 0}</boolean>`;
  return typeof value === 'number' ? `<i4>${Math.trunc(value)}</i4>` : `<string>${escaped(value)}</string>`;
};

export const methodCall = (method: string, values: readonly Value[]): string =>
  `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${values.map((value) => `<param><value>${valueXml(value)}</value></param>`).join('')}</params></methodCall>`;

/** A reason against parsing it at all, or null. */
const refused = (xml: string): string | null => {
  const markup = xml.replaceAll(/<!\[CDATA\[[\s\S]*?\]\]>/g, '');
  if (/<!(?!--)/.test(markup)) return 'it has a declaration, which no answer needs';
  let depth = 0;
  for (const [, slash, tail] of markup.matchAll(/<(\/?)[A-Za-z_][^<>]*?(\/?)>/g)) {
    if (slash === '/') depth -= 1;
    else if (tail !== '/') depth += 1;
    if (depth > depthMost) return 'it is nested more deeply than any answer';
  }
  return null;
};

const options = { ignoreAttributes: true, parseTagValue: false, trimValues: false, processEntities: false } as const;
const rpc = new XMLParser({ ...options, isArray: (name) => name === 'value' || name === 'param' || name === 'member' });

const field = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined), value);

/** A scalar of XML-RPC; text without a type is a string. undefined: it is none. */
const scalar = (value: unknown): Value | undefined => {
  if (typeof value === 'string') return plain(value);
  for (const kind of ['string', 'i4', 'i8', 'int', 'boolean', 'double'] as const) {
    const found = field(value, kind);
    if (found === undefined) continue;
    if (typeof found !== 'string') return undefined;
    if (kind === 'boolean') return found.trim() === '1';
    return kind === 'string' ? plain(found) : Number(found);
  }
  return undefined;
};

const faultOf = (fault: unknown): RpcOutcome => {
  const members = field(fault, 'value', 0, 'struct', 'member');
  const named = (name: string): Value | undefined =>
    Array.isArray(members)
      ? scalar(
          field(
            members.find((member) => field(member, 'name') === name),
            'value',
            0,
          ),
        )
      : undefined;
  return { kind: 'failed', message: String(named('faultString') ?? 'a fault'), code: Number(named('faultCode') ?? 0) };
};

/** Every answer of OpenNebula is an array: whether it went well, the value or the reason, the code. */
export const readResponse = (xml: string): RpcOutcome => {
  const against = refused(xml);
  if (against !== null) return { kind: 'malformed', why: against };
  let parsed: unknown;
  try {
    parsed = rpc.parse(xml);
  } catch {
    return { kind: 'malformed', why: 'it is not XML' };
  }
  const fault = field(parsed, 'methodResponse', 'fault');
  if (fault !== undefined) return faultOf(fault);
  const values = field(parsed, 'methodResponse', 'params', 'param', 0, 'value', 0, 'array', 'data', 'value');
  if (!Array.isArray(values)) return { kind: 'malformed', why: 'it is not the array that OpenNebula answers' };
  const [ok, value, code] = values.map(scalar);
  if (ok === true && value !== undefined) return { kind: 'value', value };
  return { kind: 'failed', message: String(value ?? 'no reason'), code: typeof code === 'number' ? code : 0 };
};

/** What was parsed: read with `textAt` and `listAt` only. */
export type Tree = { readonly root: unknown };

/** The XML inside a value: one level is one object, a repeated element an array, everything else text. null: not XML that is taken. */
export const readBody = (xml: string, repeated: readonly string[]): Tree | null => {
  if (refused(xml) !== null) return null;
  try {
    return { root: new XMLParser({ ...options, isArray: (name) => repeated.includes(name) }).parse(xml) };
  } catch {
    return null;
  }
};

/** The text at a path of element names; '' when there is none. */
export const textAt = (tree: Tree, ...path: readonly string[]): string => {
  const found = field(tree.root, ...path);
  return typeof found === 'string' ? plain(found) : '';
};

export const listAt = (tree: Tree, ...path: readonly string[]): readonly Tree[] => {
  const found = field(tree.root, ...path);
  return Array.isArray(found) ? found.map((root: unknown) => ({ root })) : [];
};
