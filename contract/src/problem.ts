// RFC 9457 problem details, with what a person has to do.
import { z } from 'zod';
import { list } from './base.ts';

export const place = z
  .object({
    file: z.string().exactOptional().describe('As it was given.'),
    line: z.number().exactOptional().describe('Counted from 1.'),
    path: z.string().exactOptional().describe('The field, in dots: request.kubeconfig'),
  })
  .meta({ id: 'Place' });

export const fault = z.object({ message: z.string(), place: place.exactOptional(), fix: z.string().exactOptional() }).meta({ id: 'Fault' });

export const problem = z
  .object({
    type: z.string().describe('urn:hanse:error:CODE'),
    title: z.string(),
    status: z.number(),
    code: z.string().describe('A row of docs/errors.md.'),
    detail: z.string().describe('What happened and where.'),
    retry: z.enum(['later', 'never']).describe('Whether the same request may succeed later without anyone doing anything.'),
    fix: z.string().describe('What to do.'),
    place: place.exactOptional(),
    faults: list(fault).describe('Every fault, when several were found.'),
    request: z.string().describe('Names this request in the log of the broker.'),
  })
  .meta({ id: 'Problem' });

export type Place = z.infer<typeof place>;
export type Fault = z.infer<typeof fault>;
export type Problem = z.infer<typeof problem>;
