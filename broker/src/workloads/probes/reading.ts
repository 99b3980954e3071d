// From what senders reported to how long they were behind; everything that is not known counts as slower.
import type { SenderMeasurement } from '../migration/drain.ts';

export type Report = {
  readonly cluster: string;
  /** Termination message of the sender, as it stands in its status; null: none. */
  readonly message: string | null;
  /** That cluster's clock minus the broker's, and by how much that may be wrong. */
  readonly skewMs: number;
  readonly skewBoundMs: number;
};

/** On fresh connections, while one endpoint went and another came. */
export type Requests = { readonly total: number; readonly lost: number };

export type Reading =
  | { readonly kind: 'measured'; readonly sender: SenderMeasurement; readonly requests: Requests }
  | { readonly kind: 'unusable'; readonly cluster: string; readonly why: string };

/** A delay above this is no measurement but a broken clock. */
const believableMs = 10 * 60_000;

/** `changedAtMs`: when the broker asked for the change, by its own clock. */
export function readReport({ cluster, message, skewMs, skewBoundMs }: Report, changedAtMs: number): Reading {
  const unusable = (why: string): Reading => ({ kind: 'unusable', cluster, why });
  const parts = /^(\d{1,16}) (\d{1,16}) (\d{1,6}) (\d{1,6})\s*$/.exec(message ?? '');
  if (!parts) return unusable(message === null ? 'it reported nothing' : 'its report is malformed');
  const [first, last, lost, total] = [Number(parts[1]), Number(parts[2]), Number(parts[3]), Number(parts[4])];
  if (lost > total) return unusable('its report is malformed');
  if (first === 0 && last === 0) return unusable('neither the endpoint that came nor the one that went was ever seen');
  const delay = (seenAtMs: number): number | null => (seenAtMs === 0 ? null : Math.round(Math.max(0, seenAtMs - skewMs - changedAtMs) + skewBoundMs));
  const sender = { cluster, comingMs: delay(first), goingMs: delay(last) };
  if (Math.max(sender.comingMs ?? 0, sender.goingMs ?? 0) > believableMs) return unusable('its clock is too far off');
  return { kind: 'measured', sender, requests: { total, lost } };
}
