// One broker per data directory: its identity is in there, and two with one identity would take each other's work for their own.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import { HanseError } from '../../errors.ts';
import type { Store } from './store.ts';

export type Held = { release(): Promise<void> };

const lockSpace = 7_480_003; // first of the two numbers of an advisory lock: ours, for identities of brokers

/** SETUP_FAILED when a running broker has this identity. Held by a session, so it ends with the process however that ends. */
export const holdIdentity = async (store: Store, brokerId: string): Promise<Held> => {
  const { connectionString } = store.pool.options;
  const client = new pg.Client({
    ...(connectionString !== undefined && { connectionString }),
    application_name: 'hanse broker',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  client.on('error', () => {}); // the database ended: then every statement of this broker fails as well
  await client.connect();
  const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1, $2) as held', [lockSpace, numberOf(brokerId)]);
  const release = (): Promise<void> => client.end().catch(() => {});
  if (rows[0]?.held === true) return { release };
  await release();
  throw new HanseError('SETUP_FAILED', 'A broker already runs on this data directory.', {
    fix: 'Use the running one, end it first, or start this one with another HANSE_DATA_DIR and HANSE_PORT.',
  });
};

const numberOf = (brokerId: string): number => createHash('sha256').update(brokerId).digest().readInt32BE(0);

/** Whether a broker of this identity runs on this database now. */
export const isRunning = async ({ db }: Pick<Store, 'db'>, brokerId: string): Promise<boolean> => {
  const { rows } = await sql`select from pg_locks where locktype = 'advisory' and granted and objsubid = 2
    and database = (select oid from pg_database where datname = current_database())
    and classid::bigint = ${lockSpace} and objid::bigint = ${numberOf(brokerId) >>> 0}`.execute(db);
  return rows.length > 0;
};

/** The broker's identity, kept in its data directory: stable over restarts, so that it knows its own work again. SETUP_FAILED if it cannot be written. */
export const identityIn = (dataDir: string): string => {
  const file = join(dataDir, 'broker-id');
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o711 });
    if (!existsSync(file)) writeFileSync(file, `broker-${randomUUID()}\n`, { flag: 'a', mode: 0o644 });
    return (readFileSync(file, 'utf8').split('\n')[0] ?? '').trim(); // of two that start at once, the first line counts
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new HanseError('SETUP_FAILED', `The data directory ${dataDir} cannot be written (${code}).`, {
      fix: 'Give this account the right to write there, or choose another HANSE_DATA_DIR.',
      cause: error,
    });
  }
};
