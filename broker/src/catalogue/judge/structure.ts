// The structure of the Verifiable Credentials Data Model 2.0 (W3C Recommendation, May 2025, §4), apart from any signature and any profile.
import { isDocument, listOf, quoted } from './json.ts';
import type { Document } from './json.ts';

export const contextV2 = 'https://www.w3.org/ns/credentials/v2';
const contextV1 = 'https://www.w3.org/2018/credentials/v1';

type Flaws = readonly string[];

/** An absolute URL or URN, as the model calls both. */
const isUrl = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= 8192 && /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]+$/.test(value);

/** XML Schema dateTimeStamp: the offset from UTC is part of it. */
const stamp = /^(-?[1-9]\d{4,}|-?\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d+)?(Z|[+-](0\d|1[0-4]):[0-5]\d)$/;

/** Milliseconds since 1970; null: it is not a dateTimeStamp. 24:00:00 is the end of a day. */
export function stampMs(text: string): number | null {
  const [, year = '', month, day, hour, minute, second] = stamp.exec(text) ?? [];
  if (text.length > 64 || year === '') return null;
  const isEndOfDay = hour === '24' && minute === '00' && second === '00';
  if ((Number(hour) > 23 && !isEndOfDay) || Number(minute) > 59 || Number(second) > 59) return null;
  if (Number(day) > new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate() || Number(month) > 12 || Number(day) < 1) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : time;
}

/** Every flaw in words, with its place; none: a credential as the model has it. */
export function credentialFlaws(document: unknown): Flaws {
  if (!isDocument(document)) return ['it is not a JSON object'];
  return [
    ...contextFlaws(document),
    ...typeFlaws(document, 'VerifiableCredential'),
    ...idFlaws(document, ''),
    ...wordsFlaws(document),
    ...ownerFlaws(document, 'issuer', true),
    ...subjectFlaws(document),
    ...timeFlaws(document),
    ...typed(document, 'credentialStatus'),
    ...typed(document, 'credentialSchema', (each, at) => (isUrl(each['id']) ? [] : [`${at}.id has to be a URL`])),
    ...typed(document, 'refreshService'),
    ...typed(document, 'termsOfUse'),
    ...typed(document, 'evidence'),
    ...typed(document, 'proof'),
    ...relatedFlaws(document),
  ];
}

/** The same for a presentation. Its credentials are objects, enveloped or not; a signed one inside a string is none (§4.13). */
export function presentationFlaws(document: unknown): Flaws {
  if (!isDocument(document)) return ['it is not a JSON object'];
  const credentials = listOf(document['verifiableCredential']).flatMap((each, index) => {
    const at = `verifiableCredential[${index}]`;
    if (!isDocument(each)) return [`${at} has to be an object`];
    if (!listOf(each['type']).includes('EnvelopedVerifiableCredential')) return each['type'] === undefined ? [`${at} has no type`] : [];
    return [
      ...(typeof each['id'] === 'string' && each['id'].startsWith('data:') ? [] : [`${at}.id has to be a data: URL that holds a credential`]),
      ...(listOf(each['@context']).includes(contextV2) ? [] : [`${at} has to name the context ${contextV2}`]),
    ];
  });
  return [
    ...contextFlaws(document),
    ...typeFlaws(document, 'VerifiablePresentation'),
    ...idFlaws(document, ''),
    ...ownerFlaws(document, 'holder', false),
    ...typed(document, 'termsOfUse'),
    ...typed(document, 'proof'),
    ...credentials,
  ];
}

function contextFlaws({ '@context': contexts }: Document): Flaws {
  const first: unknown = Array.isArray(contexts) ? contexts[0] : contexts;
  if (first === contextV1) return ['it is a credential of the data model 1.1 (Tagus); the first context has to be that of 2.0'];
  if (first !== contextV2) return [`the first context has to be ${contextV2}`];
  const isFit = listOf(contexts).every((each) => isUrl(each) || isDocument(each));
  return isFit ? [] : ['each context has to be a URL or an object'];
}

/** GXDCH joins several types by commas. */
export const typesIn = (value: unknown): readonly string[] =>
  listOf(value).flatMap((each) => (typeof each === 'string' ? each.split(',').map((one) => one.trim()) : []));

function typeFlaws(document: Document, wanted: string): Flaws {
  const given = document['type'] ?? document['@type'];
  if (!listOf(given).every((each) => typeof each === 'string' && each !== '')) return ['type has to be a text or a list of texts'];
  return typesIn(given).includes(wanted) ? [] : [`type has to hold ${wanted}`];
}

const idFlaws = (document: Document, at: string): Flaws =>
  ['id', '@id'].flatMap((key) => (document[key] === undefined || isUrl(document[key]) ? [] : [`${at}${key} has to be one URL`]));

function wordsFlaws(document: Document): Flaws {
  return ['name', 'description'].flatMap((key) => {
    const given = document[key];
    return given === undefined || (listOf(given).length > 0 && listOf(given).every(isWords))
      ? []
      : [`${key} has to be a text, or an object of @value, @language, @direction`];
  });
}

const isWords = (value: unknown): boolean =>
  typeof value === 'string' ||
  (isDocument(value) &&
    typeof value['@value'] === 'string' &&
    Object.entries(value).every(([key, each]) => typeof each === 'string' && ['@value', '@language', '@direction'].includes(key)) &&
    [undefined, 'ltr', 'rtl'].some((direction) => direction === value['@direction']));

function ownerFlaws(document: Document, key: 'issuer' | 'holder', isNeeded: boolean): Flaws {
  const given = document[key];
  if (given === undefined) return isNeeded ? [`there is no ${key}`] : [];
  const id = isDocument(given) ? given['id'] : given;
  return isUrl(id) ? [] : [`${key} has to be a URL, or an object with a URL as its id`];
}

function subjectFlaws({ credentialSubject }: Document): Flaws {
  const subjects = listOf(credentialSubject);
  if (subjects.length === 0) return ['there is no credentialSubject'];
  return subjects.flatMap((each, index) => {
    const at = `credentialSubject[${index}]`;
    if (!isDocument(each)) return [`${at} has to be an object`];
    return Object.keys(each).length === 0 ? [`${at} says nothing`] : idFlaws(each, `${at}.`);
  });
}

function timeFlaws(document: Document): Flaws {
  const times = ['validFrom', 'validUntil'].map((key) => ({ key, given: document[key] }));
  const flaws = times.flatMap(({ key, given }) =>
    given === undefined || (typeof given === 'string' && stampMs(given) !== null)
      ? []
      : [`${key} has to be a time with its offset, such as 2026-11-22T08:00:00Z`],
  );
  const [from, until] = times.map(({ given }) => (typeof given === 'string' ? stampMs(given) : null));
  return from != null && until != null && until < from ? [...flaws, 'validUntil lies before validFrom'] : flaws;
}

function typed(document: Document, key: string, more: (each: Document, at: string) => Flaws = () => []): Flaws {
  const given = document[key];
  if (given === undefined) return [];
  if (given === null) return [`${key} is null`];
  return listOf(given).flatMap((each, index) => {
    const at = `${key}[${index}]`;
    if (!isDocument(each)) return [`${at} has to be an object`];
    const hasType = typesIn(each['type'] ?? each['@type']).length > 0;
    return [...(hasType ? [] : [`${at} has no type`]), ...idFlaws(each, `${at}.`), ...more(each, at)];
  });
}

function relatedFlaws({ relatedResource }: Document): Flaws {
  const resources = listOf(relatedResource);
  const ids = resources.map((each) => (isDocument(each) ? each['id'] : undefined));
  const twice = ids.find((id, index) => id !== undefined && ids.indexOf(id) !== index);
  return [
    ...(twice === undefined ? [] : [`relatedResource names ${quoted(twice)} twice`]),
    ...resources.flatMap((each, index) => {
      const at = `relatedResource[${index}]`;
      if (!isDocument(each) || !isUrl(each['id'])) return [`${at} has to be an object with a URL as its id`];
      const hasDigest = ['digestSRI', 'digestMultibase'].some((key) => typeof each[key] === 'string');
      return hasDigest ? [] : [`${at} has neither digestSRI nor digestMultibase`];
    }),
  ];
}
