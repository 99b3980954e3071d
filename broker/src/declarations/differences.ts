// Where two JSON values differ, field by field.
import type { Difference } from '../../../contract/src/index.ts';
import type { Json } from '../ids.ts';

type Fields = { readonly [key: string]: Json };

const isFields = (value: Json | undefined): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

const most = 500;

/** In the order of the fields; at most 500. Absent `now` or `wanted`: not there. */
export const differences = (now: Json | undefined, wanted: Json | undefined, path: string): Difference[] => differing(now, wanted, path).slice(0, most);

function differing(now: Json | undefined, wanted: Json | undefined, path: string): Difference[] {
  if (isFields(now) && isFields(wanted))
    return [...new Set([...Object.keys(now), ...Object.keys(wanted)])].flatMap((key) =>
      differing(own(now, key), own(wanted, key), path === '' ? key : `${path}.${key}`),
    );
  if (Array.isArray(now) && Array.isArray(wanted) && now.length === wanted.length)
    return now.flatMap((item: Json, index) => differing(item, wanted[index], `${path}.${index}`));
  if (JSON.stringify(now) === JSON.stringify(wanted)) return [];
  return [{ path, ...(now !== undefined && { now }), ...(wanted !== undefined && { wanted }) }];
}

const own = (fields: Fields, key: string): Json | undefined => (Object.hasOwn(fields, key) ? fields[key] : undefined);
