// The real PostgreSQL, started by ourselves: no network, a Unix socket in a folder that only its account (and root) may enter.
// It outlives a killed broker; the next start finds its socket and goes on with it.
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, closeSync, constants, existsSync, lstatSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { HanseError } from '../../errors.ts';
import { databaseAccount, findBinaries } from './binaries.ts';
import type { Account, Binaries } from './binaries.ts';

export type Embedded = {
  /** A connection string of a superuser, for the database given: only who may enter the folder can use it. */
  url(database: string): string;
  /** Stops the server if nobody else is connected to it. */
  release(): Promise<void>;
};

export type EmbeddedConfig = {
  /** Gets the cluster, the socket, the log. Made if it is missing. */
  readonly dir: string;
  /** Server settings above ours, for tests. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly say?: (line: string) => void;
};

const socketName = '.s.PGSQL.5432';
const socketPathBytesMax = 107; // sun_path of unix(7), less the final NUL
const startSecondsMax = 60; // crash recovery of a busy database takes a few; a slow disk more
const lastMomentMs = 1000;
const logBytesMax = 1_000_000; // at a start; what matters of a server this small is its last start and its last trouble

const ourSettings = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  shared_buffers: '64MB',
  max_connections: '200',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** SETUP_FAILED with one sentence that says which folder or program stands in the way. */
export const startEmbedded = async ({ dir: given, settings = {}, say = () => {} }: EmbeddedConfig): Promise<Embedded> => {
  const dir = resolve(given);
  const account = databaseAccount();
  prepareFolder(dir, account);
  if (!(await answers(dir))) {
    const binaries = await findBinaries(dir, account, say);
    initialise(dir, binaries, account);
    await start(dir, binaries, account, { ...ourSettings, ...settings });
  }
  return { url: (database) => socketUrl(dir, database), release: () => stopIfUnused(dir) };
};

export const socketUrl = (dir: string, database: string): string => `postgresql://hanse@localhost/${database}?host=${encodeURIComponent(dir)}`;

const prepareFolder = (dir: string, account: Account): void => {
  if (Buffer.byteLength(join(dir, socketName)) > socketPathBytesMax) {
    throw new HanseError('SETUP_FAILED', `The path ${dir} is too long for a Unix socket: with /${socketName} it may have ${socketPathBytesMax} bytes.`, {
      fix: 'Choose a shorter HANSE_DATA_DIR.',
    });
  }
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    if (account) chownSync(dir, account.uid, account.gid);
    chmodSync(dir, 0o700);
  } catch (error) {
    throw new HanseError('SETUP_FAILED', `The data directory cannot be written: ${error instanceof Error ? error.message : String(error)}`, {
      fix: 'Give this account the right to write there, or choose another HANSE_DATA_DIR.',
      cause: error,
    });
  }
  const closed = account && closedFolderAbove(dir);
  if (closed !== undefined) {
    throw new HanseError('SETUP_FAILED', `PostgreSQL does not run as root, and the account it gets (${account?.uid}) may not enter ${closed}.`, {
      fix: `Choose a HANSE_DATA_DIR outside ${closed}, or allow others to enter it: chmod o+x ${closed}`,
    });
  }
};

const closedFolderAbove = (dir: string): string | undefined => {
  const above = dirname(dir);
  if ((statSync(above).mode & 0o001) === 0) return above;
  return above === '/' ? undefined : closedFolderAbove(above);
};

/** Into a folder of its own, then by one rename: two that start at once cannot spoil each other's. */
const initialise = (dir: string, { folder, env }: Binaries, account: Account): void => {
  const cluster = join(dir, 'cluster');
  if (existsSync(join(cluster, 'PG_VERSION'))) return;
  const part = join(dir, `cluster.${randomUUID()}`);
  // the locale of the server itself, the same on every machine; text is compared byte by byte
  const options = [
    '-D',
    part,
    '-U',
    'hanse',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-sync',
    '--no-instructions',
  ];
  const made = spawnSync(join(folder, 'initdb'), options, { ...account, cwd: '/', env, encoding: 'utf8' });
  if (made.status !== 0) {
    rmSync(part, { recursive: true, force: true });
    throw new HanseError('SETUP_FAILED', `PostgreSQL could not make its files in ${dir}: ${made.error?.message ?? lastLine(made.stderr)}`);
  }
  try {
    renameSync(part, cluster);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    if (!existsSync(join(cluster, 'PG_VERSION'))) throw error;
  }
};

const start = async (dir: string, { folder, env }: Binaries, account: Account, settings: Record<string, string>): Promise<void> => {
  const options = Object.entries({ ...settings, unix_socket_directories: dir }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const logFile = join(dir, 'postgres.log');
  const log = openLog(logFile);
  // detached: Ctrl-C in the terminal is for the broker, which ends its work first and then the server
  const server = spawn(join(folder, 'postgres'), ['-D', join(dir, 'cluster'), ...options], {
    ...account,
    cwd: '/',
    env,
    detached: true,
    stdio: ['ignore', log, log],
  });
  const ended = new Promise<void>((done) => server.once('exit', () => done()).once('error', () => done()));
  closeSync(log);
  server.unref();
  const deadline = Date.now() + startSecondsMax * 1000;
  let alive = true;
  void ended.then(() => (alive = false));
  while (!(await answers(dir))) {
    // an exit with a running server in place means that another process started it at the same moment
    if (Date.now() > deadline || (!alive && !isStarting(dir))) {
      throw new HanseError('SETUP_FAILED', `The embedded PostgreSQL does not start: ${lastLine(readFileSync(logFile, 'utf8'))}`, {
        fix: `Its log is ${logFile}.`,
      });
    }
    await Promise.race([sleep(25), ended.then(() => sleep(25))]);
  }
};

/** Never through a link: the folder belongs to the server's account, and who opens may be root. */
const openLog = (file: string): number => {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;
  const isLong = (lstatSync(file, { throwIfNoEntry: false })?.size ?? 0) > logBytesMax;
  try {
    return openSync(file, O_WRONLY | O_CREAT | O_NOFOLLOW | (isLong ? O_TRUNC : O_APPEND), 0o600);
  } catch (error) {
    throw new HanseError('SETUP_FAILED', `The log of PostgreSQL cannot be written: ${error instanceof Error ? error.message : String(error)}`, {
      fix: `Remove ${file} if it is a link.`,
      cause: error,
    });
  }
};

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

const postmasterPid = (dir: string): number | undefined => {
  try {
    const pid = Number(readFileSync(join(dir, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]);
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

const isStarting = (dir: string): boolean => {
  const pid = postmasterPid(dir);
  return pid !== undefined && isAlive(pid);
};

const ask = async <T>(dir: string, question: string, read: (rows: readonly unknown[]) => T): Promise<T> => {
  const client = new pg.Client({ connectionString: socketUrl(dir, 'postgres'), connectionTimeoutMillis: 10_000, query_timeout: 10_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return read((await client.query(question)).rows);
  } finally {
    await client.end().catch(() => {});
  }
};

const answers = async (dir: string): Promise<boolean> => {
  if (!existsSync(join(dir, socketName))) return false;
  return ask(dir, 'select 1', () => true).catch(() => false);
};

const stopIfUnused = async (dir: string): Promise<void> => {
  const others = `select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`;
  // a session whose client has hung up is listed for a moment longer
  for (const deadline = Date.now() + lastMomentMs; Date.now() < deadline; await sleep(25)) {
    const isUnused = await ask(dir, others, (rows) => rows.length === 0).catch(() => undefined);
    if (isUnused === undefined) return;
    if (isUnused) return stopEmbedded(dir);
  }
};

/** Ends the server whoever uses it: a fast shutdown, which keeps everything that was committed. */
export const stopEmbedded = async (dir: string): Promise<void> => {
  const pid = postmasterPid(dir);
  // only a server that answers owns its pid file: after a crash the number may be some other process
  if (pid === undefined || !(await answers(dir))) return;
  process.kill(pid, 'SIGINT');
  const isUp = (): boolean => existsSync(join(dir, 'cluster', 'postmaster.pid')) && isAlive(pid);
  for (const deadline = Date.now() + startSecondsMax * 1000; isUp() && Date.now() < deadline;) await sleep(25);
  // its file goes a moment before its process, which somebody else may have to reap
  for (const deadline = Date.now() + lastMomentMs; isAlive(pid) && Date.now() < deadline;) await sleep(10);
};
