// Decisions per second in one process, each with its capacity reserved durably; and that nothing is ever booked twice: in a million random steps on the
// ledger, and in random steps of two brokers on PostgreSQL whose holds keep expiring.
import { sql } from 'kysely';
import { ownerId } from '../../broker/src/ids.ts';
import { parseCriterion, place } from '../../broker/src/placement/index.ts';
import type { Snapshot, SnapshotCluster } from '../../broker/src/placement/index.ts';
import { decide } from '../../broker/src/reservations/index.ts';
import type { Amount, Answer, Ledger, Request } from '../../broker/src/reservations/index.ts';
import { createReservations } from '../../broker/src/reservations/io/index.ts';
import type { Reservations } from '../../broker/src/reservations/io/index.ts';
import type { Store } from '../../broker/src/store/io/store.ts';
import { benchStore, randomFrom } from './store.ts';

const seed = 20261122;
const bar = 2_000;
const owner = ownerId('default');
const sizes = { clusters: 12, criteria: 4, replicas: 3, live: 2_000, clients: 200, decisions: 12_000, ledgerSteps: 1_000_000, storeSteps: 40_000, brokers: 2 };
const faults: string[] = [];

const keys = ['cpuMillis', 'memoryBytes', 'pods', 'gpus'] as const;
const pools = Array.from({ length: sizes.clusters }, (_, index) => `cluster-${String(index).padStart(2, '0')}`);
const each: Amount = { cpuMillis: 500, memoryBytes: 512 * 1024 ** 2, pods: 1, gpus: 0 };

// 1. A million random steps on the ledger, held against a count of their own after every step.
function walkLedger(): void {
  const random = randomFrom(seed);
  const whole = (below: number): number => Math.floor(random() * below);
  const capacity: Amount = { cpuMillis: 40, memoryBytes: 40, pods: 40, gpus: 40 };
  const ledger: Ledger = { capacity: new Map(pools.map((pool) => [pool, capacity])), used: new Map(), bookings: new Map() };
  const counted = new Map<string, Map<string, Amount>>(pools.map((pool) => [pool, new Map()]));
  const granted = { held: 0, applied: 0, released: 0, taken: 0, expired: 0 };
  for (let step = 0; step < sizes.ledgerSteps; step++) {
    const booking = `b${whole(200)}`;
    const request: Request =
      random() < 0.6
        ? { kind: 'reserve', booking, operation: null, seconds: 60, parts: twoParts(whole) }
        : { kind: random() < 0.5 ? 'apply' : 'release', booking };
    const answer = decide(ledger, request);
    granted[answer.kind] += 1;
    count(counted, request, answer);
    const twice = request.kind === 'reserve' || step % 10 === 0 ? overbooked(counted, capacity) : undefined;
    if (twice !== undefined) return void faults.push(`ledger step ${step}: ${twice} is booked twice`);
  }
  if (granted.held === 0 || granted.taken === 0) faults.push('the random steps never met a full pool, or never an empty one');
}

/** Any two pools, any amount. */
const twoParts = (whole: (below: number) => number): Extract<Request, { kind: 'reserve' }>['parts'] =>
  [pools[whole(12)] ?? '', pools[whole(12)] ?? ''].map((pool) => ({
    pool,
    amount: { cpuMillis: whole(9), memoryBytes: whole(9), pods: whole(9), gpus: whole(9) },
  }));

/** By what was answered alone, without the ledger's own figures. */
function count(counted: ReadonlyMap<string, Map<string, Amount>>, request: Request, answer: Answer): void {
  const isBooked = request.kind === 'reserve' && answer.kind !== 'taken';
  if (isBooked || answer.kind === 'released') for (const of of counted.values()) of.delete(request.booking);
  if (!isBooked) return;
  for (const { pool, amount } of request.parts) {
    const before = counted.get(pool)?.get(request.booking);
    counted.get(pool)?.set(request.booking, before ? add(before, amount) : amount);
  }
}

function overbooked(counted: ReadonlyMap<string, ReadonlyMap<string, Amount>>, capacity: Amount): string | undefined {
  for (const [pool, bookings] of counted) {
    const sum = [...bookings.values()].reduce(add, { cpuMillis: 0, memoryBytes: 0, pods: 0, gpus: 0 });
    if (keys.some((key) => sum[key] > capacity[key])) return pool;
  }
  return undefined;
}

const add = (one: Amount, other: Amount): Amount => ({
  cpuMillis: one.cpuMillis + other.cpuMillis,
  memoryBytes: one.memoryBytes + other.memoryBytes,
  pods: one.pods + other.pods,
  gpus: one.gpus + other.gpus,
});

// 2. Two brokers on one PostgreSQL, whose holds expire under way; a third connection looks on.
async function walkStore(stores: readonly Store[], watch: Store): Promise<void> {
  const random = randomFrom(seed + 1);
  const whole = (below: number): number => Math.floor(random() * below);
  const brokers = stores.map(createReservations);
  for (const pool of pools) await brokers[0]?.setPool(owner, pool, { cpuMillis: 40, memoryBytes: 40, pods: 40, gpus: 40 });
  let steps = 0;
  let looks = 0;
  const answers = new Map<string, number>();
  const walk = async (): Promise<void> => {
    while (steps++ < sizes.storeSteps && faults.length === 0) {
      const broker = brokers[whole(brokers.length)];
      const booking = `b${whole(150)}`;
      const dice = random();
      const parts = twoParts(whole);
      const answer = await (dice < 0.6
        ? broker?.reserve(owner, { booking, operation: booking, parts, seconds: 0.01 + random() / 4 })
        : dice < 0.8
          ? broker?.apply(owner, booking)
          : broker?.release(owner, booking));
      answers.set(answer?.kind ?? '', (answers.get(answer?.kind ?? '') ?? 0) + 1);
    }
  };
  const walkers = Promise.all(Array.from({ length: 64 }, walk));
  const look = async (): Promise<void> => {
    const { rows } = await sql<{ name: string }>`
      select name from pool join (
        select pool, sum(cpu_millis) as cpu, sum(memory_bytes) as memory, sum(pods) as pods, sum(gpus) as gpus from reservation
        where state = 'applied' or expires_at > now() group by pool) as used on used.pool = name
      where used.cpu > cpu_millis or used.memory > memory_bytes or used.pods > pool.pods or used.gpus > pool.gpus`.execute(watch.db);
    looks += 1;
    for (const { name } of rows) faults.push(`${name} is booked twice in the database`);
  };
  let isWalking = true;
  const ended = walkers.finally(() => (isWalking = false));
  while (isWalking) await look();
  await ended;
  await look();
  for (const kind of ['held', 'taken', 'expired', 'applied']) if (!answers.has(kind)) faults.push(`no step was answered with ${kind}`);
  if (looks < 10) faults.push('the onlooker saw too little');
  await sql`truncate reservation`.execute(watch.db);
}

// 3. Decisions with their capacity reserved: place, book what was chosen, give back the oldest.
const fact = (name: string, group: 'locality' | 'technical' | 'compliance', value: string | number | boolean): SnapshotCluster['facts'][number] => ({
  name,
  group,
  value,
  assurance: 'certified',
  credential: 'c0ffee',
  issuer: 'did:web:issuer.example',
  validUntil: null,
});

function makeSnapshot(): Snapshot {
  const clusters = pools.map((name, index): SnapshotCluster => ({
    name,
    role: 'provider',
    provider: `did:web:${name}.example`,
    offering: `https://${name}.example/offer`,
    reach: 'federated',
    freeSource: 'pool',
    facts: [
      fact('country', 'locality', index % 4 === 3 ? 'US' : 'DE'),
      fact('label', 'compliance', 'L2'),
      fact('arch', 'technical', 'amd64'),
      fact('price', 'technical', 0.01 + index / 1000),
    ],
    free: { cpuMillis: 4_000_000, memoryBytes: 8 * 1024 ** 4, pods: 100_000, gpus: 0 },
  }));
  return { version: 1, takenAt: '2026-11-22T00:00:00Z', clusters };
}

async function measure(store: Store): Promise<number> {
  const reservations = createReservations(store);
  for (const pool of pools) await reservations.setPool(owner, pool, { cpuMillis: 4_000_000, memoryBytes: 8 * 1024 ** 4, pods: 100_000, gpus: 0 });
  const snapshot = makeSnapshot();
  const criteria = ['country=DE,NL', 'label>=L1@certified', 'arch=amd64', 'price<=0.05'].map(parseCriterion);
  const live: string[] = [];
  let started = 0;
  const decideOne = async (): Promise<void> => {
    const booking = `d${started++}`;
    const { chosen } = place({ subject: booking, replicas: sizes.replicas, each, criteria, preferences: [], providersMin: 2, exclude: [] }, snapshot);
    if (!chosen) throw new Error('nothing fits');
    const parts = chosen.map(({ cluster, replicas }) => ({
      pool: cluster,
      amount: { cpuMillis: each.cpuMillis * replicas, memoryBytes: each.memoryBytes * replicas, pods: replicas, gpus: 0 },
    }));
    const answer = await reservations.reserve(owner, { booking, operation: booking, parts, seconds: 600 });
    if (answer.kind !== 'held') throw new Error(`not reserved: ${answer.kind}`);
    live.push(booking);
    if (live.length > sizes.live) await giveBack(reservations, live.shift() ?? '');
  };
  const run = async (until: number): Promise<void> => {
    const client = async (): Promise<void> => {
      while (started < until) await decideOne();
    };
    await Promise.all(Array.from({ length: sizes.clients }, client));
  };
  await run(sizes.live + 2_000); // warm, and as many bookings live as there will be
  const from = started;
  const start = performance.now();
  await run(from + sizes.decisions);
  return (started - from) / ((performance.now() - start) / 1000);
}
const giveBack = async (reservations: Reservations, booking: string): Promise<void> => {
  const answer = await reservations.release(owner, booking);
  if (answer.kind !== 'released') throw new Error(`not released: ${answer.kind}`);
};

walkLedger();
const bench = await benchStore();
const second = await bench.another();
const watch = await bench.another();
try {
  await walkStore([bench.store, second], watch);
  const figure = Math.round(await measure(bench.store));
  if (figure < bar) faults.push(`${figure} decisions a second are under ${bar}`);
  for (const fault of faults.slice(0, 10)) console.error(`reserve: ${fault}`);
  console.log(JSON.stringify({ name: 'reserve', figure, unit: 'decisions/s', bar, sizes, seed }));
  process.exitCode = faults.length > 0 ? 1 : 0;
} finally {
  await watch.close();
  await second.close();
  await bench.close();
}
