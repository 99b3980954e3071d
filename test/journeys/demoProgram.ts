// The demo as a person has it: one program in folders of its own, which starts the simulator beside itself, and the command line.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { built, root } from '../built.ts';
import { freePort, type Hand, jsonBy } from './product.ts';
import { handOut, type JourneyWorld } from './world.ts';

const description = z.looseObject({
  pid: z.number(),
  members: z.array(z.looseObject({ name: z.string(), server: z.string(), kubeconfig: z.string() })),
});

export type DemoProgram = Hand & {
  readonly url: string;
  /** Of the program and of the command line. */
  readonly env: NodeJS.ProcessEnv;
  /** What it said so far. */
  said(): string;
  /** As Ctrl-C; resolves when it has ended. */
  interrupt(): Promise<number | null>;
  /** kill -9 of the program itself, the broker with it. */
  kill(): Promise<void>;
  simulator(): z.infer<typeof description>;
};

const commandMsMax = 600_000;
const startMsMax = 180_000;

/** Without a `databaseUrl` it has an embedded server of its own, as a person has. */
export type DemoOptions = { readonly isHurried?: boolean; readonly databaseUrl?: string; readonly options?: readonly string[] };

export async function installDemo({ isHurried = true, databaseUrl = '', options = [] }: DemoOptions = {}): Promise<DemoProgram> {
  const [program, port] = await Promise.all([built('demo.ts'), freePort()]);
  const folder = mkdtempSync(join(tmpdir(), 'hanse-demo-'));
  chmodSync(folder, 0o711); // the account of the database has to pass
  const env = {
    ...process.env,
    HANSE_DATA_DIR: join(folder, 'data'),
    HANSE_CONFIG_DIR: join(folder, 'config'),
    HANSE_PORT: String(port),
    HANSE_URL: `http://127.0.0.1:${port}`,
    HANSE_DATABASE_URL: databaseUrl,
    NO_COLOR: '1',
  };
  let child: ChildProcess | null = null;
  let said = '';
  const ended = async (signal: 'SIGINT' | 'SIGKILL'): Promise<number | null> => {
    const running = child;
    child = null;
    if (!running || running.exitCode !== null || running.signalCode !== null) return running?.exitCode ?? null;
    const gone = once(running, 'exit');
    running.kill(signal);
    await gone;
    return running.exitCode;
  };
  const simulator = () => description.parse(JSON.parse(readFileSync(join(folder, 'data-demo', 'simulator.json'), 'utf8')));
  const hanse: Hand['hanse'] = (...words) =>
    new Promise((resolve) => {
      const cli = join(root, 'bin', 'hanse.mjs');
      const ran = execFile(process.execPath, [cli, ...words], { env, timeout: commandMsMax, maxBuffer: 64 << 20 }, (_error, out, err) =>
        resolve({ exit: ran.exitCode ?? -1, out, err }),
      );
      ran.stdin?.end();
    });
  return {
    folder,
    configDir: env.HANSE_CONFIG_DIR,
    addsClusters: true,
    url: env.HANSE_URL,
    env,
    said: () => said,
    async start() {
      said = '';
      const started = spawn(process.execPath, ['--enable-source-maps', program, ...(isHurried ? ['--hurried'] : []), ...options], {
        env,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      started.stderr.on('data', (text: Buffer) => (said += text.toString('utf8')));
      child = started;
      for (const end = Date.now() + startMsMax; !said.includes('All members'); await pause(20))
        if (started.exitCode !== null || Date.now() > end) throw new Error(`The demo did not start: ${said}`);
    },
    interrupt: () => ended('SIGINT'),
    kill: async () => void (await ended('SIGKILL')),
    simulator,
    hanse,
    json: jsonBy(hanse),
    async close() {
      await ended('SIGINT');
      if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** With clusters that stand elsewhere, by their kubeconfigs. */
export async function installDemoClusters(world: JourneyWorld, more: DemoOptions & { readonly probeImage: string }): Promise<DemoProgram> {
  const dir = mkdtempSync(join(tmpdir(), 'hanse-clusters-'));
  handOut(world, dir);
  const demo = await installDemo({ ...more, options: ['--clusters', dir, '--probe-image', more.probeImage] });
  return {
    ...demo,
    async close() {
      await demo.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
