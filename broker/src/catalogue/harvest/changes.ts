// The changes of another Hanse's catalogue, as its route gives them (contract: catalogueChanges).
import { z } from 'zod';
import { parseJson, quoted } from '../judge/json.ts';

const seq = z.int().min(1);
const change = z.union([
  z.object({ seq, digest: z.string().regex(/^[0-9a-f]{64}$/), credential: z.string().min(1) }),
  z.object({ seq, digest: z.string().regex(/^[0-9a-f]{64}$/), removed: z.literal(true) }),
]);
const form = z.object({ catalogue: z.uuid(), items: z.array(change), next: z.int().min(0), more: z.boolean() });

/** `credential` absent: it is there no longer. */
export type Change = { readonly seq: number; readonly digest: string; readonly credential?: string | undefined };
export type Changes = { readonly catalogue: string; readonly items: readonly Change[]; readonly next: number; readonly more: boolean };

/** As it is kept between two turns: which catalogue, and how far it was read. */
export type Cursor = { readonly catalogue: string; readonly after: number };

/** The sequence only goes forward: an answer that goes back would be read again and again. `restarted`: another database answers, whose sequence is another. */
export function readChanges(text: string, asked: Cursor | null): Changes | { readonly reason: string } | { readonly restarted: true } {
  const parsed = parseJson(text);
  if ('reason' in parsed) return parsed;
  const read = form.safeParse(parsed.value);
  if (!read.success) return { reason: `${read.error.issues[0]?.path.join('.') || 'it'}: ${quoted(read.error.issues[0]?.message ?? 'malformed')}` };
  const { catalogue, items, next, more } = read.data;
  if (asked !== null && catalogue !== asked.catalogue) return { restarted: true };
  const after = asked?.after ?? 0;
  // its database was put back to an earlier day
  if (items.length === 0 && next < after) return { restarted: true };
  const isForward = items.every((each, at) => each.seq > (items[at - 1]?.seq ?? after));
  const last = items.at(-1)?.seq ?? after;
  if (!isForward || next < last || (more && next <= after)) return { reason: `its sequence goes back, or not on: asked behind ${after}, it goes to ${next}` };
  return read.data;
}

/** null: from the beginning. */
export function parseCursor(text: string | null): Cursor | null {
  const [, catalogue, after] = /^([0-9a-f-]{36}):(\d{1,15})$/.exec(text ?? '') ?? [];
  return catalogue === undefined ? null : { catalogue, after: Number(after) };
}
