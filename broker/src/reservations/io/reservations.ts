// Capacity is booked under the lock of its pools: whoever comes second sees what the first one took. What comes at the same moment is decided together.
import { sql } from 'kysely';
import { z } from 'zod';
import { HanseError } from '../../errors.ts';
import type { OwnerId } from '../../ids.ts';
import { createBatcher } from '../../store/io/batcher.ts';
import type { Store, Tx } from '../../store/io/store.ts';
import { combine, decide, freeIn, nothing } from '../ledger.ts';
import type { Amount, Answer, Booking, Ledger, Request } from '../ledger.ts';

export type PoolState = { readonly name: string; readonly capacity: Amount; readonly used: Amount; readonly free: Amount };

export type Reservations = {
  /** What the pool has altogether from now on; less than what is booked in it is allowed: nothing more fits then. null: there is no such pool any more. */
  setPool(owner: OwnerId, pool: string, capacity: Amount | null): Promise<void>;
  pools(owner: OwnerId): Promise<readonly PoolState[]>;
  /** `held`, or `applied` if it was applied before; `taken` if it does not fit: then nothing changed. Asked again with the same booking it replaces that one. */
  reserve(owner: OwnerId, request: Omit<Extract<Request, { kind: 'reserve' }>, 'kind'>): Promise<Answer>;
  /** `applied`: it no longer expires. `expired`: it has to be reserved again before it may be used. */
  apply(owner: OwnerId, booking: string): Promise<Answer>;
  /** `released`, also when it was not there; `applied` where only what is held is to be released and it is more than that. */
  release(owner: OwnerId, booking: string, options?: { readonly onlyHeld?: boolean }): Promise<Answer>;
  /** Every booking of an operation. */
  releaseOperation(owner: OwnerId, operation: string): Promise<void>;
};

type Asked = { readonly owner: OwnerId; readonly request: Request };

const batchMax = 400;
/** How often the pools of a booking may change under us before we say so. */
const turnsMax = 5;

export function createReservations(store: Store): Reservations {
  const batcher = createBatcher<Asked, Answer>((asked) => decideAll(store, asked), batchMax);
  const ask = (owner: OwnerId, request: Request): Promise<Answer> => batcher.do({ owner, request });
  return {
    setPool: (owner, pool, capacity) => setPool(store, owner, pool, capacity),
    pools: (owner) => readPools(store, owner),
    reserve: (owner, request) => ask(owner, { kind: 'reserve', ...request }),
    apply: (owner, booking) => ask(owner, { kind: 'apply', booking }),
    release: (owner, booking, options) => ask(owner, { kind: 'release', booking, ...options }),
    releaseOperation: async (owner, operation) => {
      const rows = await store.db
        .selectFrom('reservation')
        .select('booking')
        .distinct()
        .where('owner', '=', owner)
        .where('operation', '=', operation)
        .execute();
      await Promise.all(rows.map(({ booking }) => ask(owner, { kind: 'release', booking })));
    },
  };
}

/** For a step that cannot go on without it. */
export function capacityTaken({ pool, asked, free }: Extract<Answer, { kind: 'taken' }>): HanseError {
  const say = (of: Amount): string => `${of.cpuMillis} mCPU, ${of.memoryBytes} bytes of memory, ${of.pods} pods, ${of.gpus} GPUs`;
  return new HanseError('CAPACITY_TAKEN', `${pool} cannot give ${say(asked)}: ${free ? `free are ${say(free)}` : 'nothing is known of its capacity'}.`);
}

async function decideAll(store: Store, asked: readonly Asked[]): Promise<readonly Answer[]> {
  const answers = new Map<Asked, Answer>();
  for (const owner of new Set(asked.map((each) => each.owner))) {
    const mine = asked.filter((each) => each.owner === owner);
    const decided = await decideFor(
      store,
      owner,
      mine.map((each) => each.request),
    );
    for (const [index, each] of mine.entries()) answers.set(each, decided[index] ?? { kind: 'expired' });
  }
  return asked.map((each) => answers.get(each) ?? { kind: 'expired' });
}

async function decideFor(store: Store, owner: OwnerId, requests: readonly Request[]): Promise<readonly Answer[]> {
  const bookings = [...new Set(requests.map((request) => request.booking))];
  const asked = requests.flatMap((request) => (request.kind === 'reserve' ? request.parts.map(({ pool }) => pool) : []));
  for (let turn = 0; turn < turnsMax; turn++) {
    const answers = await store.db.transaction().execute(async (tx) => {
      const before = await tx.selectFrom('reservation').select('pool').distinct().where('owner', '=', owner).where('booking', 'in', bookings).execute();
      const pools = [...new Set([...asked, ...before.map(({ pool }) => pool)])];
      const read = await readLocked(tx, { owner, pools, bookings });
      return read && decideLocked(tx, owner, read, requests);
    });
    if (answers) return answers;
  }
  throw new HanseError('CAPACITY_TAKEN', 'The bookings kept changing while they were read.');
}

type Scope = { readonly owner: OwnerId; readonly pools: readonly string[]; readonly bookings: readonly string[] };
type Read = Scope & { readonly ledger: Ledger; /** By the database's clock, after the pools were locked; to the microsecond. */ readonly now: string };

const amountFields = { cpu_millis: z.number(), memory_bytes: z.number(), pods: z.number(), gpus: z.number() };
const poolRow = z.object({ name: z.string(), ...amountFields });
const stateRow = z.object({
  now: z.string(),
  used: z.array(z.object({ pool: z.string(), ...amountFields })),
  booked: z.array(
    z.object({
      booking: z.string(),
      pool: z.string(),
      state: z.enum(['held', 'applied']),
      operation: z.string().nullable(),
      alive: z.boolean(),
      ...amountFields,
    }),
  ),
});

/** null: a booking moved to a pool that is not locked. */
async function readLocked(tx: Tx, scope: Scope): Promise<Read | null> {
  const { owner, pools, bookings } = scope;
  // A broker that is stopped here must not hold up everyone who books.
  const locked = await sql<unknown>`
    with patience as materialized (select set_config('idle_in_transaction_session_timeout', '5s', true))
    select name, cpu_millis, memory_bytes, pods, gpus from pool, patience where owner = ${owner} and name = any(${pools}) order by name for update of pool`.execute(
    tx,
  );
  const { rows } = await sql<unknown>`
    with t as materialized (select clock_timestamp() as now),
    used as (
      select pool, sum(cpu_millis) as cpu_millis, sum(memory_bytes) as memory_bytes, sum(pods) as pods, sum(gpus) as gpus from reservation, t
      where owner = ${owner} and pool = any(${pools}) and (state = 'applied' or expires_at > t.now) group by pool),
    booked as (
      select booking, pool, state, operation, state = 'applied' or expires_at > t.now as alive, cpu_millis, memory_bytes, pods, gpus from reservation, t
      where owner = ${owner} and booking = any(${bookings}))
    select t.now::text as now, coalesce((select jsonb_agg(used) from used), '[]') as used, coalesce((select jsonb_agg(booked order by pool) from booked), '[]') as booked from t`.execute(
    tx,
  );
  const { now, used, booked } = stateRow.parse(rows[0]);
  if (booked.some((row) => !pools.includes(row.pool))) return null;
  const held = new Map<string, Booking>();
  for (const row of booked.filter(({ alive }) => alive)) {
    const { booking, pool, state, operation } = row;
    const parts = [...(held.get(booking)?.parts ?? []), { pool, amount: toAmount(row) }];
    held.set(booking, { state, operation, seconds: 0, parts });
  }
  const capacity = new Map(locked.rows.map((row) => poolRow.parse(row)).map((row) => [row.name, toAmount(row)]));
  return { ...scope, now, ledger: { capacity, used: new Map(used.map((row) => [row.pool, toAmount(row)])), bookings: held } };
}

const toAmount = (row: { cpu_millis: number; memory_bytes: number; pods: number; gpus: number }): Amount => ({
  cpuMillis: row.cpu_millis,
  memoryBytes: row.memory_bytes,
  pods: row.pods,
  gpus: row.gpus,
});

async function decideLocked(tx: Tx, owner: OwnerId, { ledger, pools, now }: Read, requests: readonly Request[]): Promise<readonly Answer[]> {
  const before = new Map(ledger.bookings);
  const answers = requests.map((request) => decide(ledger, request));
  const touched = [...new Set(requests.map((request) => request.booking))].filter((booking) => ledger.bookings.get(booking) !== before.get(booking));
  if (touched.length === 0) return answers;
  const rows = touched.flatMap((booking) => toRows(owner, booking, ledger.bookings.get(booking)));
  // What was found expired is removed: nobody can apply it any more, not even by a clock that was set back.
  await sql`
    with kept as (select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as k(
        id text, operation text, booking text, pool text, cpu_millis bigint, memory_bytes bigint, pods bigint, gpus bigint, state text, seconds float8)),
    gone as (
      delete from reservation r where owner = ${owner} and (
        (booking = any(${touched}) and not exists (select from kept where kept.id = r.id))
        or (pool = any(${pools}) and state = 'held' and expires_at <= ${now}::timestamptz and not (booking = any(${touched})))))
    insert into reservation (id, owner, operation, booking, pool, cpu_millis, memory_bytes, pods, gpus, state, expires_at)
    select id, ${owner}, operation, booking, pool, cpu_millis, memory_bytes, pods, gpus, state, case when state = 'held' then now() + make_interval(secs => seconds) end from kept
    on conflict (id) do update set operation = excluded.operation, cpu_millis = excluded.cpu_millis, memory_bytes = excluded.memory_bytes,
      pods = excluded.pods, gpus = excluded.gpus, state = excluded.state, expires_at = excluded.expires_at`.execute(tx);
  return answers;
}

function toRows(owner: OwnerId, booking: string, kept: Booking | undefined): object[] {
  return (kept?.parts ?? []).map(({ pool, amount }) => ({
    id: JSON.stringify([owner, booking, pool]),
    operation: kept?.operation ?? null,
    booking,
    pool,
    state: kept?.state,
    seconds: kept?.seconds,
    ...toColumns(amount),
  }));
}

const toColumns = ({ cpuMillis, memoryBytes, pods, gpus }: Amount) => ({ cpu_millis: cpuMillis, memory_bytes: memoryBytes, pods, gpus });

async function setPool(store: Store, owner: OwnerId, name: string, amount: Amount | null): Promise<void> {
  if (amount === null) {
    await store.db.deleteFrom('pool').where('owner', '=', owner).where('name', '=', name).execute();
    return;
  }
  const capacity = toColumns(amount);
  await store.db
    .insertInto('pool')
    .values({ owner, name, ...capacity })
    .onConflict((conflict) => conflict.columns(['owner', 'name']).doUpdateSet({ ...capacity, version: sql`pool.version + 1` }))
    .execute();
}

async function readPools(store: Store, owner: OwnerId): Promise<readonly PoolState[]> {
  const pools = await store.db.selectFrom('pool').selectAll().where('owner', '=', owner).orderBy('name').execute();
  const rows = await store.db
    .selectFrom('reservation')
    .select(['pool', 'cpu_millis', 'memory_bytes', 'pods', 'gpus'])
    .where('owner', '=', owner)
    .where((is) => is.or([is('state', '=', 'applied'), is('expires_at', '>', sql<Date>`now()`)]))
    .execute();
  const capacity = new Map(pools.map((row) => [row.name, toAmount(row)]));
  const used = new Map<string, Amount>();
  for (const row of rows)
    used.set(
      row.pool,
      combine(used.get(row.pool) ?? nothing, toAmount(row), (one, other) => one + other),
    );
  const ledger: Ledger = { capacity, used, bookings: new Map() };
  return [...capacity].map(([name, has]) => ({ name, capacity: has, used: used.get(name) ?? nothing, free: freeIn(ledger, name) ?? nothing }));
}
