// That Liqo no longer reaches a provider is heard in that moment, by a watch at home.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createReach, foreignClusters } from '../../broker/src/reactions/io/reach.ts';
import { type JourneyWorld, simulatedWorld } from '../journeys/world.ts';

let world: JourneyWorld;
beforeAll(async () => {
  world = await simulatedWorld();
}, 60_000);
afterAll(() => world?.close());

it('wakes when a provider is no longer reached, and when it is again, and for nothing else', { timeout: 60_000 }, async () => {
  const soon = { timeout: 50_000, interval: 20 };
  const home = world.admin('home');
  let woken = 0;
  const reach = createReach({ kube: async () => home }, () => (woken += 1));
  const says = (name: string, status: string) =>
    home.patch({ ...foreignClusters, name }, { status: { conditions: [{ type: 'APIServerStatus', status }] } }, { subresource: 'status' });
  for (const name of ['near', 'far']) await home.create({ ...foreignClusters, metadata: { name }, spec: { clusterID: name } });
  await reach.follow('somebody', ['home']);
  await reach.follow('somebody', ['home']);
  await says('far', 'Established');
  await says('near', 'Error');
  await expect.poll(() => woken, soon).toBe(1);
  await says('far', 'Unknown');
  await says('near', 'Error');
  await says('near', 'Established');
  await expect.poll(() => woken, soon).toBe(2);
  await reach.follow('somebody', []);
  await says('near', 'Error');
  await reach.follow('another', ['home']);
  await expect.poll(() => woken, soon).toBe(3);
  await reach.stop();
});
