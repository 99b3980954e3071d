// What an exchange knows: who may order, what it sells, which connections stand, and what was ordered. States follow from stored times and the clock,
// so that a killed exchange goes on where it was, and a faster clock makes it faster.

/** Milliseconds from an order to each state: requested at once, allocated, testing, production. */
export type Pace = { readonly allocatedMs: number; readonly testingMs: number; readonly productionMs: number };

export type Kind = 'service' | 'config' | 'rule' | 'mac';

export type Item = {
  readonly id: string;
  readonly kind: Kind;
  /** As it was sent. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly at: number;
  /** Dates as they were promised; null: not cancelled. */
  cancelled: { readonly at: number; readonly decommissionAt: string; readonly chargedUntil: string; readonly beforeProduction: boolean } | null;
  /** Refused by the exchange's own people after it was taken. */
  failed: string | null;
};

/** What goes wrong, as the demo's control or a test wants it. */
export type Faults = {
  /** So many of the next changing requests are carried out, and their answers lost. */
  loseAnswers: number;
  /** So many of the next changing requests are carried out and answered 500. */
  failAfterCommit: number;
  /** So many of the next requests are answered 429. */
  tooMany: number;
  /** The next orders of configs go to state error. */
  failOrders: number;
  /** Everything in production is told to be degraded, in these words. */
  degraded: string | null;
  /** The same of what is on one connection, by its id. */
  connections: Record<string, string>;
  /** Cancellation dates are later by so many days than they were. */
  laterDays: number;
};

export const noFaults = (): Faults => ({ loseAnswers: 0, failAfterCommit: 0, tooMany: 0, failOrders: 0, degraded: null, connections: {}, laterDays: 0 });

export type Kept = { readonly items: Item[]; readonly faults: Faults; number: number };

const dayMs = 86_400_000;
export const dateOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

/** Ends of contracts: the last day of the month in which the notice has run out. */
export const policyOf = (item: Item, nowMs: number, pace: Pace, { noticeDays, laterDays }: { readonly noticeDays: number; readonly laterDays: number }) => {
  if (stateOf(item, nowMs, pace) !== 'production')
    return { decommission_at: dateOf(nowMs + laterDays * dayMs), charged_until: dateOf(nowMs + laterDays * dayMs) };
  const end = nowMs + (noticeDays + laterDays) * dayMs;
  const { 0: year = 1970, 1: month = 1 } = dateOf(end).split('-').map(Number);
  return { decommission_at: dateOf(end), charged_until: dateOf(Date.UTC(year, month, 1) - dayMs) };
};

export const stateOf = ({ at, cancelled, failed }: Item, nowMs: number, { allocatedMs, testingMs, productionMs }: Pace): string => {
  if (cancelled) {
    if (cancelled.beforeProduction || nowMs >= Date.parse(cancelled.decommissionAt)) return 'decommissioned';
    return 'decommission_requested';
  }
  const age = nowMs - at;
  if (failed !== null && age >= allocatedMs) return 'error';
  if (age >= productionMs) return 'production';
  if (age >= testingMs) return 'testing';
  return age >= allocatedMs ? 'allocated' : 'requested';
};

/** Checks what comes back from the disk; another shape: nothing was kept. */
export const keptOf = (found: unknown): Kept => {
  const isKept = (value: unknown): value is Kept =>
    typeof value === 'object' && value !== null && 'items' in value && Array.isArray(value.items) && 'number' in value && 'faults' in value;
  return isKept(found) ? { ...found, faults: { ...noFaults(), ...found.faults } } : { items: [], faults: noFaults(), number: 9000 };
};
