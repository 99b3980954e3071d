// What a move does when something breaks in the middle of it, on real clusters, while a hundred requests a second are answered.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { addressOf, careless, replicas } from '../journeys/migrateLab.ts';
import { installProduct, type Product } from '../journeys/product.ts';
import { probeImage } from '../journeys/wholeJob.ts';
import { handOut, hasLab, type JourneyWorld, labWorld, memberNames } from '../journeys/world.ts';
import { startLoad } from '../load/start.ts';
import { outage } from './labProcesses.ts';

const detail = z.looseObject({
  id: z.string(),
  state: z.string(),
  outcome: z.unknown(),
  plan: z.looseObject({ steps: z.array(z.looseObject({ kind: z.string() })) }),
  journal: z.array(
    z.looseObject({ step: z.number(), phase: z.string(), state: z.string(), at: z.string(), failure: z.looseObject({ message: z.string() }).optional() }),
  ),
});
const slices = z.array(
  z.looseObject({ endpoints: z.array(z.looseObject({ conditions: z.looseObject({ ready: z.boolean().nullish() }).nullish() })).nullish() }),
);
const over = ['done', 'rolledBack', 'failed', 'asking'];

describe.skipIf(!hasLab())('something breaks in the middle of a move', { timeout: 420_000 }, () => {
  let world: JourneyWorld;
  let hanse: Product;
  const done = (...words: readonly string[]) => hanse.json(z.looseObject({ state: z.literal('done') }), ...words, '--yes');

  beforeAll(async () => {
    world = await labWorld();
    hanse = await installProduct({ allowedAddresses: world.allowedAddresses, probe: { image: probeImage } });
    const file = handOut(world, hanse.folder);
    writeFileSync(join(hanse.folder, 'shop.yaml'), careless());
    await hanse.start();
    for (const name of memberNames) await done('cluster', 'add', name, '--kubeconfig', file(name), '--side', name === 'home' ? 'consumer' : 'provider');
    await done('federate', 'pa', 'pb');
    await done('deploy', 'shop', '-f', join(hanse.folder, 'shop.yaml'), '--prefer', 'price');
  }, 240_000);
  afterAll(async () => {
    if (!hanse) return;
    for (const words of [
      ['delete', 'shop'],
      ['leave', 'pa'],
      ['leave', 'pb'],
      ['cluster', 'remove', 'pa'],
      ['cluster', 'remove', 'pb'],
      ['cluster', 'remove', 'home'],
    ])
      await done(...words).catch((error: unknown) => console.log(String(error).slice(0, 500)));
    await hanse.close();
    await world.close();
  }, 300_000);

  const place = async (): Promise<'pa' | 'pb'> => {
    const { clusters } = await hanse.json(z.looseObject({ clusters: z.array(z.string()) }), 'get', 'applications', 'shop');
    return clusters[0] === 'pa' ? 'pa' : 'pb';
  };

  type Seen = { readonly fewest: number; readonly below: readonly string[] };
  /** Ready endpoints at home until it is stopped: the fewest, and when there were fewer than wanted. */
  const watchEndpoints = (): { stop(): Promise<Seen> } => {
    const began = Date.now();
    let fewest = Number.POSITIVE_INFINITY;
    const below: string[] = [];
    let isOver = false;
    const watching = (async () => {
      while (!isOver) {
        const found = slices.parse(
          await world
            .admin('home')
            .list({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespace: 'shop', labelSelector: 'kubernetes.io/service-name=web' }),
        );
        const ready = found.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions?.ready === true).length;
        fewest = Math.min(fewest, ready);
        if (ready < replicas) below.push(`${ready} at ${((Date.now() - began) / 1000).toFixed(1)} s`);
        await pause(200);
      }
      return { fewest, below };
    })();
    return {
      stop() {
        isOver = true;
        return watching;
      },
    };
  };

  /** Moves to the other provider; `fault` happens when the step of that kind begins. */
  const moveWith = async (what: string, step: string, fault: (places: { from: 'pa' | 'pb'; to: 'pa' | 'pb' }) => Promise<void>): Promise<void> => {
    const from = await place();
    const to = from === 'pa' ? 'pb' : 'pa';
    const ip = addressOf(await world.admin('home').get({ apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'web' }));
    const load = await startLoad('home', 400, [{ kind: 'fresh', url: `http://${ip}/`, perSecond: 100 }]);
    const endpoints = watchEndpoints();
    const began = Date.now();
    const { id } = await hanse.json(z.looseObject({ id: z.string() }), 'migrate', 'shop', '--from', from, '--to', to, '--soak', '2', '--yes', '--no-wait');
    const shown = () => hanse.json(detail, 'operations', 'show', id);
    for (;;) {
      const { plan, journal, state } = await shown();
      if (journal.some((entry) => plan.steps[entry.step]?.kind === step && entry.state === 'intended')) break;
      if (over.includes(state)) throw new Error(`the move ended (${state}) before ${step}`);
      await pause(300);
    }
    await fault({ from, to });
    let now = await shown();
    while (!over.includes(now.state)) {
      await pause(500);
      now = await shown();
    }
    const seconds = Math.round((Date.now() - began) / 1000);
    const { fewest, below } = await endpoints.stop();
    const { results } = await load.stop();
    const { sent, lost, failures } = results[0] ?? { sent: 0, lost: -1, failures: [] };
    const timeline = now.journal
      .filter(({ state, phase }) => state === 'done' && phase === 'perform')
      .map(({ step: index, at }) => `${now.plan.steps[index]?.kind} ${((Date.parse(at) - began) / 1000).toFixed(0)}`);
    const failed = now.journal.flatMap(({ step: index, phase, failure }) => (failure ? [`${now.plan.steps[index]?.kind} (${phase}): ${failure.message}`] : []));
    console.log(
      JSON.stringify({
        what,
        from,
        to,
        state: now.state,
        seconds,
        sent,
        lost,
        fewestReadyEndpoints: fewest,
        below: below.slice(0, 40),
        failed,
        timeline,
        failures: failures.slice(0, 5),
      }),
    );
    expect(['done', 'rolledBack']).toContain(now.state);
    expect(lost).toBe(0);
    expect(fewest).toBeGreaterThanOrEqual(replicas);
    expect(await place()).toBe(now.state === 'done' ? to : from);
  };

  it('Liqo’s controllers at home are killed and come back', () =>
    moveWith('Liqo killed', 'move-targets', () => outage('home', ['liqo-controller-manager', 'liqo-crd-replicator', 'liqo-webhook'], 5)));

  it('the kubelet of the provider that takes over is killed and comes back', () =>
    moveWith('kubelet killed', 'move-arrive', ({ to }) => outage(to, ['kubelet'], 5)));

  it('the API server of the provider that is left stands still for 60 s', () =>
    moveWith('source frozen', 'move-arrive', async ({ from }) => {
      const thaw = world.freeze(from);
      await pause(60_000).finally(thaw);
    }));

  it('the API server of the provider that takes over stands still for 60 s', () =>
    moveWith('target frozen', 'move-arrive', async ({ to }) => {
      const thaw = world.freeze(to);
      await pause(60_000).finally(thaw);
    }));
});
