// The whole job as a person does it, by commands only: add, look, federate, deploy, move, evacuate, leave, remove; and nothing is left.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { lossesOf, startLoad } from '../load/start.ts';
import { addressOf, careless } from './migrateLab.ts';
import { type Hand, installProduct } from './product.ts';
import { changes, handOut, type JourneyWorld, type MemberName, memberNames, type Picture, pictureOf, restingPictureOf } from './world.ts';

export const probeImage = 'docker.io/library/busybox:lab';
const operation = z.looseObject({ id: z.string(), state: z.string() });
const nothing = z.looseObject({ kind: z.literal('nothing'), reason: z.string() });
const status = z.looseObject({
  state: z.string(),
  drift: z.array(z.string()),
  placement: z.array(z.looseObject({ cluster: z.string(), ready: z.number() })),
  pods: z.array(z.looseObject({ name: z.string(), cluster: z.string().nullable(), isReady: z.boolean() })),
});
const offers = z.looseObject({
  items: z.array(z.looseObject({ cluster: z.string().nullable(), matches: z.boolean(), relaxation: z.string().nullable() })),
  rejected: z.array(z.unknown()),
});
const secret = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { canary: `canary-of-${name}` } });

/** As `hanse serve` is configured. */
const served = (world: JourneyWorld): Promise<Hand> =>
  installProduct({
    allowedAddresses: world.allowedAddresses,
    probe: { image: probeImage },
    // nothing is really sent between the simulator's clusters
    ...(world.isReal ? {} : { migration: { drainSecondsMin: 0, drainSecondsMax: 1 } }),
  });

export function wholeJob(what: string, open: () => Promise<JourneyWorld>, timeoutMs: number, install = served): void {
  describe(`the whole job on ${what}`, { timeout: timeoutMs }, () => {
    let world: JourneyWorld;
    let hanse: Hand;
    let file: (name: MemberName) => string;
    let atFirst: Picture;
    let beforeFederating: Picture;
    let manifests: string;

    beforeAll(async () => {
      world = await open();
      hanse = await install(world);
      file = handOut(world, hanse.folder);
      manifests = join(hanse.folder, 'shop');
      mkdirSync(manifests);
      writeFileSync(join(manifests, 'web.yaml'), careless());
      writeFileSync(join(manifests, 'secrets.yaml'), [secret('first'), secret('second')].map((object) => JSON.stringify(object)).join('\n---\n'));
      atFirst = await restingPictureOf(world);
      await hanse.start();
    }, 300_000);
    afterAll(async () => {
      await hanse?.close();
      await world?.close();
    }, 120_000);

    const done = (...words: readonly string[]) => hanse.json(operation, ...words, '--yes');
    const where = async (): Promise<Record<string, number>> => {
      const { placement, drift } = await hanse.json(status, 'status', 'shop');
      expect(drift).toEqual([]);
      return Object.fromEntries(placement.filter(({ ready }) => ready > 0).map(({ cluster, ready }) => [cluster, ready]));
    };
    const requests = async () => {
      const ip = addressOf(await world.admin('home').get({ apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'web' }));
      return startLoad('home', 300, [{ kind: 'fresh', url: `http://${ip}/`, perSecond: 20 }]);
    };
    const unchangedSince = (before: Picture) => async () => expect(changes(before, await pictureOf(world))).toEqual([]);
    /** Kubernetes' own collector ends what lost its owner a little later. */
    const soon = { timeout: 60_000, interval: 500 };

    it('adds the clusters', async () => {
      for (const name of hanse.addsClusters ? [] : memberNames)
        expect(await done('cluster', 'add', name, '--kubeconfig', file(name), '--side', name === 'home' ? 'consumer' : 'provider')).toMatchObject({
          state: 'done',
        });
      const clusters = await hanse.json(z.array(z.looseObject({ name: z.string(), state: z.string() })), 'cluster', 'list');
      expect(clusters.map(({ name, state }) => [name, state])).toEqual(memberNames.map((name) => [name, 'ready']));
      beforeFederating = await restingPictureOf(world);
    });

    it('shows the offers that fit, and what would have to change for the others', async () => {
      const { items, rejected } = await hanse.json(offers, 'offers', '--where', 'label>=L3@certified', '--where', 'country=DE,NL');
      expect(rejected).toEqual([]);
      expect(Object.fromEntries(items.map(({ cluster, matches }) => [cluster, matches]))).toEqual({ pb: true, pa: false });
      expect(items.find(({ cluster }) => cluster === 'pa')?.relaxation).toMatch(/label/);
      const { exit, out } = await hanse.hanse('offers', '--where', 'country=NL', '--explain');
      expect(exit).toBe(0);
      expect(out).toMatch(/→ to match: /);
    });

    it('shows a plan and changes nothing, then federates, then has nothing to do', async () => {
      const dry = await hanse.hanse('federate', 'pa', 'pb', '--dry-run');
      expect(dry.exit).toBe(0);
      expect(dry.out).toMatch(/Plan: \d+ steps/);
      expect(dry.out).toMatch(/undone by/);
      expect((await hanse.hanse('federate', 'pa', 'pb')).exit).toBe(7); // nobody to ask
      await unchangedSince(beforeFederating)();
      expect(await done('federate', 'pa', 'pb')).toMatchObject({ state: 'done' });
      expect(await hanse.json(nothing, 'federate', 'pa', 'pb', '--yes')).toMatchObject({ kind: 'nothing' });
      const peerings = await hanse.json(z.array(z.looseObject({ provider: z.string(), state: z.string() })), 'get', 'peerings');
      expect(peerings.map(({ provider, state }) => [provider, state])).toEqual([
        ['pa', 'ready'],
        ['pb', 'ready'],
      ]);
    });

    it('refuses criteria that mean nothing, with the nearest that does, and changes nothing', async () => {
      const deploy = (...words: string[]) => hanse.hanse('deploy', 'shop', '-f', manifests, ...words.flatMap((word) => ['--where', word]), '--yes');
      for (const [words, told] of [
        [['memory>=64gib'], /the nearest is GiB/],
        [['contry=DE'], /Did you mean country\?/],
        [['availability>=1.5'], /from 0 to 1/],
        [['cpu>=8', 'cpu<=4'], /"cpu<=4" can never hold together with cpu.cores>=8/],
      ] as const) {
        const { exit, err } = await deploy(...words);
        expect(exit).not.toBe(0);
        expect(err).toMatch(told);
      }
      expect(await hanse.json(z.array(z.unknown()), 'get', 'applications')).toEqual([]);
    });

    it('deploys where the criteria allow it, and says why', async () => {
      expect(await done('deploy', 'shop', '-f', manifests, '--where', 'label>=L2@certified', '--prefer', 'price', '--prefer', 'country=NL*2')).toMatchObject({
        state: 'done',
      });
      expect(await where()).toEqual({ pa: 6 });
      const { exit, out } = await hanse.hanse('explain', 'shop');
      expect(exit).toBe(0);
      expect(out).toMatch(/pa/);
    });

    it('gives a receipt of it that anyone verifies, with what they may see of it', async () => {
      const [issued] = await hanse.json(z.array(z.looseObject({ id: z.string(), application: z.string() })), 'get', 'receipts');
      expect(issued?.application).toBe('shop');
      const keep = (name: string, text: string): string => (writeFileSync(join(hanse.folder, name), text), join(hanse.folder, name));
      const whole = keep('receipt.json', JSON.stringify(await hanse.json(z.unknown(), 'get', 'receipts', issued?.id ?? '')));
      const publicKey = join(hanse.configDir, 'signing.pub');
      const verdict = z.looseObject({ verdict: z.string(), receipt: z.looseObject({ placement: z.looseObject({ chosen: z.array(z.unknown()) }) }) });
      expect(await hanse.json(verdict, 'verify', whole, '--key', publicKey)).toMatchObject({
        verdict: 'valid',
        receipt: { placement: { chosen: [{ cluster: 'pa', replicas: 6 }] } },
      });
      const redacted = keep('redacted.jws', (await hanse.hanse('redact', whole, '--cluster', 'pb')).out);
      expect(await hanse.hanse('verify', redacted, '--key', publicKey)).toMatchObject({ exit: 1, out: expect.stringMatching(/Partly checked/) });
      const forged = keep(
        'forged.jws',
        readFileSync(redacted, 'utf8').replace(/[A-Za-z](?=[^.]*~)/, (letter) => (letter === 'A' ? 'B' : 'A')),
      );
      expect(await hanse.hanse('verify', forged, '--key', publicKey)).toMatchObject({ exit: 1, out: expect.stringMatching(/Invalid/) });
    });

    it('does not leave a provider that is used', async () => {
      const left = await hanse.hanse('leave', 'pa', '--yes');
      expect(left.exit).toBe(3);
      expect(left.err).toMatch(/shop/);
      expect(await where()).toEqual({ pa: 6 });
    });

    it('moves from one provider to the other, without a lost request', async () => {
      const nowhere = await hanse.hanse('migrate', 'shop', '--from', 'pa', '--to', 'pbb', '--yes');
      expect(nowhere).toMatchObject({ exit: 3, err: expect.stringMatching(/^Error: There is no cluster pbb\.\n +Did you mean pb\?/) });
      const load = world.isReal ? await requests() : null;
      expect(await done('migrate', 'shop', '--from', 'pa', '--to', 'pb', '--soak', '2', '--connection-age', '1')).toMatchObject({ state: 'done' });
      expect(load && lossesOf(await load.stop())).toEqual(load && []);
      expect(await where()).toEqual({ pb: 6 });
    });

    it('evacuates a provider', async () => {
      expect(await done('evacuate', 'pb', '--soak', '1', '--pace', '0', '--connection-age', '1')).toMatchObject({ state: 'done' });
      expect(await where()).toEqual({ pa: 6 });
    });

    it('deletes the application, leaves, and nothing of either is left anywhere', async () => {
      expect(await done('delete', 'shop')).toMatchObject({ state: 'done' });
      expect(await done('leave', 'pb')).toMatchObject({ state: 'done' });
      expect(await done('leave', 'pa')).toMatchObject({ state: 'done' });
      await expect.poll(async () => changes(beforeFederating, await pictureOf(world)), soon).toEqual([]);
      expect(await hanse.json(nothing, 'leave', 'pa', '--yes')).toMatchObject({ kind: 'nothing' });
    });

    it('leaves a provider by moving away what runs there first', async () => {
      expect(await done('federate', 'pa', 'pb')).toMatchObject({ state: 'done' });
      expect(await done('deploy', 'shop', '-f', manifests, '--prefer', 'price')).toMatchObject({ state: 'done' });
      expect(await done('leave', 'pa', '--evacuate')).toMatchObject({ state: 'done' });
      expect(await where()).toEqual({ pb: 6 });
      expect(await done('delete', 'shop')).toMatchObject({ state: 'done' });
      expect(await done('leave', 'pb')).toMatchObject({ state: 'done' });
      await expect.poll(async () => changes(beforeFederating, await pictureOf(world)), soon).toEqual([]);
    });

    it('lets go of a provider that is gone for good, and says what may be left there', async () => {
      expect(await done('federate', 'pb')).toMatchObject({ state: 'done' });
      const thaw = world.freeze('pb');
      try {
        expect((await hanse.hanse('leave', 'pb', '--yes')).exit).toBe(1);
        const forced = await hanse.hanse('leave', 'pb', '--force', '--yes');
        expect(forced.err + forced.out).toMatch(/Done/);
      } finally {
        thaw();
      }
      await expect.poll(async () => changes(beforeFederating, await pictureOf(world, ['home', 'pa'])).filter((line) => !/^. pb/.test(line)), soon).toEqual([]);
      // it came back: what was left there is found and taken away
      const again = async () => {
        const { exit, out, err } = await hanse.hanse('federate', 'pb', '--yes');
        return exit === 0 ? 'federated' : `${exit}: ${err}${out}`;
      };
      await expect.poll(again, { ...soon, timeout: 180_000 }).toBe('federated');
      expect(await done('leave', 'pb')).toMatchObject({ state: 'done' });
      await expect.poll(async () => changes(beforeFederating, await pictureOf(world)), soon).toEqual([]);
    });

    it('removes the clusters, and the audit log tells it all', async () => {
      for (const name of memberNames.toReversed()) expect(await done('cluster', 'remove', name)).toMatchObject({ state: 'done' });
      await expect.poll(async () => changes(atFirst, await pictureOf(world)), soon).toEqual([]);
      const verdict = await hanse.json(z.looseObject({ valid: z.boolean(), events: z.number() }), 'audit', 'verify');
      expect(verdict.valid).toBe(true);
      expect(verdict.events).toBeGreaterThan(30);
    });
  });
}
