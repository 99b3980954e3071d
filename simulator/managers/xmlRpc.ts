// XML-RPC from the server's side, as much of it as oned speaks.
import { XMLParser } from 'fast-xml-parser';
import { Fault } from './serve.ts';

export type RpcValue = string | number | boolean;

const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, trimValues: false, isArray: (name) => name === 'param' });

const field = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined), value);

function valueOf(value: unknown): RpcValue {
  if (typeof value === 'string') return value;
  const flag = field(value, 'boolean');
  if (flag !== undefined) return flag === '1';
  const number = field(value, 'i4') ?? field(value, 'int');
  if (number !== undefined) return Number(number);
  const text = field(value, 'string');
  return typeof text === 'string' ? text : '';
}

export function readCall(xml: string): { readonly method: string; readonly values: readonly RpcValue[] } {
  if (xml.includes('<!')) throw new Fault(400, 'declarations are not taken');
  const call = field(parser.parse(xml), 'methodCall');
  const method = field(call, 'methodName');
  const params = field(call, 'params', 'param');
  if (typeof method !== 'string') throw new Fault(400, 'it is not a method call');
  return { method, values: Array.isArray(params) ? params.map((param) => valueOf(field(param, 'value'))) : [] };
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** As oned answers: whether it went well, the value or the reason, the code. */
export const reply = (ok: boolean, value: string, code: number): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\r\n<methodResponse>\r\n<params>\r\n<param><value><array><data>\r\n<value><boolean>${ok ? 1 : 0}</boolean></value>\r\n<value><string>${escaped(value)}</string></value>\r\n<value><i4>${code}</i4></value>\r\n</data></array></value></param>\r\n</params>\r\n</methodResponse>\r\n`;
