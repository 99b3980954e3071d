// The product as a person has it: a broker process on a database and folders of its own, and the command line as programs of their own.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { built, root } from '../built.ts';
import { testStore, type TestStore } from '../database.ts';
import { type Broker, startBroker } from '../faults/crash.ts';
import { writeDemoCredentials } from '../fixtures/issueCredentials.ts';

export type Ran = { readonly exit: number; readonly out: string; readonly err: string };

/** What a person has of it. */
export type Hand = {
  /** A folder for what a person has at hand: kubeconfigs, manifests. */
  readonly folder: string;
  readonly configDir: string;
  /** Whether it adds the clusters itself when it starts. */
  readonly addsClusters: boolean;
  /** Starts it and waits until it answers. */
  start(): Promise<void>;
  hanse(...words: readonly string[]): Promise<Ran>;
  /** As `hanse … -o json`; fails with what it said when it does not end well. */
  json<T>(schema: z.ZodType<T>, ...words: readonly string[]): Promise<T>;
  close(): Promise<void>;
};

export type Product = Hand & {
  readonly test: TestStore;
  /** Where it listens. */
  readonly url: string;
  readonly log: string;
  /** Only the process; whether it answers is another matter. */
  launch(): Broker;
  answers(): Promise<void>;
  /** What the API lists at `/v1/<path>`: for what is looked at again and again, without a program for each look. */
  items<T>(schema: z.ZodType<T>, path: string): Promise<readonly T[]>;
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
};

export type ProductConfig = {
  readonly allowedAddresses: readonly string[];
  readonly probe: { readonly image: string };
  readonly leaseSeconds?: number;
  readonly heartbeatSeconds?: number;
  readonly migration?: { readonly drainSecondsMin: number; readonly drainSecondsMax: number };
  readonly exchanges?: readonly object[];
  readonly splices?: readonly object[];
  readonly sites?: readonly object[];
  readonly reactions?: object;
  /** Absent: a folder of credentials for the laboratory's providers. */
  readonly credentials?: object;
};

const commandTimeoutMs = 600_000;
const startTimeoutMs = 120_000;

export async function installProduct(config: ProductConfig): Promise<Product> {
  const [program, test, port] = await Promise.all([built('broker/src/main.ts'), testStore(), freePort()]);
  const folder = join(dirname(test.dataDir), 'hand');
  mkdirSync(folder, { recursive: true });
  const { credentials } = z
    .looseObject({ credentials: z.unknown() })
    .parse((writeDemoCredentials(join(folder, 'credentials'), Date.now()), JSON.parse(readFileSync(join(folder, 'credentials', 'credentials.yaml'), 'utf8'))));
  const file = join(folder, 'broker.yaml');
  const settings = {
    ...config,
    listen: { port },
    dataDir: test.dataDir,
    configDir: test.configDir,
    databaseUrl: test.url,
    credentials: config.credentials ?? credentials,
  };
  writeFileSync(file, JSON.stringify(settings));
  const log = process.env['HANSE_TEST_LOG'] || join(folder, 'broker.log');
  const url = `http://127.0.0.1:${port}`;
  const cli = join(root, 'bin', 'hanse.mjs');
  const env = { ...process.env, HANSE_URL: url, HANSE_CONFIG_DIR: test.configDir, NO_COLOR: '1' };
  let running: Broker | null = null;

  const launch = (): Broker => startBroker([process.execPath, program, '--config', file], {}, log);
  const answers = async (): Promise<void> => {
    for (const end = Date.now() + startTimeoutMs; Date.now() < end; await pause(20))
      if ((await fetch(`${url}/v1/health`).catch(() => null))?.ok === true) return;
    throw new Error(`The broker does not answer. Its log: ${readFileSync(log, 'utf8').slice(-2000)}`);
  };
  const hanse = (...words: readonly string[]): Promise<Ran> =>
    new Promise((resolve) => {
      const child = execFile(process.execPath, [cli, ...words], { env, timeout: commandTimeoutMs, maxBuffer: 64 << 20 }, (_error, out, err) =>
        resolve({ exit: child.exitCode ?? -1, out, err }),
      );
      child.stdin?.end();
    });
  const items: Product['items'] = async (schema, path) => {
    const authorization = `Bearer ${readFileSync(join(test.configDir, 'token'), 'utf8').trim()}`;
    const answer = await fetch(`${url}/v1/${path}`, { headers: { authorization } });
    if (!answer.ok) throw new Error(`/v1/${path} answered ${answer.status}: ${await answer.text()}`);
    return z.object({ items: z.array(schema) }).parse(await answer.json()).items;
  };
  const ended = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    const broker = running;
    running = null;
    if (!broker || broker.process.exitCode !== null || broker.process.signalCode !== null) return;
    const gone = once(broker.process, 'exit');
    broker.process.kill(signal);
    await gone;
  };
  const stop = (): Promise<void> => ended('SIGTERM');
  return {
    test,
    url,
    log,
    folder,
    configDir: test.configDir,
    addsClusters: false,
    launch,
    answers,
    hanse,
    items,
    stop,
    kill: () => ended('SIGKILL'),
    async start() {
      running = launch();
      await answers();
    },
    json: jsonBy(hanse),
    async close() {
      await stop();
      await test.close();
    },
  };
}

export const jsonBy =
  (hanse: Hand['hanse']): Hand['json'] =>
  async (schema, ...words) => {
    const { exit, out, err } = await hanse(...words, '-o', 'json');
    if (exit !== 0) throw new Error(`hanse ${words.join(' ')} ended with ${exit}: ${err}${out}`);
    const parsed = schema.safeParse(JSON.parse(out));
    if (!parsed.success) throw new Error(`hanse ${words.join(' ')} answered ${out.slice(0, 2000)}`, { cause: parsed.error });
    return parsed.data;
  };

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
