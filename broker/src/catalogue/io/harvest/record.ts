// What is known of a source beside its cursor: how its turns went, and why it is limited.
import { z } from 'zod';

const moment = z.string().nullable();
const count = z.int().min(0).default(0);
const form = z.object({
  walk: count,
  turns: count,
  received: count,
  refused: count,
  removed: count,
  /** RFC 3339. */
  triedAt: moment.default(null),
  succeededAt: moment.default(null),
  /** Not asked before. */
  againAt: moment.default(null),
  failure: z.string().nullable().default(null),
  /** In a row. */
  failures: count,
  limited: z.object({ at: z.string(), until: z.string(), reason: z.string() }).nullable().default(null),
  /** Of a folder: the broker whose disk counts, and when it was read there last (RFC 3339). */
  reader: z.object({ broker: z.string(), at: z.string() }).nullable().default(null),
  /** Brokers on whose disk other things lie: how many differ, when it was seen. */
  differing: z.array(z.object({ broker: z.string(), at: z.string(), count: z.int() })).default([]),
  /** Newest first. */
  reasons: z.array(z.object({ id: z.string(), reason: z.string(), at: z.string() })).default([]),
});
export type HarvestRecord = z.infer<typeof form>;

/** Written by an older version perhaps: what cannot be read begins anew. */
export function readRecord(stored: unknown): HarvestRecord {
  const read = form.safeParse(stored);
  return read.success ? read.data : form.parse({});
}
