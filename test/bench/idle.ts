// Memory and CPU of the broker, as a process of its own, that has the three clusters of the laboratory added and watches them, and does nothing else.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { setup } from '../database.ts';
import { installProduct } from '../journeys/product.ts';
import { handOut, hasLab, labWorld, memberNames } from '../journeys/world.ts';

const seconds = Number(process.argv[2] ?? 60);
// A broker that idles should go unnoticed beside the cluster it serves.
const barMiB = 150;
const cpuBarPercent = 2;
const settleMs = 10_000;
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** proc_pid_stat(5): fields 14 and 15, behind the name in brackets. */
const cpuSecondsOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
};
const rssMiBOf = (pid: number): number => Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);

if (!hasLab()) process.exit(2);
const stop = await setup();
const world = await labWorld();
const product = await installProduct({ allowedAddresses: world.allowedAddresses, probe: { image: 'docker.io/library/busybox:lab' } });
const file = handOut(world, product.folder);
const broker = product.launch();
const hanse = async (...words: readonly string[]): Promise<void> => {
  const { exit, err } = await product.hanse(...words);
  if (exit !== 0) throw new Error(`hanse ${words.join(' ')}: ${err}`);
};
const pictures = async (): Promise<number> => (await product.test.store.db.selectFrom('snapshot').select('cluster').distinct().execute()).length;
try {
  await product.answers();
  for (const name of memberNames) await hanse('cluster', 'add', name, '--kubeconfig', file(name), '--side', name === 'home' ? 'consumer' : 'provider', '--yes');
  for (const end = Date.now() + 60_000; (await pictures()) < memberNames.length && Date.now() < end;) await pause(200);
  await pause(settleMs);
  const pid = broker.process.pid ?? 0;
  const [before, began] = [cpuSecondsOf(pid), performance.now()];
  await pause(seconds * 1000);
  const cpuPercent = Math.round(((cpuSecondsOf(pid) - before) / ((performance.now() - began) / 1000)) * 10_000) / 100;
  const rssMiB = rssMiBOf(pid);
  const stored = await pictures();
  const sizes = { clusters: memberNames.length, seconds, cpuPercent, cpuBarPercent, pictures: stored };
  console.log(JSON.stringify({ name: 'idle', figure: rssMiB, unit: 'MiB', bar: barMiB, sizes, seed: null }));
  process.exitCode = stored === memberNames.length && rssMiB <= barMiB && cpuPercent <= cpuBarPercent ? 0 : 1;
} finally {
  for (const name of memberNames.toReversed()) await hanse('cluster', 'remove', name, '--yes').catch((error: unknown) => console.error(error));
  await broker.kill();
  await product.close();
  await world.close();
  await stop();
}
