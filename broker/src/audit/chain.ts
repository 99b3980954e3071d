// The audit log as a chain: every event carries the hash of the one before, so that nothing can be changed, taken out or put in without a trace.
import canonicalize from 'canonicalize';
import type { JsonObject } from '../ids.ts';
import { sha256Hex } from './pure-crypto.ts';

/** What happened, before it has a place in the chain. */
export type AuditDraft = {
  readonly owner: string;
  /** Who: a person's or token's name, or `broker`. */
  readonly actor: string;
  /** What: `operation.approved`, `cluster.added`, … */
  readonly action: string;
  /** To what. */
  readonly subject: string;
  /** Never a secret. */
  readonly detail: JsonObject;
};

export type AuditEvent = AuditDraft & {
  /** Counted from 1, without a gap. */
  readonly seq: number;
  /** RFC 3339, milliseconds, UTC. */
  readonly at: string;
  /** Hash of the event before; of the first one: 64 zeros. */
  readonly previous: string;
  readonly hash: string;
};

export type Link = { readonly seq: number; readonly hash: string };

export const beginning: Link = { seq: 0, hash: '0'.repeat(64) };

/** SHA-256, in hexadecimal, of the event without its hash as canonical JSON (RFC 8785). */
export function hashOf({ seq, owner, at, actor, action, subject, detail, previous }: Omit<AuditEvent, 'hash'>): string {
  return sha256Hex(canonicalize({ seq, owner, at, actor, action, subject, detail, previous }) ?? '');
}

/** The next events after `last`, in the order of the drafts. */
export function chain(last: Link, drafts: readonly AuditDraft[], at: string): readonly AuditEvent[] {
  const events: AuditEvent[] = [];
  for (const { owner, actor, action, subject, detail } of drafts) {
    const before = events.at(-1) ?? last;
    const event = { seq: before.seq + 1, owner, at, actor, action, subject, detail, previous: before.hash };
    events.push({ ...event, hash: hashOf(event) });
  }
  return events;
}
