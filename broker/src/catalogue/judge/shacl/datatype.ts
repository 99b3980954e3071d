// Whether a text is one of its datatype (XML Schema 1.1, part 2), and how two values compare.
import { xsd } from '../rdf.ts';
import type { Literal, Term } from '../rdf.ts';

const zone = '(Z|[+-]((0\\d|1[0-3]):[0-5]\\d|14:00))?';
const year = '-?([1-9]\\d{3,}|0\\d{3})';
const month = '(0[1-9]|1[0-2])';
const day = '(0[1-9]|[12]\\d|3[01])';
const clock = '(([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d+)?|24:00:00(\\.0+)?)';
const integer = /^[+-]?\d+$/;
const double = /^([+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?INF|NaN)$/;

type Rule = { readonly form: RegExp; readonly from?: bigint; readonly to?: bigint };
const whole = (from?: bigint, to?: bigint): Rule => ({ form: integer, ...(from !== undefined && { from }), ...(to !== undefined && { to }) });

const rules: Readonly<Record<string, Rule>> = {
  boolean: { form: /^(true|false|1|0)$/ },
  decimal: { form: /^[+-]?(\d+(\.\d*)?|\.\d+)$/ },
  float: { form: double },
  double: { form: double },
  integer: whole(),
  long: whole(-(2n ** 63n), 2n ** 63n - 1n),
  int: whole(-(2n ** 31n), 2n ** 31n - 1n),
  short: whole(-32768n, 32767n),
  byte: whole(-128n, 127n),
  nonNegativeInteger: whole(0n),
  positiveInteger: whole(1n),
  nonPositiveInteger: whole(undefined, 0n),
  negativeInteger: whole(undefined, -1n),
  unsignedLong: whole(0n, 2n ** 64n - 1n),
  unsignedInt: whole(0n, 2n ** 32n - 1n),
  unsignedShort: whole(0n, 65535n),
  unsignedByte: whole(0n, 255n),
  dateTime: { form: new RegExp(`^${year}-${month}-${day}T${clock}${zone}$`) },
  dateTimeStamp: { form: new RegExp(`^${year}-${month}-${day}T${clock}${zone.slice(0, -1)}$`) },
  date: { form: new RegExp(`^${year}-${month}-${day}${zone}$`) },
  time: { form: new RegExp(`^${clock}${zone}$`) },
  gYear: { form: new RegExp(`^${year}${zone}$`) },
  gYearMonth: { form: new RegExp(`^${year}-${month}${zone}$`) },
  duration: { form: /^-?P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/ },
  dayTimeDuration: { form: /^-?P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/ },
  anyURI: { form: /^[^\s<>"{}|\\^`]*$/ },
  hexBinary: { form: /^([0-9a-fA-F]{2})*$/ },
  base64Binary: { form: /^[A-Za-z0-9+/\s]*={0,2}$/ },
};
/** Longer ones are none of the numbers and times above. */
const charactersMax = 1000;

/** A datatype that is not known here has no form. */
export function isWellFormed({ value, datatype }: Literal): boolean {
  const rule = datatype.startsWith(xsd) ? rules[datatype.slice(xsd.length)] : undefined;
  if (rule === undefined) return true;
  if (rule.form !== rules['anyURI']?.form && value.length > charactersMax) return false;
  if (!rule.form.test(value)) return false;
  if (/^(dateTime|date|dateTimeStamp)$/.test(datatype.slice(xsd.length)) && !isDay(value)) return false;
  if (rule.from === undefined && rule.to === undefined) return true;
  const number = BigInt(value.replace(/^\+/, ''));
  return (rule.from === undefined || number >= rule.from) && (rule.to === undefined || number <= rule.to);
}

function isDay(text: string): boolean {
  const [, years = '', months, days] = /^-?(\d+)-(\d\d)-(\d\d)/.exec(text) ?? [];
  return Number(days) <= new Date(Date.UTC(2000 + (Number(years) % 400), Number(months), 0)).getUTCDate();
}

const numeric = new Set(Object.entries(rules).flatMap(([name, { form }]) => (form === integer || form === double || name === 'decimal' ? [xsd + name] : [])));

/** Less than zero: the first is less. null: they cannot be compared. */
export function compareTerms(left: Term, right: Term): number | null {
  if (left.kind !== 'literal' || right.kind !== 'literal' || !isWellFormed(left) || !isWellFormed(right)) return null;
  if (numeric.has(left.datatype) && numeric.has(right.datatype)) return difference(numberOf(left.value), numberOf(right.value));
  if (left.datatype !== right.datatype) return null;
  if (left.datatype === `${xsd}dateTime` || left.datatype === `${xsd}date` || left.datatype === `${xsd}dateTimeStamp`) {
    // a time without its zone and one with it have no order
    if (/(Z|[+-]\d\d:\d\d)$/.test(left.value) !== /(Z|[+-]\d\d:\d\d)$/.test(right.value)) return null;
    return difference(timeOf(left.value), timeOf(right.value));
  }
  if (left.datatype === `${xsd}boolean`) return difference(Number(/^(true|1)$/.test(left.value)), Number(/^(true|1)$/.test(right.value)));
  return left.datatype === `${xsd}string` ? (left.value < right.value ? -1 : left.value > right.value ? 1 : 0) : null;
}

const difference = (left: number, right: number): number | null =>
  Number.isNaN(left) || Number.isNaN(right) ? null : left < right ? -1 : left > right ? 1 : 0;
const numberOf = (text: string): number => (text.endsWith('INF') ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text));
const timeOf = (text: string): number => {
  const withTime = text.includes('T') ? text : text.replace(/^(-?\d+-\d\d-\d\d)/, '$1T00:00:00');
  return Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(withTime) ? withTime : `${withTime}Z`);
};

/** null: it is no whole number. */
export const wholeOf = (term: Term): number | null => (term.kind === 'literal' && /^\d{1,9}$/.test(term.value) ? Number(term.value) : null);
/** The very literal: `1` is another one (W3C's test uniqueLang-002). */
export const isTrue = (term: Term | undefined): boolean => term?.kind === 'literal' && term.value === 'true';
