// The product with three simulated clusters: yours and two providers', federated, and what journeys on it ask again and again.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { installProduct, type Product, type ProductConfig } from './product.ts';
import { probeImage } from './wholeJob.ts';
import { handOut, type JourneyWorld, type MemberName, simulatedWorld } from './world.ts';

const operation = z.looseObject({ id: z.string(), kind: z.string(), state: z.string() });
const reaction = z.looseObject({
  id: z.string(),
  cause: z.string(),
  provider: z.string(),
  application: z.string().nullable(),
  state: z.string(),
  since: z.string(),
  operation: z.string().nullable(),
  because: z.array(z.string()),
});
const status = z.looseObject({ placement: z.array(z.looseObject({ cluster: z.string(), ready: z.number() })) });

export type FederatedProduct = {
  readonly world: JourneyWorld;
  readonly product: Product;
  /** What it said; it has to end well. */
  hanse(...words: readonly string[]): Promise<string>;
  /** `text`: of its policy. */
  deploy(application: string, manifests: string, text: string): Promise<void>;
  reactions(): Promise<readonly z.infer<typeof reaction>[]>;
  /** Those that are not over. */
  open(): Promise<readonly z.infer<typeof reaction>[]>;
  /** Clusters where it is ready. */
  ready(application?: string): Promise<readonly string[]>;
  /** Of the two providers first the one where it runs. */
  sides(application?: string): Promise<readonly [MemberName, MemberName]>;
  operations(): Promise<readonly z.infer<typeof operation>[]>;
  /** Takes effect with the next start. */
  configure(change: object): void;
  close(): Promise<void>;
};

export async function federatedProduct({ allowedAddresses = [], ...config }: Partial<ProductConfig>): Promise<FederatedProduct> {
  const world = await simulatedWorld();
  const product = await installProduct({
    probe: { image: probeImage },
    migration: { drainSecondsMin: 1, drainSecondsMax: 5 },
    ...config,
    allowedAddresses: [...world.allowedAddresses, ...allowedAddresses],
  });
  const hanse: FederatedProduct['hanse'] = async (...words) => {
    const { exit, out, err } = await product.hanse(...words);
    if (exit !== 0) throw new Error(`hanse ${words.join(' ')} ended with ${exit}: ${err}${out}`);
    return out;
  };
  const reactions = () => product.items(reaction, 'reactions');
  const ready: FederatedProduct['ready'] = async (application = 'shop') =>
    (await product.json(status, 'status', application)).placement.filter((one) => one.ready > 0).map(({ cluster }) => cluster);
  const close = async (): Promise<void> => {
    await product.close();
    await world.close();
  };
  try {
    await product.start();
    const file = handOut(world, product.folder);
    await hanse('cluster', 'add', 'home', '--kubeconfig', file('home'), '--side', 'consumer', '--yes');
    for (const name of ['pa', 'pb'] as const) await hanse('cluster', 'add', name, '--kubeconfig', file(name), '--side', 'provider', '--yes');
    await hanse('federate', 'pa', 'pb', '--yes');
  } catch (error) {
    await close();
    throw error;
  }
  return {
    world,
    product,
    hanse,
    async deploy(application, manifests, text) {
      const file = join(product.folder, 'policies', `${application}.yaml`);
      mkdirSync(join(product.folder, 'policies'), { recursive: true });
      writeFileSync(file, text);
      await hanse('deploy', application, '-f', manifests, '--policy', file, '--yes');
    },
    reactions,
    open: async () => (await reactions()).filter(({ state }) => state !== 'over'),
    ready,
    sides: async (application) => ((await ready(application))[0] === 'pa' ? ['pa', 'pb'] : ['pb', 'pa']),
    operations: () => product.items(operation, 'operations'),
    configure(change) {
      const file = join(product.folder, 'broker.yaml');
      writeFileSync(file, JSON.stringify({ ...Object(JSON.parse(readFileSync(file, 'utf8'))), ...change }));
    },
    close,
  };
}
