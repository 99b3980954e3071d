// What Hanse measured of its providers decides like any other fact, with the broker's own word and nobody else's behind it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { installProduct, type Product } from './product.ts';
import { probeImage } from './wholeJob.ts';
import { handOut, type JourneyWorld, memberNames } from './world.ts';

const fact = z.looseObject({
  name: z.string(),
  value: z.unknown(),
  assurance: z.string(),
  credential: z.string(),
  measurement: z.looseObject({ probes: z.number(), since: z.string() }).optional(),
});
const offers = z.looseObject({
  items: z.array(z.looseObject({ cluster: z.string().nullable(), matches: z.boolean(), offering: z.looseObject({ facts: z.array(fact) }) })),
});
const application = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } };
const manifest = {
  ...application,
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          {
            name: 'web',
            image: probeImage,
            imagePullPolicy: 'IfNotPresent',
            command: ['sleep', '3600'],
            resources: { requests: { cpu: '10m', memory: '16Mi' } },
          },
        ],
      },
    },
  },
};

type Options = {
  readonly heartbeatSeconds: number;
  /** How long until enough was asked, at most. */
  readonly waitMs: number;
  /** No provider of this world answers later than this. */
  readonly quickMs: number;
  /** Makes pa slower than that once it is added, or as quick as the others again; absent: it is not. */
  readonly slow?: (world: JourneyWorld, isSlow: boolean) => void;
};

export function measuredJourney(what: string, open: () => Promise<JourneyWorld>, { heartbeatSeconds, waitMs, quickMs, slow }: Options): void {
  describe(`what was measured, on ${what}`, { timeout: 2 * waitMs + 120_000 }, () => {
    let world: JourneyWorld;
    let product: Product;

    beforeAll(async () => {
      world = await open();
      product = await installProduct({ allowedAddresses: world.allowedAddresses, probe: { image: probeImage }, heartbeatSeconds });
      await product.start();
      const file = handOut(world, product.folder);
      // pa is asked least before it is slow: half of the answers have to be late
      for (const name of ['home', 'pb', 'pa'] as const)
        await done('cluster', 'add', name, '--kubeconfig', file(name), '--side', name === 'home' ? 'consumer' : 'provider', '--yes');
      slow?.(world, true);
    }, 300_000);
    afterAll(async () => {
      await product?.close();
      await world?.close();
    }, 120_000);

    const done = async (...words: readonly string[]): Promise<string> => {
      const { exit, out, err } = await product.hanse(...words);
      expect(exit, err + out).toBe(0);
      return out;
    };
    const listed = async (...where: readonly string[]): Promise<z.infer<typeof offers>['items']> => {
      const { out } = await product.hanse('offers', ...where.flatMap((criterion) => ['--where', criterion]), '-o', 'json');
      return offers.parse(JSON.parse(out)).items.filter(({ cluster }) => cluster !== null);
    };
    const matching = async (...where: readonly string[]): Promise<string[]> =>
      (await listed(...where))
        .flatMap(({ cluster, matches }) => (matches && cluster !== null ? [cluster] : []))
        .toSorted((left, right) => (left < right ? -1 : 1));
    const factOf = async (cluster: string, name: string): Promise<z.infer<typeof fact> | undefined> =>
      (await listed()).find((offer) => offer.cluster === cluster)?.offering.facts.find((each) => each.name === name);
    const soon = { timeout: waitMs, interval: 1000 };
    const isSlow = slow !== undefined;

    it('becomes facts when enough was asked, which satisfy @measured and nothing else', async () => {
      await expect.poll(() => matching('availability>=0.99@measured'), soon).toEqual(['pa', 'pb']);
      await expect.poll(() => matching(`latency.ms<=${quickMs}@measured`), soon).toEqual(isSlow ? ['pb'] : ['pa', 'pb']);
      await expect.poll(() => factOf('pa', 'latency.ms'), soon).toBeDefined();
      for (const demanded of ['declared', 'notarised', 'certified'])
        expect(await matching(`availability>=0.1@${demanded}`, `latency.ms<=100000@${demanded}`)).toEqual([]);
      expect(await matching('availability>=0.99', 'kubernetes.version>=1.0@declared')).toEqual(['pa', 'pb']);
      // what a cluster's own API says is the word of whoever runs it
      expect(await matching('kubernetes.version>=1.0@measured')).toEqual([]);
    });

    it('shows what stands behind it', async () => {
      const found = await factOf('pb', 'availability');
      expect(found).toMatchObject({ value: 1, assurance: 'measured', credential: 'measured' });
      expect(await done('explain', 'offer', 'pb')).toMatch(/availability .*measured .*this Hanse .*\d+ probes since 20/);
      process.stderr.write(
        `${(await done('explain', 'offer', 'pb'))
          .split('\n')
          .filter((line) => / probes since /.test(line))
          .join('\n')}\n`,
      );
    });

    it('places by it, and the receipt of it decides the same anywhere', async () => {
      await done('federate', 'pa', 'pb', '--yes');
      const [manifests, policy] = [join(product.folder, 'web.json'), join(product.folder, 'policy.yaml')];
      writeFileSync(manifests, JSON.stringify(manifest));
      const metadata = { name: 'near' };
      const spec = { criteria: [`latency.ms<=${quickMs}@measured`, 'availability>=0.99@measured'], preferences: ['latency.ms'] };
      writeFileSync(policy, JSON.stringify({ apiVersion: 'hanse.dev/v1', kind: 'Policy', metadata, spec }));
      await done('deploy', 'web', '-f', manifests, '--policy', policy, '--yes');
      const placed = z.looseObject({ placement: z.array(z.looseObject({ cluster: z.string(), ready: z.number() })) });
      const where = (await product.json(placed, 'status', 'web')).placement.filter(({ ready }) => ready > 0).map(({ cluster }) => cluster);
      if (isSlow) expect(where).toEqual(['pb']);
      const [issued] = await product.json(z.array(z.looseObject({ id: z.string() })), 'get', 'receipts');
      const receipt = join(product.folder, 'receipt.json');
      writeFileSync(receipt, JSON.stringify(await product.json(z.unknown(), 'get', 'receipts', issued?.id ?? '')));
      const verdict = z.looseObject({ verdict: z.string(), receipt: z.unknown() });
      const checked = await product.json(verdict, 'verify', receipt, '--key', join(product.configDir, 'signing.pub'));
      expect(checked).toMatchObject({ verdict: 'valid', receipt: { placement: { chosen: [{ cluster: where[0], replicas: 1 }] } } });
      expect(JSON.stringify(checked.receipt)).toMatch(/"measurement":\{"probes":\d+/);
      slow?.(world, false);
      await done('delete', 'web', '--yes');
      await done('leave', 'pa', '--yes');
      await done('leave', 'pb', '--yes');
    });

    it('outlives the broker, and falls where a provider falls silent', async () => {
      const before = await factOf('pa', 'availability');
      await product.kill();
      await product.start();
      const after = await factOf('pa', 'availability');
      expect(after?.measurement?.since).toBe(before?.measurement?.since);
      expect(after?.measurement?.probes).toBeGreaterThanOrEqual(before?.measurement?.probes ?? Number.POSITIVE_INFINITY);
      const thaw = world.freeze('pa');
      try {
        const [was, now] = [Number(after?.value), async () => Number((await factOf('pa', 'availability'))?.value)];
        await expect.poll(now, soon).toBeLessThan(was);
        expect(await matching(`availability>=${was}@measured`)).not.toContain('pa');
        expect(await matching('availability>=0.99@measured')).toContain('pb');
      } finally {
        thaw();
      }
    });

    it('leaves nothing behind', async () => {
      for (const name of memberNames.toReversed()) await done('cluster', 'remove', name, '--yes');
      expect(await product.test.store.db.selectFrom('heartbeat').selectAll().execute()).toEqual([]);
    });
  });
}
