// A fresh database for each test that asks: one embedded server per run, started by the first who needs it, and a template copied in
// a fraction of a second. HANSE_TEST_DATABASE_URL names an external server instead, for the suites that take it as a parameter.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbedded, stopEmbedded } from '../broker/src/store/io/embedded.ts';
import { digestOf, migrate, migrations } from '../broker/src/store/io/migrate.ts';
import { openStore } from '../broker/src/store/io/openStore.ts';
import type { Store } from '../broker/src/store/io/store.ts';

export type TestStore = {
  readonly store: Store;
  /** Of this database: for a second store or another process on it (`openStore({ dataDir, configDir, databaseUrl: url })`). */
  readonly url: string;
  /** Folders of its own; the sealing key is in `configDir`. */
  readonly dataDir: string;
  readonly configDir: string;
  close(): Promise<void>;
};

/** An external server, when there is one to test on. */
export const externalUrl: string | undefined = process.env['HANSE_TEST_DATABASE_URL'] || undefined;

/** `server`: a URL with the right to make databases; by default the run's embedded server. */
export const testStore = async (server?: string): Promise<TestStore> => {
  const admin = server ?? (await embeddedServer());
  const url = await freshDatabase(admin);
  const folder = mkdtempSync(join(runFolder(), 'store-'));
  const dataDir = join(folder, 'data');
  const configDir = join(folder, 'config');
  const store = await openStore({ dataDir, configDir, databaseUrl: url, connectionsMax: 10 });
  const close = async (): Promise<void> => {
    await store.close();
    await onServer(admin, (client) => client.query(`drop database if exists ${databaseOf(url)} with (force)`));
    rmSync(folder, { recursive: true, force: true });
  };
  return { store, url, dataDir, configDir, close };
};

/** Empty, without tables: for what migrations do to it. */
export const emptyDatabase = async (server?: string): Promise<string> => {
  const admin = server ?? (await embeddedServer());
  const name = newName();
  await onServer(admin, (client) => client.query(`create database ${name} template template0`));
  return withDatabase(admin, name);
};

const freshDatabase = async (admin: string): Promise<string> => {
  const template = `hanse_template_${digestOf(migrations).slice(0, 16)}`;
  const name = newName();
  await onServer(admin, async (client) => {
    // held until the connection ends: the template is made once, whoever comes first
    await client.query('select pg_advisory_lock(7480002)');
    const { rows } = await client.query('select 1 from pg_database where datname = $1', [template]);
    if (rows.length === 0) await makeTemplate(client, admin, template);
    await client.query('select pg_advisory_unlock(7480002)');
    await client.query(`create database ${name} template ${template}`);
  });
  return withDatabase(admin, name);
};

const makeTemplate = async (client: pg.Client, admin: string, template: string): Promise<void> => {
  const part = `${template}_part`;
  await client.query(`drop database if exists ${part} with (force)`);
  await client.query(`create database ${part} template template0`);
  await onServer(withDatabase(admin, part), migrate);
  await client.query(`alter database ${part} rename to ${template}`);
};

const newName = (): string => `hanse_test_${randomBytes(8).toString('hex')}`;

const databaseOf = (url: string): string => new URL(url).pathname.slice(1);

const withDatabase = (admin: string, name: string): string => {
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return url.href;
};

const onServer = async (url: string, use: (client: pg.Client) => Promise<unknown>): Promise<void> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 30_000 });
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
};

const folderVariable = 'HANSE_TEST_FOLDER';
const prefix = `hanse-test-${process.getuid?.() ?? 0}-`;

/** Of this run of vitest; forks inherit it from the set-up below. */
const runFolder = (): string => {
  const folder = process.env[folderVariable];
  if (folder === undefined) throw new Error(`${folderVariable} is not set: tests run by vitest with globalSetup test/database.ts`);
  return folder;
};

let starting: Promise<string> | undefined;

const embeddedServer = (): Promise<string> => {
  // a test database may be lost with the machine: no waiting for the disk
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off', max_connections: '300' };
  starting ??= startEmbedded({ dir: join(runFolder(), 'pg'), settings }).then((server) => server.url('postgres'));
  return starting;
};

/** vitest's globalSetup: makes the run's folder; its answer stops what was started in it. */
export const setup = async (): Promise<() => Promise<void>> => {
  await sweep();
  const folder = join(tmpdir(), `${prefix}${process.pid}`);
  mkdirSync(folder, { mode: 0o711 });
  process.env[folderVariable] = folder;
  return () => remove(folder);
};

/** Runs that were killed leave a server behind. */
const sweep = async (): Promise<void> => {
  for (const name of readdirSync(tmpdir())) {
    if (name.startsWith(prefix) && !existsSync(`/proc/${name.slice(prefix.length)}`)) await remove(join(tmpdir(), name));
  }
};

const remove = async (folder: string): Promise<void> => {
  await stopEmbedded(join(folder, 'pg')).catch(() => {});
  rmSync(folder, { recursive: true, force: true });
};
