// Keeps the simulator's process running from outside: starts it, takes over from one that was left behind, starts it again when it was killed.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { descriptionFile, type Description } from './start.ts';

export type Simulator = { readonly description: Description; stop(): Promise<void> };

export type KeepOptions = {
  say(line: string): void;
  readonly isHurried?: boolean;
  /** JSON, the clusters that stand elsewhere (outside.ts). */
  readonly outsideFile?: string;
  /** Killed more often than this within a minute, it is left alone. */
  readonly restartsMax?: number;
};

const startMsMax = 30_000;
const endMsMax = 5_000;

export async function keepSimulator(folder: string, { say, restartsMax = 30, ...how }: KeepOptions): Promise<Simulator> {
  mkdirSync(dirname(folder), { recursive: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await endLeftBehind(folder);
  let stopping = false;
  let child = await launch(folder, how);
  const again = async (): Promise<void> => {
    const restarts: number[] = [];
    while (!stopping) {
      await once(child, 'exit');
      if (stopping) return;
      say('The simulator was ended; it is started again where it was.');
      for (let next: ChildProcess | null = null; next === null && !stopping;) {
        if (restarts.filter((at) => at > Date.now() - 60_000).length >= restartsMax) throw new Error(`it ends again and again; its log is ${logOf(folder)}`);
        restarts.push(Date.now());
        next = await launch(folder, how).catch(() => null);
        if (next) child = next;
      }
    }
    child.kill('SIGTERM');
  };
  void again().catch((error: unknown) => say(`The simulator is not started again: ${error instanceof Error ? error.message : String(error)}.`));
  return {
    description: readDescription(folder),
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await Promise.race([gone, pause(endMsMax, undefined, { ref: false }).then(() => child.kill('SIGKILL'))]);
    },
  };
}

const logOf = (folder: string): string => join(folder, 'simulator.log');

/** Resolves when it says that it is ready. A group of its own: Ctrl-C is for whoever keeps it, which ends it last. */
async function launch(folder: string, { isHurried = false, outsideFile }: Pick<KeepOptions, 'isHurried' | 'outsideFile'>): Promise<ChildProcess> {
  const log = openSync(logOf(folder), 'a', 0o600);
  const program = join(import.meta.dirname, `main${import.meta.filename.endsWith('.ts') ? '.ts' : '.js'}`);
  const options = [...(isHurried ? ['--hurried'] : []), ...(outsideFile === undefined ? [] : ['--outside', outsideFile])];
  const child = spawn(process.execPath, ['--enable-source-maps', program, folder, ...options], {
    detached: true,
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', (code, signal) =>
      reject(new Error(`The simulator did not start (${signal ?? code}): ${readFileSync(logOf(folder), 'utf8').slice(-800)}`)),
    );
    child.once('error', reject);
  });
  const late = pause(startMsMax, undefined, { ref: false }).then(() => Promise.reject(new Error(`The simulator did not start within ${startMsMax / 1000} s.`)));
  await Promise.race([ready, late]);
  return child;
}

const readDescription = (folder: string): Description => JSON.parse(readFileSync(join(folder, descriptionFile), 'utf8')) as Description; // start.ts writes it

/** Whether a simulator of this folder runs whose keeper lives. */
export async function isKept(folder: string): Promise<boolean> {
  if (!existsSync(join(folder, descriptionFile))) return false;
  const answer = await ask(readDescription(folder).control);
  return typeof answer === 'object' && answer !== null && 'isKept' in answer && answer.isKept === true;
}

/** null: nobody answers there, or somebody else. */
const ask = ({ url, token }: Description['control']): Promise<unknown> =>
  fetch(url, { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(2000) }).then(
    (response) => (response.ok ? response.json() : null),
    () => null,
  );

/** One whose keeper was killed: known by the token that only it answers to. */
async function endLeftBehind(folder: string): Promise<void> {
  if (!existsSync(join(folder, descriptionFile))) return;
  const { pid, control } = readDescription(folder);
  if ((await ask(control)) === null) return;
  process.kill(pid, 'SIGTERM');
  for (const end = Date.now() + endMsMax; isAlive(pid) && Date.now() < end;) await pause(20);
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
