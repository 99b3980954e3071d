// Documents through the broker process and the command line: compared, applied, applied again, read back, changed, pruned.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { careless } from './migrateLab.ts';
import { installProduct, type Product, type Ran } from './product.ts';
import { probeImage } from './wholeJob.ts';
import { handOut, type JourneyWorld, memberNames, simulatedWorld } from './world.ts';

const operation = z.looseObject({ state: z.string() });
const placed = z.looseObject({ placement: z.array(z.looseObject({ cluster: z.string(), ready: z.number() })) });
const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'word' }, stringData: { canary: 'canary-of-a-secret' } };

const federation = (...providers: readonly string[]): string => `# yaml-language-server: $schema=http://127.0.0.1:7480/v1/schemas/Federation
apiVersion: hanse.dev/v1
kind: Federation
metadata: { name: home }
spec:
  providers:
${providers.map((provider) => `    - ${provider}\n`).join('')}`;
const policy = `apiVersion: hanse.dev/v1
kind: Policy
metadata: { name: labelled }
spec:
  criteria: ['label>=L1@certified']
`;
const application = (...lines: readonly string[]): string => `apiVersion: hanse.dev/v1
kind: Application
metadata: { name: shop }
spec:
  files: [manifests]
${lines.map((line) => `  ${line}\n`).join('')}`;

describe('documents', { timeout: 180_000 }, () => {
  let world: JourneyWorld;
  let product: Product;
  let folder: string;
  beforeAll(async () => {
    world = await simulatedWorld();
    product = await installProduct({
      allowedAddresses: world.allowedAddresses,
      probe: { image: probeImage },
      migration: { drainSecondsMin: 0, drainSecondsMax: 1 },
    });
    await product.start();
    const file = handOut(world, product.folder);
    for (const name of memberNames)
      await product.json(operation, 'cluster', 'add', name, '--kubeconfig', file(name), '--side', name === 'home' ? 'consumer' : 'provider', '--yes');
    folder = join(product.folder, 'wished');
    mkdirSync(join(folder, 'manifests'), { recursive: true });
    writeFileSync(join(folder, 'manifests', 'web.yaml'), careless());
    writeFileSync(join(folder, 'manifests', 'word.yaml'), JSON.stringify(secret));
    write('1-federation.yaml', federation('name: pa'));
    write('2-policy.yaml', policy);
    write('3-shop.yaml', application('policy: labelled', 'clusters: [pa]'));
  }, 180_000);
  afterAll(async () => {
    await product?.close();
    await world?.close();
  }, 60_000);

  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const diff = (...words: readonly string[]): Promise<Ran> => product.hanse('diff', '-f', folder, ...words);
  const apply = async (...words: readonly string[]): Promise<Ran> => {
    const ran = await product.hanse('apply', '-f', folder, '--yes', ...words);
    expect({ exit: ran.exit, said: ran.exit === 0 ? '' : ran.err + ran.out }).toEqual({ exit: 0, said: '' });
    return ran;
  };
  const settled = async (...words: readonly string[]): Promise<void> => expect(await diff(...words)).toMatchObject({ exit: 0, err: '' });
  const where = async (): Promise<Record<string, number>> => {
    const { placement } = await product.json(placed, 'status', 'shop');
    return Object.fromEntries(placement.filter(({ ready }) => ready > 0).map(({ cluster, ready }) => [cluster, ready]));
  };

  it('shows what differs and the plans, changes nothing, and ends with 1', async () => {
    const { exit, out } = await diff();
    expect(exit).toBe(1);
    expect(out).toContain('Policy labelled');
    expect(out).toContain('+ spec.providers.pa: ');
    expect(out).toMatch(/→ federate: Federate home with pa \(\d+ steps\)/);
    expect(out).toMatch(/→ deploy, which is planned when what comes before it is done/);
    expect(out).not.toMatch(/Plan: /);
    expect((await diff('--plans')).out).toMatch(/Plan: \d+ steps/);
    expect(await product.hanse('apply', '-f', folder)).toMatchObject({ exit: 7 }); // nobody to ask
    expect((await product.hanse('get', 'peerings')).out).toMatch(/Not federated/);
  });

  it('federates, stores and deploys in the order in which one needs the other; applied twice there is nothing to do', async () => {
    await apply();
    await expect.poll(where, { timeout: 60_000 }).toEqual({ pa: 6 });
    await settled();
    const again = await apply();
    expect(again.out).toMatch(/Federation home \(.*1-federation\.yaml:2\): nothing to do/);
    expect(again.out).toMatch(/Application shop .*: nothing to do/);
    expect(again.err).toBe('');
  });

  it('prints what stands as documents, without the data of Secrets; applied they find nothing to do', async () => {
    const kinds = ['federations', 'applications', 'policies'];
    const printed = await Promise.all(kinds.map((kind) => product.hanse('get', kind, '-o', 'yaml')));
    const text = printed.map(({ out }) => out).join('---\n');
    expect(parseAllDocuments(text)).toHaveLength(3);
    expect(text).not.toMatch(/canary-of|Y2FuYXJ5/);
    const kept = join(product.folder, 'kept.yaml');
    writeFileSync(kept, text);
    const { exit, out } = await product.hanse('diff', '-f', kept);
    expect({ exit, out: exit === 0 ? '' : out }).toEqual({ exit: 0, out: '' });
    expect(await product.hanse('apply', '-f', kept, '--yes')).toMatchObject({ exit: 0, err: '' });
  });

  it('deploys by a policy that is stored as by a file', async () => {
    const tried = (named: string): Promise<Ran> =>
      product.hanse('deploy', 'other', '-f', join(folder, 'manifests', 'web.yaml'), '--policy', named, '--where', 'country=DE', '--dry-run');
    const byFile = await tried(join(folder, '2-policy.yaml'));
    expect(byFile).toMatchObject({ exit: 3, err: expect.stringContaining('country=DE') });
    expect(await tried('labelled')).toEqual(byFile);
    expect(await tried('labeled')).toMatchObject({ exit: 2, err: expect.stringContaining('neither a file labeled nor a stored policy') });
  });

  it('resizes, moves and federates as the documents change', async () => {
    write('1-federation.yaml', federation('{ name: pa, resources: { cpu: 3 } }', 'name: pb'));
    write('3-shop.yaml', application('policy: labelled', 'clusters: [pb]'));
    expect((await diff()).out).toMatch(/- spec\.providers\.pa\.cpu: 4\n.*\+ spec\.providers\.pa\.cpu: 3\n/);
    await apply();
    await expect.poll(where, { timeout: 60_000 }).toEqual({ pb: 6 });
    await settled();
  });

  it('puts nothing anywhere else because it could also run there', async () => {
    write('3-shop.yaml', application('policy: labelled', 'prefer: [price]'));
    await apply();
    await settled();
    expect(await where()).toEqual({ pb: 6 });
  });

  it('moves away from a provider that no longer satisfies what is asked', async () => {
    write('3-shop.yaml', application('policy: labelled', "where: ['country=NL']"));
    expect(await diff()).toMatchObject({ exit: 1, out: expect.stringMatching(/→ migrate: .*shop.* from pb to /) });
    write('3-shop.yaml', application('policy: labelled', 'prefer: [price]'));
    await settled();
  });

  it('leaves and deletes what no document names only when it is told to prune', async () => {
    write('1-federation.yaml', federation('name: pb'));
    const { exit, out } = await diff();
    expect(exit).toBe(0);
    expect(out).toContain('home is also federated with pa, which the document does not name: it stays (--prune leaves it).');
    await apply('--prune');
    expect((await product.hanse('get', 'peerings')).out).not.toMatch(/^pa /m);
    await settled('--prune');
  });

  it('refuses misspelt documents with file, line, path and the nearest word, and changes nothing', async () => {
    const bad = join(product.folder, 'bad.yaml');
    writeFileSync(bad, `${federation('nam: pb')}---\n${policy.replace('label>', 'labels>')}---\n${application('policy: labeled')}`);
    mkdirSync(join(product.folder, 'manifests'));
    writeFileSync(join(product.folder, 'manifests', 'web.yaml'), careless());
    const { exit, err } = await product.hanse('diff', '-f', bad);
    expect(exit).toBe(2);
    for (const told of [
      'bad.yaml:7 spec.providers.0.nam: There is no field nam here.',
      'Did you mean name?',
      'bad.yaml:13 spec.criteria.0',
      'Did you mean label?',
    ])
      expect(err).toContain(told);
    writeFileSync(bad, application('policy: labeled'));
    expect((await product.hanse('diff', '-f', bad)).err).toMatch(/bad\.yaml:6.*\n?.*Did you mean labelled\?/);
    writeFileSync(bad, federation('name: pc'));
    expect((await product.hanse('apply', '-f', bad, '--yes')).err).toMatch(/There is no provider pc\./);
    await settled();
  });

  it('ends with more than 1 when it cannot compare', async () => {
    await product.stop();
    expect((await diff()).exit).toBe(8);
  });
});
