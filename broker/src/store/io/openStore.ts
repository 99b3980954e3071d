// Opens the one handle on PostgreSQL: the embedded server, or the one that a URL names.
import { join } from 'node:path';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { HanseError } from '../../errors.ts';
import { startEmbedded } from './embedded.ts';
import type { Embedded } from './embedded.ts';
import { migrate } from './migrate.ts';
import type { Tables } from './schema.ts';
import { sealingKey, secretsIn } from './secrets.ts';
import type { Store } from './store.ts';

export type StoreConfig = {
  readonly dataDir: string;
  /** Outside the data directory: it holds the key that seals the secrets. */
  readonly configDir: string;
  /** A PostgreSQL of version 15 or later instead of the embedded one. */
  readonly databaseUrl?: string | undefined;
  readonly connectionsMax?: number;
  /** Told, in sentences, what takes long at a first start. */
  readonly say?: (line: string) => void;
};

const oldestServer = 150_000; // as server_version_num says it
const int8 = 20; // pg_type.oid

/** SETUP_FAILED or STORE_UNAVAILABLE, with one sentence for a person. */
export const openStore = async (config: StoreConfig): Promise<Store> => {
  const embedded = config.databaseUrl === undefined ? await startEmbedded({ dir: join(config.dataDir, 'pg'), say: config.say ?? (() => {}) }) : undefined;
  try {
    if (embedded) await ensureDatabase(embedded);
    return await openAt(config.databaseUrl ?? embedded?.url('hanse') ?? '', config, embedded);
  } catch (error) {
    await embedded?.release();
    throw error;
  }
};

const openAt = async (url: string, config: StoreConfig, embedded: Embedded | undefined): Promise<Store> => {
  await withClient(url, async (client) => {
    await checkVersion(client);
    await migrate(client);
  });
  const pool = makePool(url, config.connectionsMax ?? 20);
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const close = async (): Promise<void> => {
    await db.destroy(); // ends the pool
    await embedded?.release();
  };
  try {
    const keyFile = join(config.configDir, 'sealing.key');
    const key = await sealingKey(db, keyFile);
    return { db, pool, ...secretsIn(db, key, keyFile), close };
  } catch (error) {
    await db.destroy();
    throw error;
  }
};

const makePool = (connectionString: string, max: number): pg.Pool => {
  const pool = new pg.Pool({
    connectionString,
    max,
    application_name: 'hanse',
    connectionTimeoutMillis: 10_000,
    statement_timeout: 30_000,
    lock_timeout: 10_000,
    idle_in_transaction_session_timeout: 60_000, // longer than any transaction of ours; a broker that was paused must not hold locks
    query_timeout: 40_000, // a server that no longer answers at all
    keepAlive: true,
    types: { getTypeParser: readAs },
  });
  pool.on('error', () => {}); // an idle connection ended; the next use opens a new one
  return pool;
};

/** int8 as a number: ours are sequences, fences and bytes, all below 2^53. */
const readAs: pg.CustomTypesConfig['getTypeParser'] = (oid, format) => {
  if (oid !== int8 || format === 'binary') return pg.types.getTypeParser(oid, format);
  return (text: string): number => {
    const number = Number(text);
    if (!Number.isSafeInteger(number)) throw new Error(`int8 ${text} is beyond what a number holds`);
    return number;
  };
};

const withClient = async <T>(connectionString: string, use: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000, application_name: 'hanse set-up' });
  client.on('error', () => {}); // told to whoever asks next
  try {
    await client.connect();
  } catch (error) {
    throw new HanseError('STORE_UNAVAILABLE', `The database cannot be reached: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => {});
  }
};

const checkVersion = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query<{ number: string; name: string }>(
    `select current_setting('server_version_num') as number, current_setting('server_version') as name`,
  );
  const [version] = rows;
  if (version && Number(version.number) >= oldestServer) return;
  throw new HanseError('SETUP_FAILED', `The database is PostgreSQL ${version?.name}; Hanse needs version 15 or later.`);
};

const ensureDatabase = (embedded: Embedded): Promise<void> =>
  withClient(embedded.url('postgres'), async (client) => {
    const { rows } = await client.query(`select 1 from pg_database where datname = 'hanse'`);
    // 42P04, 23505: another broker that starts at the same moment was first
    if (rows.length === 0)
      await client.query('create database hanse').catch((error: { code?: string }) => {
        if (error.code !== '42P04' && error.code !== '23505') throw error;
      });
  });
