// Memory and CPU of a process that watches three clusters of the laboratory, stores their pictures and does nothing else.
import { setTimeout as sleep } from 'node:timers/promises';
import { clusterName, ownerId } from '../../broker/src/ids.ts';
import { connectKube } from '../../broker/src/clusters/io/index.ts';
import { watchCluster } from '../../broker/src/clusters/io/watchCluster.ts';
import { labKubeconfig, labOptions } from '../contracts/kubernetes.lab.ts';
import { testStore } from '../database.ts';

const seconds = Number(process.argv[2] ?? 30);
const names = (process.argv[3] ?? 'home,pa,pb').split(',');
// A broker that idles should go unnoticed beside the cluster it serves.
const barMiB = 150;
const cpuBarPercent = 2;
const settleMs = 3_000;

const configs = names.map((name) => ({ name, text: labKubeconfig(name) }));
if (configs.some(({ text }) => text === null)) process.exit(0);

const test = await testStore();
const stop = new AbortController();
const owner = ownerId('default');
const watched = configs.map(({ name, text }) => {
  const kube = connectKube({ cluster: name, ...labOptions(text ?? '') });
  const ended = watchCluster({
    store: test.store,
    kube,
    signal: stop.signal,
    onError: (error) => console.error(error),
    cluster: {
      name: clusterName(name),
      owner,
      side: 'consumer',
      server: kube.server,
      uid: name,
      liqoClusterId: name,
      liqoVersion: null,
      accountNamespace: 'hanse-system',
      kubernetesVersion: 'v1.35.4',
      podCidrs: [],
      serviceCidrs: [],
      liqoNetworking: false,
      platform: { distribution: 'kubernetes', manager: 'none', platform: 'unknown', evidence: [] },
      state: 'ready',
    },
  });
  return { kube, ended };
});
await sleep(settleMs);
const before = process.cpuUsage();
const began = performance.now();
await sleep(seconds * 1000);
const { user, system } = process.cpuUsage(before);
const cpuPercent = Math.round(((user + system) / 1000 / (performance.now() - began)) * 10_000) / 100;
const rssMiB = Math.round(process.memoryUsage().rss / 2 ** 20);
const stored = await test.store.db.selectFrom('snapshot').select('cluster').distinct().execute();
stop.abort(new Error('measured'));
await Promise.all(watched.map(({ ended }) => ended));
await Promise.all(watched.map(({ kube }) => kube.close()));
await test.close();

const holds = stored.length === names.length && rssMiB <= barMiB && cpuPercent <= cpuBarPercent;
console.log(
  JSON.stringify({
    name: 'idle',
    figure: rssMiB,
    unit: 'MiB',
    bar: barMiB,
    sizes: { clusters: names.length, seconds, cpuPercent, cpuBarPercent, pictures: stored.length },
    seed: 0,
  }),
);
process.exit(holds ? 0 : 1);
