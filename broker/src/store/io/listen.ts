// LISTEN/NOTIFY only wakes: what happened is read from the tables by sequence, so a notification that is lost costs time and nothing else.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Store } from './store.ts';

export type Listening = { close(): Promise<void> };

const reconnectMillisMax = 5_000;
const pingMillis = 30_000; // finds a connection whose other end is gone without a word

/**
 * Calls `wake` with the payload of each notification on `channel`, and with '' after each (re)connection, because some may have been missed.
 * Resolves when the first connection listens; from then on it reconnects by itself until it is closed.
 */
export const listen = async (store: Store, channel: string, wake: (payload: string) => void): Promise<Listening> => {
  const stop = new AbortController();
  let connection = await connect(store, channel, wake);
  const keeping = (async () => {
    for (let attempt = 0; !stop.signal.aborted;) {
      await Promise.race([connection.ended, aborted(stop.signal)]);
      if (stop.signal.aborted) break;
      await sleep(Math.random() * Math.min(reconnectMillisMax, 100 * 2 ** attempt), undefined, { signal: stop.signal }).catch(() => {});
      if (stop.signal.aborted) break;
      attempt += 1;
      await connect(store, channel, wake).then(
        (next) => {
          connection = next;
          attempt = 0;
        },
        () => {}, // the next turn tries again: `ended` of the old one stays resolved
      );
    }
    await connection.end();
  })();
  return {
    close: () => {
      stop.abort();
      return keeping;
    },
  };
};

const connect = async (store: Store, channel: string, wake: (payload: string) => void): Promise<{ ended: Promise<void>; end(): Promise<void> }> => {
  const { connectionString } = store.pool.options;
  const client = new pg.Client({
    ...(connectionString !== undefined && { connectionString }),
    application_name: 'hanse listen',
    connectionTimeoutMillis: 10_000,
    query_timeout: 10_000,
    keepAlive: true,
  });
  const ping = setInterval(() => void client.query('select 1').catch(() => client.end()), pingMillis).unref();
  const ended = new Promise<void>((done) => {
    const finish = (): void => {
      clearInterval(ping);
      done();
    };
    client.once('end', finish);
    client.on('error', finish);
  });
  const end = (): Promise<void> => client.end().catch(() => {});
  client.on('notification', ({ payload = '' }) => wake(payload));
  try {
    await client.connect();
    await client.query(`listen ${client.escapeIdentifier(channel)}`);
  } catch (error) {
    clearInterval(ping);
    await end();
    throw error;
  }
  wake('');
  return { ended, end };
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
