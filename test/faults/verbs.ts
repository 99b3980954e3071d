// Every verb with a broker that is killed -9 at every record of the journal: each ends as if nothing had happened, and nothing of it is left.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { careless } from '../journeys/migrateLab.ts';
import { installProduct, type Product } from '../journeys/product.ts';
import { probeImage } from '../journeys/wholeJob.ts';
import { changes, handOut, type JourneyWorld, type MemberName, type Picture, pictureOf } from '../journeys/world.ts';
import { crashedVerb } from './crashedVerb.ts';

const status = z.looseObject({
  drift: z.array(z.string()),
  placement: z.array(z.looseObject({ cluster: z.string(), ready: z.number() })),
});
/** HANSE_CRASH_VERBS=migrate,leave: only these are disturbed. */
const chosen = process.env['HANSE_CRASH_VERBS']?.split(',');
const soon = { timeout: 60_000, interval: 500 };

export function killedVerbs(
  what: string,
  open: () => Promise<JourneyWorld>,
  { both, timeoutMs }: { readonly both: boolean; readonly timeoutMs: number },
): void {
  describe(`a broker that is killed at every record of the journal, on ${what}`, { timeout: timeoutMs }, () => {
    let world: JourneyWorld;
    let hanse: Product;
    let file: (name: MemberName) => string;
    let atFirst: Picture;
    let beforeFederating: Picture;
    let manifests: string;
    const kills: Record<string, number> = {};

    beforeAll(async () => {
      world = await open();
      // nobody sends requests here
      const migration = { drainSecondsMin: 0, drainSecondsMax: world.isReal ? 5 : 1 };
      hanse = await installProduct({ allowedAddresses: world.allowedAddresses, probe: { image: probeImage }, migration });
      file = handOut(world, hanse.folder);
      manifests = join(hanse.folder, 'shop.yaml');
      writeFileSync(manifests, careless());
      atFirst = await pictureOf(world);
    }, 180_000);
    afterAll(async () => {
      console.log(`kills on ${what}: ${JSON.stringify(kills)}, together ${Object.values(kills).reduce((sum, one) => sum + one, 0)}`);
      await hanse?.close();
      await world?.close();
    }, 60_000);

    const crashed = async (...words: readonly string[]): Promise<void> => {
      const verb = words.slice(0, words[0] === 'cluster' ? 2 : 1).join(' ');
      if (chosen?.includes(verb) === false) return asUsual(async () => void (await done(...words)));
      const report = await crashedVerb(hanse, words, { both });
      kills[verb] = report.kills;
      expect(report).toMatchObject({ state: 'done' });
      // both sides of every record once; otherwise two places for each step, whose intention is then written three times
      expect(report.kills).toBeGreaterThan(report.records / (both ? 2 : 3));
    };
    /** By a broker that nobody kills. */
    const asUsual = async (act: () => Promise<void>): Promise<void> => {
      await hanse.start();
      try {
        await act();
      } finally {
        await hanse.stop();
      }
    };
    const done = (...words: readonly string[]) => hanse.json(z.looseObject({ state: z.literal('done') }), ...words, '--yes');
    const runsAt = (where: Record<string, number>) =>
      asUsual(async () => {
        const { placement, drift } = await hanse.json(status, 'status', 'shop');
        expect(drift).toEqual([]);
        expect(Object.fromEntries(placement.filter(({ ready }) => ready > 0).map(({ cluster, ready }) => [cluster, ready]))).toEqual(where);
      });

    it('adds a provider', async () => {
      await asUsual(async () => {
        await done('cluster', 'add', 'home', '--kubeconfig', file('home'), '--side', 'consumer');
        await done('cluster', 'add', 'pb', '--kubeconfig', file('pb'), '--side', 'provider');
      });
      await crashed('cluster', 'add', 'pa', '--kubeconfig', file('pa'), '--side', 'provider');
      beforeFederating = await pictureOf(world);
    });

    it('federates', async () => {
      await crashed('federate', 'pa');
      await asUsual(async () => void (await done('federate', 'pb')));
    });

    it('deploys', async () => {
      await crashed('deploy', 'shop', '-f', manifests, '--prefer', 'price');
      await runsAt({ pa: 6 });
    });

    it('moves', async () => {
      await crashed('migrate', 'shop', '--from', 'pa', '--to', 'pb', '--soak', '1', '--connection-age', '1');
      await runsAt({ pb: 6 });
    });

    it('evacuates', async () => {
      await crashed('evacuate', 'pb', '--soak', '1', '--pace', '0', '--connection-age', '1');
      await runsAt({ pa: 6 });
    });

    it('deletes', async () => {
      await crashed('delete', 'shop');
    });

    it('leaves, and nothing is left', async () => {
      await crashed('leave', 'pa');
      await asUsual(async () => void (await done('leave', 'pb')));
      await expect.poll(async () => changes(beforeFederating, await pictureOf(world)), soon).toEqual([]);
    });

    it('removes a provider, and nothing is left', async () => {
      await crashed('cluster', 'remove', 'pa');
      await asUsual(async () => {
        await done('cluster', 'remove', 'pb');
        await done('cluster', 'remove', 'home');
        expect(await hanse.json(z.looseObject({ valid: z.boolean() }), 'audit', 'verify')).toMatchObject({ valid: true });
      });
      await expect.poll(async () => changes(atFirst, await pictureOf(world)), soon).toEqual([]);
    });
  });
}
