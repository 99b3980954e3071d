// The words of `--prefer`: `price`, `cpu.cores:highest`, `price:lowest*3`.
import { HanseError } from '../errors.ts';
import { meaningOf } from './criterion.ts';
import type { Preference } from './placement.ts';

const shape = /^([a-z0-9.]+)(?::(lowest|highest))?(?:\*(\d{1,4}(?:\.\d{1,4})?))?$/;

/** INVALID_REQUEST names the place and the remedy. */
export function parsePreference(text: string): Preference {
  const parts = shape.exec(text.trim().slice(0, 200));
  if (parts?.[1] === undefined) throw refused(text, 'it is not FACT, FACT:lowest or FACT:highest*WEIGHT', 'Write for example price, or cpu.cores:highest*2.');
  const meaning = meaningOf(text, parts[1]);
  const direction = parts[2] === 'lowest' || parts[2] === 'highest' ? parts[2] : meaning.better;
  if (!['number', 'version', 'label'].includes(meaning.type) || direction === undefined)
    throw refused(text, `${parts[1]} has no order`, 'Prefer a fact that is a number, a version or the label.');
  const weight = parts[3] === undefined ? 1 : Number(parts[3]);
  if (weight <= 0) throw refused(text, 'its weight is 0', 'Leave the preference away, or give it a weight above 0.');
  return { fact: parts[1], direction, weight };
}

export const printPreference = ({ fact, direction, weight }: Preference): string => `${fact}:${direction}${weight === 1 ? '' : `*${weight}`}`;

const refused = (text: string, why: string, fix: string): HanseError =>
  new HanseError('INVALID_REQUEST', `The preference "${text.slice(0, 200)}" cannot be read: ${why}.`, { fix, place: { path: text.slice(0, 200) } });
