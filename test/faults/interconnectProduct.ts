// The product with layer 2 configured, its home and pb added.
import { join } from 'node:path';
import { z } from 'zod';
import { installProduct, type Product } from '../journeys/product.ts';
import { probeImage } from '../journeys/wholeJob.ts';
import { handOut, type JourneyWorld, type MemberName, simulatedWorld } from '../journeys/world.ts';
import { type Exchanges, startExchanges } from './exchanges.ts';

const operation = z.looseObject({ id: z.string(), state: z.string() });

export const productOverExchanges = (pbByHand: boolean) => {
  const place: { world: JourneyWorld | null; exchanges: Exchanges | null; hanse: Product | null } = { world: null, exchanges: null, hanse: null };
  const open = async (): Promise<{ world: JourneyWorld; exchanges: Exchanges; hanse: Product }> => {
    const world = (place.world = await simulatedWorld());
    const exchanges = (place.exchanges = await startExchanges(join(process.env['TMPDIR'] ?? '/tmp', `hanse-exchanges-${process.pid}`), { pbByHand }));
    const settings = {
      allowedAddresses: [...world.allowedAddresses, ...exchanges.allowedAddresses],
      probe: { image: probeImage },
      migration: { drainSecondsMin: 0, drainSecondsMax: 1 },
      ...exchanges.settings,
    };
    const hanse = (place.hanse = await installProduct(settings));
    const file = handOut(world, hanse.folder);
    await hanse.start();
    for (const name of ['home', 'pb'] as const satisfies readonly MemberName[])
      await hanse.json(operation, 'cluster', 'add', name, '--kubeconfig', file(name), '--side', name === 'home' ? 'consumer' : 'provider', '--yes');
    return { world, exchanges, hanse };
  };
  const close = async (): Promise<void> => {
    await place.hanse?.close();
    await place.exchanges?.close();
    await place.world?.close();
  };
  return { open, close };
};
