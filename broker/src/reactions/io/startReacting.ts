// The loop over all owners. One broker at a time does it, for as long as its session lives.
import type { PoolClient } from 'pg';
import { createReach } from './reach.ts';
import { createRows } from './rows.ts';
import { createTurn, type TurnOptions } from './turn.ts';

type ReactingOptions = TurnOptions & {
  /** Between two looks at the providers. */
  readonly everySeconds: number;
};

type Reacting = { stop(): Promise<void> };

const lockName = 'hanse-reactions';

export const startReacting = (options: ReactingOptions): Reacting => {
  const { store, everySeconds, onError } = options;
  const rows = createRows(store);
  const stopping = new AbortController();
  const reach = createReach(options.clusters, () => wake());
  const turnOf = createTurn(rows, reach, stopping.signal, options);
  let session: PoolClient | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isWoken = false;

  /** Held as long as the connection: a broker that dies gives it back. */
  const holdsLock = async (): Promise<boolean> => {
    if (session !== null) return true;
    const client = await store.pool.connect();
    const { rows: answers } = await client.query<{ held: boolean }>('select pg_try_advisory_lock(hashtext($1), 0) as held', [lockName]);
    if (answers[0]?.held !== true) {
      client.release();
      return false;
    }
    client.on('error', () => {
      if (session === client) session = null;
      client.release(true);
    });
    session = client;
    return true;
  };

  const loop = async (): Promise<void> => {
    let isUnsure = false;
    try {
      const owners = (await holdsLock()) ? await rows.owners() : [];
      const turns = await Promise.all(owners.map((owner) => turnOf(owner).catch(onError)));
      isUnsure = turns.some((turn) => turn?.isUnsure === true);
    } catch (error) {
      onError(error);
    }
    if (stopping.signal.aborted) return;
    const seconds = isWoken ? 0 : isUnsure ? Math.min(1, everySeconds) : everySeconds;
    timer = setTimeout(begin, seconds * 1000);
  };
  const begin = (): void => {
    timer = undefined;
    isWoken = false;
    running = loop();
  };
  /** The turn that is under way may have looked already: another one follows. */
  const wake = (): void => {
    isWoken = true;
    if (timer === undefined || stopping.signal.aborted) return;
    clearTimeout(timer);
    begin();
  };
  let running = loop();

  return {
    async stop() {
      stopping.abort(new Error('the broker stops'));
      clearTimeout(timer);
      await running;
      await reach.stop();
      session?.release(true);
      session = null;
    },
  };
};
