// How long until a virtual node is Ready, and until the peering is gone, against liqoctl on the same clusters in the same run. Needs the laboratory (lab/) and liqoctl in ~/.cache/hanse-lab/bin.
import { setTimeout as pause } from 'node:timers/promises';
import { labSystem } from '../contracts/liqo.lab.ts';
import { hasLiqoctl, liqoctl } from '../contracts/liqoctl.ts';
import { difference, everything, federate, leave, openWorld, type World } from '../contracts/liqo.world.ts';

const rounds = Number(process.argv[2] ?? 3);
const [homeName, providerName] = [process.argv[3] ?? 'home', process.argv[4] ?? 'pb'];
const bar = 0.4;
const theirs = liqoctl(homeName, providerName);

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const isReady = (status: unknown): boolean => {
  if (typeof status !== 'object' || status === null || !('conditions' in status) || !Array.isArray(status.conditions)) return false;
  return status.conditions.some(
    (one: unknown) => typeof one === 'object' && one !== null && 'type' in one && 'status' in one && one.type === 'Ready' && one.status === 'True',
  );
};

const nodeReady = (world: World): Promise<unknown> =>
  world.home.until({ apiVersion: 'v1', kind: 'Node', name: world.providerCluster.liqoClusterId ?? '' }, (node) => isReady(node?.['status']), {
    what: 'the virtual node to be Ready',
    timeoutSeconds: 90,
  });

type Times = { readonly peer: number; readonly unpeer: number };

/** Kubernetes looks again, five seconds later, at every namespace that changed. A peering lives longer than that, so both are left standing for it: else the look of the beginning would fall into the end. */
const stand = (): Promise<void> => pause(6_000);

const oursOnce = async (world: World): Promise<Times> => {
  const peer = await timed(() => federate(world));
  await stand();
  return { peer, unpeer: await timed(() => leave(world)) };
};

/** liqoctl does not wait for the node; whichever is later counts. */
const theirsOnce = async (world: World): Promise<Times> => {
  const peer = await timed(() => Promise.all([theirs('peer', '--networking-disabled'), nodeReady(world)]));
  await stand();
  return { peer, unpeer: await timed(() => theirs('unpeer', '--delete-namespaces')) };
};

const measure = async (world: World): Promise<void> => {
  // what a run before may have left is not counted against anyone
  await oursOnce(world);
  const ours: Times[] = [];
  const others: Times[] = [];
  const left: string[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    // liqoctl leaves certificate requests behind: ours are counted from here
    const before = [await everything(world.home), await everything(world.provider)] as const;
    ours.push(await oursOnce(world));
    left.push(...difference(before[0], await everything(world.home)).added, ...difference(before[1], await everything(world.provider)).added);
    others.push(await theirsOnce(world));
    // and ForeignClusters
    await leave(world);
    console.log(
      `round ${round}: ${JSON.stringify({ ours: ours.at(-1), theirs: others.at(-1) }, (_, value: unknown) => (typeof value === 'number' ? Math.round(value) : value))}`,
    );
  }
  const times = (of: keyof Times) => ({ hanseMs: Math.round(median(ours.map((one) => one[of]))), liqoctlMs: Math.round(median(others.map((one) => one[of]))) });
  const [peer, unpeer] = [times('peer'), times('unpeer')];
  const ratios = { peer: peer.hanseMs / peer.liqoctlMs, unpeer: unpeer.hanseMs / unpeer.liqoctlMs };
  const figure = Number(Math.max(ratios.peer, ratios.unpeer).toFixed(3));
  for (const one of left) console.error(`left behind: ${one}`);
  console.log(
    JSON.stringify({
      name: 'peer',
      figure,
      unit: 'ratio',
      bar,
      sizes: { rounds, peer, unpeer, ratios: { peer: Number(ratios.peer.toFixed(3)), unpeer: Number(ratios.unpeer.toFixed(3)) } },
      seed: 0,
      yardstick: 'liqoctl 1.2.0',
    }),
  );
  if (left.length > 0) process.exitCode = 1;
};

const system = labSystem(homeName, providerName);
if (system === null || !hasLiqoctl()) {
  console.error('peer: the laboratory (HANSE_LAB) and its liqoctl (HANSE_LAB_BIN) are needed');
  process.exitCode = 2;
} else {
  const world = await openWorld(system);
  try {
    await measure(world);
  } finally {
    await world.close();
  }
}
