// Looks at what was ordered, at the exchanges: there are no webhooks in IX-API. What changed is recorded and told; what has ended is forgotten.
import type { Store } from '../../store/io/store.ts';
import { type Circuit, circuitTitle } from '../lan.ts';
import { exchangeOf } from '../topology.ts';
import type { Interconnect } from './interconnect.ts';
import { asObserved } from './performers.ts';

export type CircuitWatch = { stop(): Promise<void> };

export type CircuitWatchOptions = {
  readonly store: Store;
  readonly interconnect: Interconnect;
  /** For the log: what failed and is tried again. */
  readonly onError: (error: unknown) => void;
  readonly turnMs?: number;
};

const lockName = 'hanse-circuits';
const toldOf = (circuit: Circuit) => {
  const { ref, lan, exchange, kind, member, state, since, told, messages } = circuit;
  return { ref, lan, exchange, circuit: kind, member, title: circuitTitle(circuit), state, since, told, messages: [...messages] };
};

const differs = (a: Circuit, b: Circuit): boolean => JSON.stringify(a) !== JSON.stringify(b);

export const watchCircuits = ({ store, interconnect: { records, drivers }, onError, turnMs = 10_000 }: CircuitWatchOptions): CircuitWatch => {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const look = async (owner: string, circuit: Circuit): Promise<void> => {
    const exchange = exchangeOf(drivers, circuit.exchange);
    const driver = exchange && drivers.of(exchange);
    // what is being ordered belongs to its operation
    if (!driver || circuit.state === 'reserved' || stopped) return;
    const observed = await driver.find(circuit);
    if (observed === null || observed.state === 'ended') {
      if (circuit.state === 'ending') await records.forget(owner, circuit);
      return;
    }
    const known = await records.find(owner, circuit.ref);
    if (known === null || known.state !== circuit.state) return; // an operation works on it
    const now = asObserved(known, { ...observed, vlan: known.vlan });
    if (!differs(known, now)) return;
    await records.put(owner, now);
    if (now.state === known.state && now.told === known.told && now.messages.join() === known.messages.join()) return;
    await store.db
      .insertInto('event')
      .values({ owner, operation: null, kind: 'circuit', data: JSON.stringify(toldOf(now)) })
      .execute();
  };
  /** One broker at a time: the others look again in their next turn. */
  const turn = async (): Promise<void> => {
    const client = await store.pool.connect();
    try {
      const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock(hashtext($1), 0) as held', [lockName]);
      if (rows[0]?.held !== true) return;
      try {
        for (const { owner, circuit } of await records.all()) await look(owner, circuit).catch(onError);
      } finally {
        await client.query('select pg_advisory_unlock(hashtext($1), 0)', [lockName]);
      }
    } finally {
      client.release();
    }
  };
  const loop = async (): Promise<void> => {
    await turn().catch(onError);
    if (!stopped) timer = setTimeout(() => void (running = loop()), turnMs);
  };
  let running = loop();

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
};
