// A Gaia-X clearing house, API v2: where a notary and a compliance service are asked, and what their answers mean.
import { readReceived } from '../catalogue/index.ts';
import type { Credential } from '../catalogue/index.ts';
import type { RegistrationKind } from './questions.ts';

/** As in `--level`: the last part of the address. */
export const levels = { SC: 'standard-compliance', L1: 'label-level-1', L2: 'label-level-2', L3: 'label-level-3' } as const;
export type Level = keyof typeof levels;

export type Question = { readonly url: string; readonly body: string | null };

const under = (base: string): string => base.replace(/\/+$/, '');

export type Registration = { readonly kind: RegistrationKind; readonly number: string; readonly vcId: string; readonly subjectId: string };

/** `notary`: without `/v2`. A live notary takes both ids as parameters and needs both. */
export const notaryQuestion = (notary: string, { kind, number, vcId, subjectId }: Registration): Question => ({
  url: `${under(notary)}/v2/registration-numbers/${kind}/${encodeURIComponent(number)}?vcId=${encodeURIComponent(vcId)}&subjectId=${encodeURIComponent(subjectId)}`,
  body: null,
});

/** `compliance`: without `/v2`. `vcId`: the address at which its answer will lie. */
export const complianceQuestion = (compliance: string, level: Level, vcId: string, presentation: string): Question => ({
  url: `${under(compliance)}/v2/api/credential-offers/${levels[level]}?vcid=${encodeURIComponent(vcId)}`,
  body: presentation,
});

export type Answer = { readonly token: string; readonly credential: Credential } | { readonly refusal: string };

/** `status`: of HTTP. A refusal carries what the service says of it, in whichever of its forms. */
export function readAnswer(status: number, text: string): Answer {
  if (status !== 200 && status !== 201) return { refusal: `it answered ${status}: ${wordsOf(text)}` };
  const token = text.trim();
  const read = readReceived(token);
  if ('part' in read) return { refusal: `what it gave is no credential: ${read.part}: ${read.reason}` };
  return read.kind === 'credential' ? { token, credential: read } : { refusal: 'what it gave is a presentation' };
}

/** `{message}`, `{message: {conforms, results: [...]}}`, `{error, message}`; else the beginning of the text. */
function wordsOf(text: string): string {
  const said = texts(parsed(text), 0).slice(0, 10).join('; ');
  return plain(said === '' ? text.trim() : said) || 'without a reason';
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** No deeper than a refusal is written. */
function texts(value: unknown, depth: number): readonly string[] {
  if (typeof value === 'string') return [value];
  if (depth > 5 || typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter(([key]) => key !== 'statusCode')
    .flatMap(([, each]) => texts(each, depth + 1));
}

const plain = (text: string): string => text.replaceAll(/\p{C}/gu, ' ').slice(0, 600);
