// Requests lost while an application of 10 replicas moves to and fro in the demo, each request on a connection of its own, to the home's Service;
// beside it what a textbook roll-out from provider to provider loses in the same demo.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { demoAdmin } from '../journeys/demoAdmin.ts';
import { installDemo } from '../journeys/demoProgram.ts';
import { lossesOf, startLoad } from '../load/start.ts';

const moves = Number(process.argv[2] ?? 20);
const replicas = 10;
const requestsPerSecond = 200;
const textbookMoves = 2;
const loadSecondsMax = 1_800;
const providers = ['ebro', 'main'] as const;
const rolloutMsMax = 300_000;
/** Stale ways show only afterwards. */
const afterMs = 5_000;

const demo = await installDemo({ isHurried: false });
const hanse = async (...words: readonly string[]): Promise<string> => {
  const { exit, out, err } = await demo.hanse(...words);
  if (exit !== 0) throw new Error(`hanse ${words.join(' ')} ended with ${exit}: ${err}${out}`);
  return out;
};
const urlOf = async (service: string): Promise<string> => {
  for (const end = Date.now() + 30_000; Date.now() < end; await pause(500)) {
    const line = (await hanse('demo', 'services')).split('\n').find((each) => each.startsWith(`${service} `));
    if (line !== undefined) return line.slice(service.length + 1);
  }
  throw new Error(`the Service ${service} has no address`);
};
type Sent = { readonly requests: number; readonly lost: number; readonly losses: readonly string[] };

/** Begins when the Service answers. The answer ends it. */
async function requestsTo(service: string): Promise<() => Promise<Sent>> {
  const load = await startLoad(null, loadSecondsMax, [{ kind: 'fresh', url: await urlOf(service), perSecond: requestsPerSecond }]);
  return async () => {
    const report = await load.stop();
    const [{ sent, lost } = { sent: 0, lost: 0 }] = report.results;
    if (report.seconds >= loadSecondsMax) throw new Error(`the requests ended after ${loadSecondsMax} s, before the moves did`);
    return { requests: sent, lost, losses: lossesOf(report) };
  };
}

/** There and back, by Hanse. */
async function ours(manifests: string): Promise<Sent> {
  await hanse('deploy', 'shop', '-f', manifests, '--where', 'country=DE,ES', '--prefer', 'price', '--yes');
  const end = await requestsTo('shop/web');
  const began = performance.now();
  for (let move = 0; move < moves; move += 1) {
    const [from, to] = move % 2 === 0 ? providers : providers.toReversed();
    await hanse('migrate', 'shop', '--from', from ?? '', '--to', to ?? '', '--soak', '1', '--connection-age', '1', '--yes');
    console.error(`move ${move + 1} of ${moves} ended ${((performance.now() - began) / 1000).toFixed(2)} s after the first request`);
  }
  await pause(afterMs);
  const sent = await end();
  for (const loss of sent.losses) console.error(loss);
  return sent;
}

const rolledOut = z.object({
  metadata: z.object({ generation: z.number() }),
  status: z.object({ observedGeneration: z.number(), replicas: z.number(), updatedReplicas: z.number(), availableReplicas: z.number() }),
});

/** The same application as every handbook moves it: offloaded to both, a new affinity, maxUnavailable 0, maxSurge 2. */
async function textbook(): Promise<Sent> {
  const home = demoAdmin(demo, 'harbour');
  const namespace = 'textbook';
  const key = 'liqo.io/remote-cluster-id';
  const terms = (values: readonly string[]) => ({ nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values }] }] });
  const affinity = (cluster: string) => ({ nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms([cluster]) } });
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'web' };
  const untilRolledOut = async (): Promise<void> => {
    for (const end = Date.now() + rolloutMsMax; Date.now() < end; await pause(500)) {
      const { data } = rolledOut.safeParse(await home.get(deployment));
      const { replicas: all, updatedReplicas, availableReplicas, observedGeneration } = data?.status ?? {};
      if (observedGeneration === data?.metadata.generation && [all, updatedReplicas, availableReplicas].every((number) => number === replicas)) return;
    }
    throw new Error('the textbook roll-out did not end');
  };
  const labels = { app: 'web' };
  const spec = {
    replicas,
    selector: { matchLabels: labels },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } },
    template: { metadata: { labels }, spec: { affinity: affinity(providers[0]), containers: [{ name: 'web', image: 'docker.io/library/nginx:1.29' }] } },
  };
  for (const object of [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    {
      apiVersion: 'offloading.liqo.io/v1beta1',
      kind: 'NamespaceOffloading',
      metadata: { name: 'offloading', namespace },
      spec: { namespaceMappingStrategy: 'DefaultName', podOffloadingStrategy: 'Remote', clusterSelector: terms(providers) },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace }, spec: { selector: labels, ports: [{ port: 80, targetPort: 80 }] } },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace }, spec },
  ])
    await home.create(object);
  await untilRolledOut();
  await pause(afterMs);
  const end = await requestsTo(`${namespace}/web`);
  for (let move = 0; move < textbookMoves; move += 1) {
    await home.patch(deployment, { spec: { template: { spec: { affinity: affinity(providers[(move + 1) % 2] ?? '') } } } });
    await untilRolledOut();
    await pause(afterMs);
  }
  const sent = await end();
  await home.close();
  console.error(`a textbook roll-out, ${textbookMoves} times: ${sent.lost} lost of ${sent.requests}`);
  return sent;
}

try {
  await demo.start();
  const manifests = join(demo.folder, 'hand');
  mkdirSync(manifests, { recursive: true });
  const manifest = readFileSync(join(process.cwd(), 'examples/shop/shop.yaml'), 'utf8').replace('replicas: 5', `replicas: ${replicas}`);
  writeFileSync(join(manifests, 'shop.yaml'), manifest);
  await hanse('federate', ...providers, '--cpu', '16', '--memory', '32Gi', '--yes');
  const moved = await ours(manifests);
  const surge = await textbook();
  const sizes = { moves, replicas, requestsPerSecond, requests: moved.requests };
  const yardstick = { name: 'textbook roll-out', figure: surge.lost, moves: textbookMoves, requests: surge.requests };
  console.log(JSON.stringify({ name: 'move', figure: moved.lost, unit: 'requests', bar: 0, sizes, seed: null, yardstick }));
  process.exitCode = moved.lost === 0 ? 0 : 1;
} finally {
  await demo.close();
}
