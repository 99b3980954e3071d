// Set-up and start as a stranger meets them: programs that are really run, and what they say when they cannot.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { built } from './built.ts';

const root = join(import.meta.dirname, '..');
const isRoot = process.getuid?.() === 0;
const onlyAsRoot = isRoot ? '' : ' (skipped: needs root, to run as somebody else)';
const somebody = { uid: 65534, gid: 65534 };
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hanse-setup-'));
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Ended = { readonly status: number | null; readonly said: string };

const lines = ({ said }: Ended): readonly string[] => said.trim().split('\n');

/** A clone as far as set-up looks at it. */
const clone = (): string => {
  const at = join(folder, 'clone');
  mkdirSync(at);
  for (const file of ['setup.cjs', 'package.json', 'package-lock.json']) copyFileSync(join(root, file), join(at, file));
  return at;
};

const setUp = (at: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, account: { uid?: number; gid?: number } = {}): Ended => {
  const own = { PATH: process.env['PATH'], HOME: folder, npm_config_cache: join(folder, 'cache'), npm_config_update_notifier: 'false', ...env };
  const ended = spawnSync(process.execPath, [join(at, 'setup.cjs'), ...args], { cwd: at, env: own, encoding: 'utf8', timeout: 110_000, ...account });
  return { status: ended.status, said: ended.stdout + ended.stderr };
};

describe('set-up', () => {
  it('can be read by a Node of 2011', () => {
    const parsed = spawnSync(process.execPath, [join(root, 'node_modules/acorn/bin/acorn'), '--ecma5', '--silent', join(root, 'setup.cjs')], {
      encoding: 'utf8',
    });
    expect([parsed.status, parsed.stderr]).toEqual([0, '']);
  });

  it('says in one sentence that Node is too old', () => {
    const pretend = `Object.defineProperty(process, 'versions', { value: { node: '16.20.2' } }); process.argv.splice(1, 0, 'x'); require('./setup.cjs')`;
    const ended = spawnSync(process.execPath, ['-e', pretend, 'start'], { cwd: root, encoding: 'utf8' });
    expect([ended.status, ended.stderr]).toEqual([1, 'Hanse needs Node 20.19 or later; this is 16.20.2.\n']);
  });

  it('says what it can do when it is asked for something else', () => {
    const ended = setUp(root, ['fly']);
    expect([ended.status, lines(ended)]).toEqual([1, ['Say what to do: node setup.cjs start | test | check | build | bench.']]);
  });

  it('says in one sentence that there is no network', () => {
    const ended = setUp(clone(), ['build'], { npm_config_registry: 'http://127.0.0.1:9/' });
    expect(ended.status).toBe(1);
    expect(lines(ended).at(-1)).toMatch(/^The packages cannot be fetched: there is no way to the npm registry \(ECONNREFUSED\); .*\.$/);
  });

  it.skipIf(!isRoot)(`says in one sentence that the clone cannot be written${onlyAsRoot}`, () => {
    const ended = setUp(clone(), ['build'], {}, somebody);
    expect(ended.status).toBe(1);
    expect(lines(ended).at(-1)).toBe(`The packages cannot be installed: this account may not write in ${join(folder, 'clone')}.`);
  });

  it('installs nothing when what the lock file names is there', () => {
    const at = clone();
    symlinkSync(join(root, 'node_modules'), join(at, 'node_modules'));
    writeFileSync(join(at, 'tsconfig.build.json'), JSON.stringify({ compilerOptions: { types: [], module: 'NodeNext' }, files: ['broker.ts'] }));
    writeFileSync(join(at, 'broker.ts'), 'export const one = 1;\n');
    mkdirSync(join(at, 'ui'));
    writeFileSync(join(at, 'ui', 'index.html'), '<!doctype html><title>Page</title>');
    expect(setUp(at, ['build'], { npm_config_registry: 'http://127.0.0.1:9/' })).toEqual({ status: 0, said: 'Building.\n' });
    expect(setUp(at, ['build'])).toEqual({ status: 0, said: '' });
  });
});

const freePort = (): Promise<{ port: number; close(): Promise<void> }> =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      done({ port, close: () => new Promise((closed) => server.close(() => closed())) });
    });
  });

const environment = (port: number, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  HANSE_DATA_DIR: join(folder, 'data'),
  HANSE_CONFIG_DIR: join(folder, 'config'),
  HANSE_PORT: String(port),
  ...more,
});

/** Runs until it says that it is ready. */
const started = async (env: NodeJS.ProcessEnv): Promise<{ stop(): Promise<number | null> }> => {
  const child = spawn(process.execPath, [join(root, 'setup.cjs'), 'start'], {
    env: { PATH: process.env['PATH'], HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  let said = '';
  await new Promise<void>((done, fail) => {
    child.stderr.on('data', (text: Buffer) => {
      said += text.toString();
      if (said.includes('Hanse is ready')) done();
    });
    void ended.then(() => fail(new Error(`ended before it was ready: ${said}`)));
  });
  return {
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
};

describe('start', () => {
  beforeAll(() => built('broker/src/main.ts'), 300_000);

  it('runs until it is told to stop, and says in one sentence why a second one cannot', async () => {
    const { port, close } = await freePort();
    await close();
    const other = await freePort();
    await other.close();
    const broker = await started(environment(port));
    const samePlace = setUp(root, ['start'], environment(other.port));
    expect(samePlace.status).toBe(1);
    expect(samePlace.said).toMatch(/^A broker already runs on this data directory\./);
    const again = setUp(root, ['start'], environment(port));
    expect(again.status).toBe(1);
    expect(again.said).toMatch(/^A broker already runs on this data directory\./);
    expect(await broker.stop()).toBe(0);
  }, 120_000);

  it('says in one sentence that the port is taken, and leaves nothing running', async () => {
    const taken = await freePort();
    const ended = setUp(root, ['start'], environment(taken.port));
    await taken.close();
    expect(ended.status).toBe(1);
    expect(lines(ended)[0]).toContain(String(taken.port));
    expect(lines(ended).length).toBeLessThanOrEqual(2);
    const processes = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).stdout;
    expect(processes).not.toContain(join(folder, 'data'));
  }, 120_000);

  it.each([
    ['too long for a socket', () => ({ HANSE_DATA_DIR: join(folder, 'x'.repeat(100)) }), /too long for a Unix socket/],
    ['not a directory that can be written', () => ({ HANSE_DATA_DIR: '/dev/null/hanse' }), /cannot be written \(ENOTDIR\)/],
    ['around the keys', () => ({ HANSE_CONFIG_DIR: join(folder, 'data', 'keys') }), /is inside the data directory/],
    ['given a port that is none', () => ({ HANSE_PORT: 'eighty' }), /HANSE_PORT/],
  ])('says in one sentence that the place is %s', async (_, env, sentence) => {
    const { port, close } = await freePort();
    await close();
    const ended = setUp(root, ['start'], environment(port, env()));
    expect(ended.status).toBe(1);
    expect(ended.said).toMatch(sentence);
    expect(ended.said).not.toMatch(/^\s+at /m);
    expect(lines(ended).length).toBeLessThanOrEqual(3);
  });

  it.skipIf(!isRoot)(`says in one sentence that somebody else's data directory cannot be written${onlyAsRoot}`, () => {
    mkdirSync(join(folder, 'theirs'), { mode: 0o755 });
    const env = { HANSE_DATA_DIR: join(folder, 'theirs'), HANSE_CONFIG_DIR: join(tmpdir(), `hanse-nobody-${process.pid}`) };
    const ended = setUp(root, ['start'], environment(1, env), somebody);
    rmSync(env.HANSE_CONFIG_DIR, { recursive: true, force: true });
    expect(ended.status).toBe(1);
    expect(lines(ended)[0]).toContain(join(folder, 'theirs'));
    expect(ended.said).not.toMatch(/^\s+at /m);
  });
});
