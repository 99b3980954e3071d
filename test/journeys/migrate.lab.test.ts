// Moving on real clusters, under real requests: nothing is lost, and what cannot be moved safely is not begun.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { by } from './peered.ts';
import { type LoadClient, lossesOf, startLoad } from '../load/start.ts';
import { hasLab } from './labWorld.ts';
import { addressOf, careless, clear, type MigrateLab, openMigrateLab, planOf, podsAt, replicas } from './migrateLab.ts';

const name = 'mig-web';
const files = (text: string) => [{ file: 'web.yaml', text }];

describe.skipIf(!hasLab())('moving an application on real clusters', () => {
  let lab: MigrateLab;
  let pa: string;
  let pb: string;

  beforeAll(async () => {
    lab = await openMigrateLab();
    [pa = 'pa', pb = 'pb'] = lab.providers;
    await Promise.all([name, 'mig-data'].map((namespace) => clear(lab, namespace)));
    expect(await lab.carryOut(await lab.plan.deploy({ name, manifests: files(careless()) }))).toMatchObject({ state: 'done' });
    expect(await podsAt(lab, name, pa)).toHaveLength(replicas);
  }, 300_000);

  afterAll(async () => {
    if (!lab) return;
    await Promise.all([name, 'mig-data'].map((namespace) => clear(lab, namespace)));
    await lab.close();
  }, 300_000);

  /** Real requests from home and from both providers while something goes on. */
  const underLoad = async <T>(
    action: () => Promise<T>,
  ): Promise<{ value: T; lost: Record<string, number>; mostFailuresOfOneConnection: number; sent: number }> => {
    const at = async (site: string): Promise<string> =>
      addressOf(await lab.kube(site).get({ apiVersion: 'v1', kind: 'Service', namespace: site === lab.home ? name : `${name}-${lab.home}`, name: 'web' }));
    const ip = await at(lab.home);
    const clients: LoadClient[] = [
      { kind: 'fresh', url: `http://${ip}/`, perSecond: 100 },
      { kind: 'keptAlive', url: `http://${ip}:81/`, perSecond: 2, count: 8, ageMaxSeconds: 10 },
      { kind: 'neverClosing', url: `http://${ip}:81/`, perSecond: 2, count: 8 },
    ];
    const load = await startLoad(lab.home, 600, clients);
    const value = await action();
    const told = await load.stop();
    const { results } = told;
    const losses = lossesOf(told).filter((loss) => !loss.includes('neverClosing'));
    if (losses.length > 0) console.log(`lost:\n${losses.slice(0, 60).join('\n')}`);
    const never = results.find(({ kind }) => kind === 'neverClosing');
    return {
      value,
      lost: Object.fromEntries(results.map(({ kind, lost }) => [kind, lost])),
      mostFailuresOfOneConnection: Math.max(0, ...Object.values(never?.failuresByConnection ?? {})),
      sent: results.find(({ kind }) => kind === 'fresh')?.sent ?? 0,
    };
  };
  const migrate = async (request: object) => lab.carryOut(await lab.plan.migrate({ application: name, soakSeconds: 2, ...request }));

  it('loses no request on a move, and keeps as many ready endpoints as wanted', async () => {
    const { value, lost, mostFailuresOfOneConnection, sent } = await underLoad(() => migrate({ from: pa, to: pb }));
    expect(value).toMatchObject({ state: 'done' });
    expect(sent).toBeGreaterThan(1000);
    expect(lost).toMatchObject({ fresh: 0, keptAlive: 0 });
    expect(mostFailuresOfOneConnection).toBeLessThanOrEqual(1);
    expect(await podsAt(lab, name, pa)).toEqual([]);
    expect(await podsAt(lab, name, pb)).toHaveLength(replicas);
    const last = (await lab.journalOf(value.id)).findLast(({ state }) => state === 'done');
    expect(z.looseObject({ measured: z.looseObject({}) }).parse(last?.result).measured).toMatchObject({
      interruptionSeconds: 0,
      belowWantedSeconds: 0,
      readyMin: replicas,
    });
  }, 300_000);

  it('finds the best other cluster by itself, and moves back there', async () => {
    const { value, lost } = await underLoad(() => migrate({ from: pb }));
    expect(value).toMatchObject({ state: 'done' });
    expect(lost).toMatchObject({ fresh: 0, keptAlive: 0 });
  }, 300_000);

  it('brings the same pods back, without a lost request, when the new ones do not become ready in time', async () => {
    const before = await podsAt(lab, name, pa);
    const { value, lost } = await underLoad(() => migrate({ from: pa, to: pb, readySeconds: 1 }));
    expect(value).toMatchObject({ state: 'rolledBack' });
    expect(lost).toMatchObject({ fresh: 0, keptAlive: 0 });
    expect(await podsAt(lab, name, pa)).toEqual(before);
    expect(await podsAt(lab, name, pb)).toEqual([]);
    await asItWas();
  }, 300_000);

  it('brings the same pods back, without a lost request, when it is cancelled while the old ones drain', async () => {
    const before = await podsAt(lab, name, pa);
    const { value, lost } = await underLoad(async () => {
      const plan = planOf(await lab.plan.migrate({ application: name, from: pa, to: pb }));
      const drain = plan.steps.findIndex(({ kind }) => kind === 'move-drain');
      const id = await lab.begin(plan);
      while (!(await lab.journalOf(id)).some(({ step, state }) => step === drain && state === 'intended'))
        await new Promise((resolve) => setTimeout(resolve, 200));
      await lab.operations.cancel(by, id);
      return lab.settled(id);
    });
    expect(value).toMatchObject({ state: 'rolledBack' });
    expect(lost).toMatchObject({ fresh: 0, keptAlive: 0 });
    expect(await podsAt(lab, name, pa)).toEqual(before);
    expect(await podsAt(lab, name, pb)).toEqual([]);
    await asItWas();
  }, 300_000);

  it('evacuates a provider without a lost request', async () => {
    const { value, lost } = await underLoad(async () => lab.carryOut(await lab.plan.evacuate({ provider: pa, soakSeconds: 2, paceSeconds: 0 })));
    expect(value).toMatchObject({ state: 'done' });
    expect(lost).toMatchObject({ fresh: 0, keptAlive: 0 });
    expect(await podsAt(lab, name, pa)).toEqual([]);
    expect(await podsAt(lab, name, pb)).toHaveLength(replicas);
    expect(await lab.plan.evacuate({ provider: pa })).toMatchObject({ kind: 'nothing' });
  }, 300_000);

  it('refuses to move or evacuate what holds a bound claim, with its size and place, before the first step', async () => {
    expect(await lab.carryOut(await lab.plan.deploy({ name: 'mig-data', manifests: files(careless({ claim: true })) }))).toMatchObject({ state: 'done' });
    const reasons = [expect.objectContaining({ message: expect.stringContaining(`mig-data/data holds 64Mi at ${pa}`) })];
    expect(await lab.plan.migrate({ application: 'mig-data', from: pa, to: pb })).toMatchObject({ kind: 'refused', reasons });
    expect(await lab.plan.evacuate({ provider: pa })).toMatchObject({ kind: 'refused', reasons: expect.arrayContaining(reasons) });
    expect(await podsAt(lab, 'mig-data', pa)).toHaveLength(1);
  }, 240_000);

  /** Its own settings, no trace of the move, open to where it runs. */
  const asItWas = async (): Promise<void> => {
    const kube = lab.kube(lab.home);
    const deployment = await kube.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: name, name: 'web' });
    expect(deployment).toMatchObject({ spec: { strategy: { rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } } } });
    expect(deployment?.metadata.annotations?.['hanse.dev/move']).toBeUndefined();
    expect(z.looseObject({ minReadySeconds: z.number().default(0), paused: z.boolean().default(false) }).parse(deployment?.['spec'])).toMatchObject({
      minReadySeconds: 0,
      paused: false,
    });
    const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: name });
    expect(
      pods.every(
        ({ metadata }) => metadata.labels?.['app'] === 'web' && metadata.labels['hanse.dev/leaving'] === undefined && metadata.ownerReferences?.length === 1,
      ),
    ).toBe(true);
    expect(
      await kube
        .list({ apiVersion: 'v1', kind: 'Namespace', labelSelector: 'hanse.dev/operation' })
        .then((all) => all.filter(({ metadata }) => metadata.name.startsWith('hanse-probe-'))),
    ).toEqual([]);
    expect(await lab.applications.find('default', name)).toMatchObject({ state: 'running', clusters: [pa] });
  };
});
