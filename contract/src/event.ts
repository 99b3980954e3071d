// What GET /v1/events sends: server-sent events whose `data` is one of these documents.
import { z } from 'zod';
import { json, operationId, rfc3339 } from './base.ts';

/** An event of the log, with an id: send it as Last-Event-ID to go on behind it. Its SSE name is its kind. */
export const event = z.object({ seq: z.number(), kind: z.string(), operation: operationId.nullable(), at: rfc3339, data: json }).meta({ id: 'Event' });

/** SSE names of what has no id: where the operation stands now, and that nothing will follow. */
export const streamNames = { operation: 'operation', end: 'end' } as const;

export type Event = z.infer<typeof event>;
