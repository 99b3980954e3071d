// What is booked in a pool, and whether more fits: decided on values, so that a batch of requests is decided in one go and can be tried out.

export type Amount = { readonly cpuMillis: number; readonly memoryBytes: number; readonly pods: number; readonly gpus: number };

/** All of it or nothing. */
export type Request =
  | {
      readonly kind: 'reserve';
      /** Names the booking within its owner; the same one again replaces what it booked before. Ends with the operation that made it. */
      readonly booking: string;
      readonly operation: string | null;
      readonly parts: readonly { readonly pool: string; readonly amount: Amount }[];
      /** Seconds for which it is held unless it is applied or renewed. */
      readonly seconds: number;
    }
  /** It is in use now: held until it is released. */
  | { readonly kind: 'apply'; readonly booking: string }
  /** `onlyHeld`: what is applied stays. */
  | { readonly kind: 'release'; readonly booking: string; readonly onlyHeld?: boolean };

export type Answer =
  | { readonly kind: 'held' }
  | { readonly kind: 'applied' }
  | { readonly kind: 'released' }
  /** `free` is what is left in the first pool that cannot give what was asked; null: there is no such pool. */
  | { readonly kind: 'taken'; readonly pool: string; readonly asked: Amount; readonly free: Amount | null }
  /** It was never held, or not any more: reserve again. */
  | { readonly kind: 'expired' };

export type Booking = {
  readonly state: 'held' | 'applied';
  readonly seconds: number;
  readonly operation: string | null;
  readonly parts: Extract<Request, { kind: 'reserve' }>['parts'];
};

/** One owner's view, of the pools and bookings that some requests touch. Expired holds are not in it. */
export type Ledger = {
  readonly capacity: ReadonlyMap<string, Amount>;
  /** Booked in each pool, by everyone. */
  readonly used: Map<string, Amount>;
  readonly bookings: Map<string, Booking>;
};

export const nothing: Amount = { cpuMillis: 0, memoryBytes: 0, pods: 0, gpus: 0 };

/** Decides one request and notes it in the ledger. */
export function decide(ledger: Ledger, request: Request): Answer {
  const before = ledger.bookings.get(request.booking);
  switch (request.kind) {
    case 'reserve':
      return reserve(ledger, request, before);
    case 'apply':
      if (!before) return { kind: 'expired' };
      ledger.bookings.set(request.booking, { ...before, state: 'applied' });
      return { kind: 'applied' };
    case 'release':
      if (request.onlyHeld === true && before?.state === 'applied') return { kind: 'applied' };
      if (before) book(ledger, before, -1);
      ledger.bookings.delete(request.booking);
      return { kind: 'released' };
  }
}

function reserve(ledger: Ledger, request: Extract<Request, { kind: 'reserve' }>, before: Booking | undefined): Answer {
  const parts = merged(request.parts);
  if (before) book(ledger, before, -1);
  const short = parts.find(({ pool, amount }) => !fits(amount, freeIn(ledger, pool)));
  if (short) {
    if (before) book(ledger, before, 1);
    return { kind: 'taken', pool: short.pool, asked: short.amount, free: freeIn(ledger, short.pool) };
  }
  // What runs already goes on running: asked for again after a crash, or with another size, it stays applied.
  const booking: Booking = { state: before?.state ?? 'held', seconds: request.seconds, operation: request.operation, parts };
  book(ledger, booking, 1);
  ledger.bookings.set(request.booking, booking);
  return { kind: booking.state };
}

/** Never below zero: a pool may have been made smaller than what is booked in it. null: no such pool. */
export function freeIn(ledger: Ledger, pool: string): Amount | null {
  const capacity = ledger.capacity.get(pool);
  return capacity ? combine(capacity, ledger.used.get(pool) ?? nothing, (has, used) => Math.max(0, has - used)) : null;
}

const fits = (asked: Amount, free: Amount | null): boolean =>
  free !== null &&
  isAmount(asked) &&
  asked.cpuMillis <= free.cpuMillis &&
  asked.memoryBytes <= free.memoryBytes &&
  asked.pods <= free.pods &&
  asked.gpus <= free.gpus;

/** Whole numbers from zero on: a negative booking would make room that is not there. */
const isAmount = ({ cpuMillis, memoryBytes, pods, gpus }: Amount): boolean =>
  [cpuMillis, memoryBytes, pods, gpus].every((part) => Number.isSafeInteger(part) && part >= 0);

function book(ledger: Ledger, { parts }: Booking, sign: 1 | -1): void {
  for (const { pool, amount } of parts)
    ledger.used.set(
      pool,
      combine(ledger.used.get(pool) ?? nothing, amount, (used, more) => used + sign * more),
    );
}

export const combine = (one: Amount, other: Amount, how: (one: number, other: number) => number): Amount => ({
  cpuMillis: how(one.cpuMillis, other.cpuMillis),
  memoryBytes: how(one.memoryBytes, other.memoryBytes),
  pods: how(one.pods, other.pods),
  gpus: how(one.gpus, other.gpus),
});

/** One part for each pool, in the order of their names. */
function merged(parts: Booking['parts']): Booking['parts'] {
  const sums = new Map<string, Amount>();
  for (const { pool, amount } of parts)
    sums.set(
      pool,
      combine(sums.get(pool) ?? nothing, amount, (one, other) => one + other),
    );
  return [...sums].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([pool, amount]) => ({ pool, amount }));
}
