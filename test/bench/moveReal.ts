// Requests lost while six real pods move between two providers twenty times, beside what a textbook surge roll-out loses in the same run.
// Needs the laboratory (HANSE_LAB, HANSE_LAB_NAMES=home,pa,pb), both providers peered. MOVES=2 for a short run.
import { setup } from '../database.ts';
import { type LoadReport, startLoad } from '../load/start.ts';
import { hasLab } from '../journeys/labWorld.ts';
import { addressOf, careless, clear, image, type MigrateLab, openMigrateLab, podsAt, replicas } from '../journeys/migrateLab.ts';

const moves = Number(process.env['MOVES'] ?? 20);
const perSecond = 100;
const name = 'mig-bench';
const textbook = 'mig-textbook';
const say = (text: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);

const load = async (lab: MigrateLab, namespace: string) => {
  const ip = addressOf(await lab.kube(lab.home).get({ apiVersion: 'v1', kind: 'Service', namespace, name: 'web' }));
  return startLoad(lab.home, 1800, [
    { kind: 'fresh', url: `http://${ip}/`, perSecond },
    { kind: 'keptAlive', url: `http://${ip}:81/`, perSecond: 2, count: 8, ageMaxSeconds: 10 },
    { kind: 'neverClosing', url: `http://${ip}:81/`, perSecond: 2, count: 8 },
  ]);
};
const lostBy = ({ results }: LoadReport, kind: string): number => results.filter((result) => result.kind === kind).reduce((sum, { lost }) => sum + lost, 0);
const sentBy = ({ results }: LoadReport, kind: string): number => results.filter((result) => result.kind === kind).reduce((sum, { sent }) => sum + sent, 0);

async function deployed(lab: MigrateLab, application: string): Promise<string> {
  await clear(lab, application);
  const ended = await lab.carryOut(await lab.plan.deploy({ name: application, manifests: [{ file: 'web.yaml', text: careless() }] }));
  if (ended.state !== 'done') throw new Error(`not deployed: ${JSON.stringify(ended)}`);
  const at = (await lab.applications.find('default', application)).clusters[0];
  if (at === undefined) throw new Error('deployed nowhere');
  return at;
}

/** Twenty moves of ours under one load; a report of each so that a failure can be told. */
async function ours(lab: MigrateLab): Promise<{ fresh: number; kept: number; mostOfOneConnection: number; sent: number; seconds: number[] }> {
  let at = await deployed(lab, name);
  const total = { fresh: 0, kept: 0, mostOfOneConnection: 0, sent: 0, seconds: [] as number[] };
  for (let move = 1; move <= moves; move++) {
    const to = lab.providers.find((provider) => provider !== at) ?? '';
    const running = await load(lab, name);
    const began = performance.now();
    const ended = await lab.carryOut(await lab.plan.migrate({ application: name, from: at, to, soakSeconds: 2 }));
    const seconds = Math.round((performance.now() - began) / 1000);
    const report = await running.stop();
    const never = Math.max(
      0,
      ...report.results.flatMap(({ kind, failuresByConnection }) => (kind === 'neverClosing' ? Object.values(failuresByConnection) : [])),
    );
    say(
      `move ${move} of ${moves}, ${at} → ${to}: ${ended.state} in ${seconds} s; lost ${lostBy(report, 'fresh')} of ${sentBy(report, 'fresh')} fresh, ${lostBy(report, 'keptAlive')} of ${sentBy(report, 'keptAlive')} kept; at most ${never} on one endless connection`,
    );
    for (const { kind, failures } of report.results)
      if (kind !== 'neverClosing' && failures.length > 0) say(`  ${kind}: ${JSON.stringify(failures.slice(0, 10))}`);
    if (ended.state !== 'done') throw new Error(`move ${move} ended as ${ended.state}: ${JSON.stringify(ended.detail)}`);
    if ((await podsAt(lab, name, to)).length !== replicas) throw new Error(`after move ${move} not every replica is at ${to}`);
    total.fresh += lostBy(report, 'fresh');
    total.kept += lostBy(report, 'keptAlive');
    total.mostOfOneConnection = Math.max(total.mostOfOneConnection, never);
    total.sent += sentBy(report, 'fresh');
    total.seconds.push(seconds);
    at = to;
  }
  await clear(lab, name);
  return total;
}

/** The same application, moved as every handbook says: new affinity, maxUnavailable 0, maxSurge 2. There and back. */
async function yardstick(lab: MigrateLab): Promise<{ lost: number; sent: number; moves: number }> {
  const at = await deployed(lab, textbook);
  const kube = lab.kube(lab.home);
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: textbook, name: 'web' };
  const offloading = { apiVersion: 'offloading.liqo.io/v1beta1', kind: 'NamespaceOffloading', namespace: textbook, name: 'offloading' };
  const terms = (values: readonly string[]) => [{ matchExpressions: [{ key: 'liqo.io/remote-cluster-id', operator: 'In', values }] }];
  await kube.patch(offloading, { spec: { clusterSelector: { nodeSelectorTerms: terms(lab.providers) } } });
  const running = await load(lab, textbook);
  const other = lab.providers.find((provider) => provider !== at) ?? '';
  for (const to of [other, at]) {
    await kube.jsonPatch(ref, [
      { op: 'replace', path: '/spec/template/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms', value: terms([to]) },
    ]);
    for (let here = 0; here < replicas || (await podsAt(lab, textbook, to === at ? other : at)).length > 0; here = (await podsAt(lab, textbook, to)).length)
      await new Promise((resolve) => setTimeout(resolve, 500));
    // stale ways show only afterwards
    await new Promise((resolve) => setTimeout(resolve, 10_000));
  }
  const report = await running.stop();
  await clear(lab, textbook);
  say(
    `a textbook surge, there and back: lost ${lostBy(report, 'fresh')} of ${sentBy(report, 'fresh')} fresh, ${lostBy(report, 'keptAlive')} of ${sentBy(report, 'keptAlive')} kept`,
  );
  return { lost: lostBy(report, 'fresh') + lostBy(report, 'keptAlive'), sent: sentBy(report, 'fresh'), moves: 2 };
}

if (!hasLab()) process.exit(2);
const stop = await setup();
const lab = await openMigrateLab();
try {
  const moved = await ours(lab);
  const surge = await yardstick(lab);
  const figure = moved.fresh + moved.kept;
  const holds = figure === 0 && moved.mostOfOneConnection <= 1;
  const sizes = {
    moves,
    replicas,
    perSecond,
    requests: moved.sent,
    perSecondReached: Math.round(moved.sent / moved.seconds.reduce((sum, seconds) => sum + seconds, 0)),
    image,
    moveSecondsMedian: moved.seconds.toSorted((one, other) => one - other)[moved.seconds.length >> 1] ?? 0,
    failuresOfOneEndlessConnectionMax: moved.mostOfOneConnection,
  };
  process.stdout.write(
    `${JSON.stringify({ name: 'move-real', figure, unit: 'requests', bar: 0, sizes, seed: null, yardstick: { name: 'textbook surge', ...surge } })}\n`,
  );
  if (!holds) process.exitCode = 1;
} finally {
  await lab.close();
  await stop();
}
