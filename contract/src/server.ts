import { z } from 'zod';
import { jsonObject } from './base.ts';

export const health = z.object({ status: z.literal('ok'), version: z.string() }).meta({ id: 'Health' });

export const verb = z
  .object({ name: z.string(), summary: z.string(), request: jsonObject.describe('JSON Schema (2020-12) of the request.') })
  .meta({ id: 'Verb' });

export type Health = z.infer<typeof health>;
export type Verb = z.infer<typeof verb>;
