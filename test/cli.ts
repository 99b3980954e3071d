// The command line against a real broker (store, engine, API over HTTP) whose only verb fills a table.
import { createServer, connect } from 'node:net';
import type { Socket } from 'node:net';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { z } from 'zod';
import { createEngine, createOperations } from '../broker/src/operations/io/index.ts';
import type { Engine, Performer, Verb } from '../broker/src/operations/io/index.ts';
import { HanseError } from '../broker/src/errors.ts';
import { brokerId } from '../broker/src/ids.ts';
import type { Store } from '../broker/src/store/io/store.ts';
import { cli } from '../cli/src/cli.ts';
import type { Terminal } from '../cli/src/terminal.ts';
import { aPlan, aStep, testApi, testToken } from './api.ts';
import type { TestApi } from './api.ts';

/** Opened by the test; a step named `gated` waits for it. */
export type Gate = { open(): void; readonly isOpen: Promise<void> };
const makeGate = (): Gate => {
  let open = (): void => {};
  const isOpen = new Promise<void>((resolve) => (open = resolve));
  return { open, isOpen };
};

/** Boxes are filled by two steps; what the second does is told by the box's name. Stands where `hanse delete` expects its verb. */
const fillBox = (store: Store, gate: Gate): Verb<{ name: string }> => {
  const write: Performer = {
    async perform({ operation, index, step, signal, progress, answer }) {
      progress(`writing row ${index}`, 0.5);
      if (step.kind === 'toy-fail') throw new HanseError('CLUSTER_REJECTED', 'The box is too small.', { fix: 'Take a larger box.' });
      if (step.kind === 'toy-ask' && answer === undefined)
        return {
          kind: 'ask',
          question: {
            text: 'Which colour?',
            options: [
              { key: 'red', title: 'Red' },
              { key: 'blue', title: 'Blue' },
            ],
          },
        };
      if (step.kind === 'toy-gated')
        await Promise.race([gate.isOpen, new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))]);
      await sql`insert into toy (operation, step) values (${operation}, ${index}) on conflict do nothing`.execute(store.db);
      return { kind: 'done' };
    },
    async undo({ operation, index }) {
      await sql`delete from toy where operation = ${operation} and step = ${index}`.execute(store.db);
      return { kind: 'done' };
    },
  };
  return {
    name: 'delete',
    summary: 'Fill a box',
    request: z.strictObject({ name: z.string().min(1).max(20) }),
    plan: async ({ name }) => {
      if (name === 'full') return { kind: 'nothing', reason: 'the box is full already.' };
      if (name === 'locked') return { kind: 'refused', reasons: [{ message: 'The box is locked.', fix: 'Unlock it.' }] };
      const second = aStep({ kind: `toy-${name}`, title: `Write the second row (${name})`, destructive: true });
      return {
        kind: 'plan',
        plan: aPlan({
          kind: 'delete',
          subject: name,
          title: `Fill the box ${name}`,
          steps: [aStep({ kind: 'toy-write' }), second],
          notes: [{ topic: 'colour', text: 'any' }],
        }),
      };
    },
    performers: { 'toy-write': write, 'toy-box': write, 'toy-fail': write, 'toy-ask': write, 'toy-gated': write },
  };
};

export type TestBroker = {
  readonly store: Store;
  readonly gate: Gate;
  api(): TestApi;
  /** `hosts`: other names that it answers to. */
  start(port?: number, hosts?: readonly string[]): Promise<void>;
  stop(): Promise<void>;
  rows(): Promise<number>;
};

export const testBroker = async (store: Store): Promise<TestBroker> => {
  await sql`create table if not exists toy (operation text, step int, primary key (operation, step))`.execute(store.db);
  const gate = makeGate();
  let running: { engine: Engine; api: TestApi } | null = null;
  const here = (): { engine: Engine; api: TestApi } => {
    if (!running) throw new Error('the test broker does not run');
    return running;
  };
  return {
    store,
    gate,
    api: () => here().api,
    async start(port = 0, hosts = []) {
      const verb = fillBox(store, gate);
      const engine = createEngine({ store, verbs: [verb], brokerId: brokerId('broker-test'), leaseSeconds: 10 });
      engine.start();
      const api = await testApi(store, { verbs: { delete: verb as Verb }, operations: createOperations(store), onEvents: engine.onEvents }, { port, hosts });
      running = { engine, api };
    },
    async stop() {
      const { engine, api } = here();
      running = null;
      await api.close();
      await engine.stop();
    },
    async rows() {
      const { rows } = await sql<{ count: number }>`select count(*)::int as count from toy`.execute(store.db);
      return rows[0]?.count ?? 0;
    },
  };
};

export type Ran = { readonly exit: number; readonly out: string; readonly err: string };
export type RunOptions = {
  readonly url: string;
  readonly env?: Record<string, string | undefined>;
  /** What the person types; absent: nobody is there. */
  readonly answers?: readonly string[];
  readonly stdin?: string;
  /** Called with everything on standard error each time that something is added. */
  onErr?(err: string, terminal: { interrupt(): void }): void;
};

export const hanse = async (words: readonly string[], options: RunOptions): Promise<Ran> => {
  let out = '';
  let err = '';
  const interrupts = new Set<() => void>();
  const answers = [...(options.answers ?? [])];
  const terminal: Terminal = {
    env: { HANSE_URL: options.url, HANSE_TOKEN: testToken, ...options.env },
    out: (text) => void (out += text),
    err: (text) => {
      err += text;
      options.onErr?.(err, { interrupt: () => interrupts.forEach((act) => act()) });
    },
    isInteractive: options.answers !== undefined,
    isOutTty: false,
    columns: 120,
    home: '/nowhere',
    ask: async (question) => {
      err += question;
      return answers.shift() ?? '';
    },
    readStdin: async () => options.stdin ?? '',
    onInterrupt: (act) => {
      interrupts.add(act);
      return () => void interrupts.delete(act);
    },
  };
  const exit = await cli(words, { terminal, version: '0.0.0-test', serve: async () => 'done' });
  return { exit, out, err };
};

/** Stands between the command line and the API and can be cut. */
export const cuttable = async (target: string) => {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const other = connect(Number(port), hostname);
    for (const each of [socket, other]) {
      sockets.add(each);
      each.on('error', () => {}).on('close', () => sockets.delete(each));
    }
    socket.pipe(other).pipe(socket);
  });
  const listen = (at: number): Promise<number> => new Promise((resolve) => server.listen(at, '127.0.0.1', () => resolve(addressPort(server.address()))));
  const at = await listen(0);
  const cut = (): Promise<void> => {
    sockets.forEach((socket) => socket.destroy());
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${at}`, port: at, cut, mend: () => listen(at) };
};

const addressPort = (address: ReturnType<ReturnType<typeof createServer>['address']>): number => (typeof address === 'object' && address ? address.port : 0);

export const aFile = (text: string, name = 'file.yaml'): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'hanse-cli-')), name);
  writeFileSync(file, text);
  return file;
};
