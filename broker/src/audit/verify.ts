// Holds the log against itself and against every head that was ever signed or noted: what was changed, taken out, cut off or rewritten?
import { beginning, hashOf } from './chain.ts';
import type { AuditEvent, Link } from './chain.ts';
import { isSigned } from './head.ts';
import type { Head } from './head.ts';
import type { KeyObject } from './pure-crypto.ts';

export type AuditFault = {
  readonly kind: 'changed' | 'missing' | 'reordered' | 'cutTail' | 'rewritten' | 'badHead';
  /** Of the event where it shows. */
  readonly seq: number;
  readonly message: string;
};

export type AuditReport = {
  readonly valid: boolean;
  readonly events: number;
  /** null: the log is empty. */
  readonly last: Link | null;
  /** Heads whose signature and event were checked; heads of keys that are not known here prove nothing. */
  readonly headsVerified: number;
  readonly headsOfUnknownKeys: number;
  /** Up to 100; `faultCount` has all. */
  readonly faults: readonly AuditFault[];
  readonly faultCount: number;
};

export type Evidence = {
  /** From the database and from the file outside it. */
  readonly heads: readonly Head[];
  /** By key id. */
  readonly keys: ReadonlyMap<string, KeyObject>;
  /** Noted by someone earlier, trusted as given (`--head`). */
  readonly trusted?: readonly Link[];
};

const faultsShown = 100;

/** Fed with the events in the order of `seq`, however many there are. */
export function auditVerifier({ heads, keys, trusted = [] }: Evidence): { see(event: AuditEvent): void; report(): AuditReport } {
  const faults: AuditFault[] = [];
  let faultCount = 0;
  let events = 0;
  let last: Link = beginning;
  const blame = (kind: AuditFault['kind'], seq: number, message: string): void => {
    faultCount += 1;
    if (faults.length < faultsShown) faults.push({ kind, seq, message });
  };
  const { known, unknown } = sift(heads, keys, blame);
  const awaited = bySeq([...known, ...trusted]);

  return {
    see(event) {
      events += 1;
      for (const fault of faultsOf(event, last)) blame(fault.kind, event.seq, fault.message);
      for (const link of awaited.get(event.seq) ?? []) {
        if (link.hash !== event.hash) blame('rewritten', event.seq, `Event ${event.seq} is not the one that the head of that number was made from.`);
      }
      awaited.delete(event.seq);
      last = { seq: event.seq, hash: event.hash };
    },
    report() {
      for (const seq of awaited.keys()) {
        if (seq > last.seq) blame('cutTail', seq, `A head names event ${seq}, but the log ends at ${last.seq}.`);
        else blame('missing', seq, `A head names event ${seq}, which is not there.`);
      }
      awaited.clear();
      const shown = { events, last: events === 0 ? null : last, headsVerified: known.length, headsOfUnknownKeys: unknown };
      return { valid: faultCount === 0, ...shown, faults, faultCount };
    },
  };
}

function faultsOf(event: AuditEvent, last: Link): readonly Pick<AuditFault, 'kind' | 'message'>[] {
  const here = `Event ${event.seq}`;
  if (event.seq <= last.seq) return [{ kind: 'reordered', message: `${here} stands after event ${last.seq}.` }];
  const isIntact = hashOf(event) === event.hash;
  if (event.seq > last.seq + 1)
    return [{ kind: 'missing', message: `Events ${last.seq + 1} to ${event.seq - 1} are not there.` }, ...(isIntact ? [] : [changed(here)])];
  if (!isIntact) return [changed(here)];
  return event.previous === last.hash ? [] : [{ kind: 'reordered', message: `${here} does not follow the event that stands before it.` }];
}

const changed = (here: string): Pick<AuditFault, 'kind' | 'message'> => ({
  kind: 'changed',
  message: `${here} is not what it was when it was written, or stands in another's place.`,
});

function sift(
  heads: readonly Head[],
  keys: ReadonlyMap<string, KeyObject>,
  blame: (kind: 'badHead', seq: number, message: string) => void,
): { known: Head[]; unknown: number } {
  const known: Head[] = [];
  let unknown = 0;
  for (const head of heads) {
    const key = keys.get(head.keyId);
    if (!key) unknown += 1;
    else if (isSigned(head, key)) known.push(head);
    else blame('badHead', head.seq, `The signature of the head of event ${head.seq} is wrong.`);
  }
  return { known, unknown };
}

function bySeq(links: readonly Link[]): Map<number, Link[]> {
  const map = new Map<number, Link[]>();
  for (const link of links) map.set(link.seq, [...(map.get(link.seq) ?? []), link]);
  return map;
}
