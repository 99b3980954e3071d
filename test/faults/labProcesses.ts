// Processes of the laboratory's clusters, killed and started again as they were: the same command line, environment and network namespace.
import { spawn } from 'node:child_process';
import { appendFileSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { labFolder, labProcess, type MemberName } from '../journeys/world.ts';

const partsOf = (file: string): string[] =>
  readFileSync(file, 'utf8')
    .split('\0')
    .filter((part) => part !== '');

/** kill -9; what this returns starts it again. */
export function killLabProcess(name: MemberName, program: string): { readonly pid: number; startAgain(): void } {
  const pid = labProcess(name, program);
  const [path = '', ...args] = partsOf(`/proc/${pid}/cmdline`);
  const env = Object.fromEntries(partsOf(`/proc/${pid}/environ`).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  process.kill(pid, 'SIGKILL');
  return {
    pid,
    startAgain() {
      const log = openSync(join(labFolder, name, 'log', `${program}.log`), 'a');
      const child = spawn('nsenter', [`--net=/var/run/netns/hanse-${name}`, path, ...args], { env, detached: true, stdio: ['ignore', log, log] });
      child.unref();
      appendFileSync(join(labFolder, 'pids'), `\n${child.pid}`); // the laboratory ends what stands there
    },
  };
}

/** Gone for so long, then back. */
export async function outage(name: MemberName, programs: readonly string[], seconds: number): Promise<void> {
  const killed = programs.map((program) => killLabProcess(name, program));
  await pause(seconds * 1000);
  for (const one of killed) one.startAgain();
}
