// Moving on real clusters, under real requests: nothing is lost, and what cannot be moved safely is not begun.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type LoadClient, startLoad } from '../load/start.ts';
import { addressOf, careless, clear, hasLab, type MigrateLab, openMigrateLab, podsAt, replicas } from './migrateLab.ts';

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
  }, 180_000);

  afterAll(async () => {
    if (!lab) return;
    await Promise.all([name, 'mig-data'].map((namespace) => clear(lab, namespace)));
    await lab.close();
  }, 180_000);

  /** Real requests from home and from both providers while something goes on. */
  const underLoad = async <T>(action: () => Promise<T>): Promise<{ value: T; lost: Record<string, number>; mostFailuresOfOneConnection: number; sent: number }> => {
    const at = async (site: string): Promise<string> => addressOf(await lab.kube(site).get({ apiVersion: 'v1', kind: 'Service', namespace: site === lab.home ? name : `${name}-${lab.home}`, name: 'web' }));
    const ip = await at(lab.home);
    const clients: LoadClient[] = [
      { kind: 'fresh', url: `http://${ip}/`, perSecond: 100 },
      { kind: 'keptAlive', url: `http://${ip}:81/`, perSecond: 2, count: 8, ageMaxSeconds: 10 },
      { kind: 'neverClosing', url: `http://${ip}:81/`, perSecond: 2, count: 8 },
    ];
    const load = startLoad(lab.home, 600, clients);
    const value = await action();
    const { results } = await load.stop();
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
    expect(z.looseObject({ measured: z.looseObject({}) }).parse(last?.result).measured).toMatchObject({ interruptionSeconds: 0, belowWantedSeconds: 0, readyMin: replicas });
  }, 300_000);

  it('finds the best other cluster by itself, and moves back there', async () => {
    const { value, lost } = await underLoad(() => migrate({ from: pb, to: pa }));
    expect(value).toMatchObject({ state: 'done' });
    expect(lost).toMatchObject({ fresh: 0, keptAlive: 0 });
  }, 300_000);
});
