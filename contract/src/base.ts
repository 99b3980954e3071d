// The words that every document of the API is made of.
import { z } from 'zod';

/** JSON as a type. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Whatever came out of a JSON parser. Reached only through one, so nothing is left to check. */
export const json = z.unknown() as z.ZodType<Json, Json>;
export const jsonObject = z.record(z.string(), json).meta({ id: 'JsonObject' });

/** RFC 1123 label: how clusters, applications and policies are named. */
export const label = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'must be lower-case letters, digits and dashes, at most 63, and begin and end with a letter or digit');

export const operationId = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'must be an operation id as `hanse operations list` shows it');

export const rfc3339 = z.string().max(64);

/** Optional means absent, never undefined: what TypeScript calls an exact optional property. */
export const list = <Item extends z.ZodType>(item: Item) => z.array(item).readonly();

export const page = <Item extends z.ZodType>(item: Item) => z.object({ items: list(item) });
