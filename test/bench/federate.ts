// The home cluster of the demo federated with two providers while nothing simulated is slow: from the command to its end, when the virtual nodes are ready; left again for the next round.
import { setTimeout as pause } from 'node:timers/promises';
import type { KubeObject } from '../../broker/src/clusters/io/index.ts';
import { demoAdmin } from '../journeys/demoAdmin.ts';
import { installDemo } from '../journeys/demoProgram.ts';

const rounds = Number(process.argv[2] ?? 3);
const barSeconds = 5;
const providers = ['main', 'ebro'];
const settleMs = 5_000;

const isReady = (node: KubeObject): boolean => {
  const status = node['status'];
  const conditions = typeof status === 'object' && status !== null && 'conditions' in status ? status.conditions : [];
  return Array.isArray(conditions) && conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True');
};

const demo = await installDemo();
const hanse = async (...words: readonly string[]): Promise<void> => {
  const { exit, out, err } = await demo.hanse(...words);
  if (exit !== 0) throw new Error(`hanse ${words.join(' ')} ended with ${exit}: ${err}${out}`);
};
const seconds: number[] = [];
const faults: string[] = [];
try {
  await demo.start();
  await pause(settleMs); // what adding the members set off
  const home = demoAdmin(demo, 'harbour');
  const virtualNodes = () => home.list({ apiVersion: 'v1', kind: 'Node', labelSelector: 'liqo.io/type=virtual-node' });
  for (let round = 1; round <= rounds; round += 1) {
    const began = performance.now();
    await hanse('federate', ...providers, '--yes');
    seconds.push((performance.now() - began) / 1000);
    const ready = (await virtualNodes()).filter(isReady).length;
    if (ready !== providers.length) faults.push(`round ${round}: ${ready} of ${providers.length} virtual nodes are ready`);
    for (const provider of providers) await hanse('leave', provider, '--yes');
    const left = (await virtualNodes()).length;
    if (left > 0) faults.push(`round ${round}: ${left} virtual nodes are left after leaving`);
  }
  await home.close();
} finally {
  await demo.close();
}
const all = seconds.toSorted((one, other) => one - other).map((each) => Math.round(each * 100) / 100);
const figure = all[Math.floor(all.length / 2)] ?? Number.NaN;
for (const fault of faults) console.error(`federate: ${fault}`);
console.log(JSON.stringify({ name: 'federate', figure, unit: 's', bar: barSeconds, sizes: { rounds, providers: providers.length, all }, seed: null }));
process.exitCode = faults.length === 0 && figure <= barSeconds ? 0 : 1;
