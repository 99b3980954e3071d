// Two brokers, two sides: a consumer asks, and its provider answers through a Hanse of its own; no credential of the one is known to the other.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { installProduct, type Product } from './product.ts';
import { probeImage } from './wholeJob.ts';
import { handOut, type JourneyWorld, type MemberName, simulatedWorld } from './world.ts';

const manifests = join(import.meta.dirname, '../../examples/shop');
const operation = z.looseObject({ id: z.string(), state: z.string() });
const consumers = z.array(
  z.looseObject({
    consumer: z.string(),
    answer: z.string(),
    standing: z.string(),
    maxCpu: z.string().nullable(),
    plan: z.string().nullable(),
    running: z.looseObject({ pods: z.number() }),
    wishes: z.array(z.looseObject({ state: z.string() })),
  }),
);
const reactions = z.array(z.looseObject({ cause: z.string(), state: z.string(), provider: z.string(), operation: z.string().nullable() }));

describe('a provider that answers', { timeout: 300_000 }, () => {
  let world: JourneyWorld;
  let consumer: Product;
  let provider: Product;
  beforeAll(async () => {
    world = await simulatedWorld();
    const config = { allowedAddresses: world.allowedAddresses, probe: { image: probeImage }, reactions: { everySeconds: 1 } };
    [consumer, provider] = [await installProduct(config), await installProduct(config)];
    await consumer.start();
    await provider.start();
    const add = async (at: Product, name: MemberName, side: string): Promise<void> => {
      expect(await at.json(operation, 'cluster', 'add', name, '--kubeconfig', handOut(world, at.folder)(name), '--side', side, '--yes')).toMatchObject({
        state: 'done',
      });
    };
    await add(consumer, 'home', 'consumer');
    await add(provider, 'pa', 'consumer');
    await add(consumer, 'pa', 'provider');
  }, 180_000);
  afterAll(async () => {
    await Promise.all([consumer?.close(), provider?.close()]);
    await world?.close();
  }, 60_000);

  const word = (...words: readonly string[]) => provider.json(operation, 'provider', ...words, '--yes');
  const requests = () => provider.json(consumers, 'provider', 'requests');
  const seenReactions = async () => (await consumer.json(reactions, 'get', 'reactions')).filter(({ state }) => state !== 'over');
  const states = async (id: string) => (await consumer.json(operation, 'operations', 'show', id)).state;

  it('sees who has an account at its cluster, and nobody else', async () => {
    expect(await requests()).toMatchObject([{ consumer: 'home', answer: 'yes', wishes: [] }]);
    expect(await consumer.json(consumers, 'provider', 'requests')).toEqual([]);
  });

  it('refuses, and the consumer hears why; a limit is held too', async () => {
    expect(await word('refuse', 'home', '--reason', 'the contract ended')).toMatchObject({ state: 'done' });
    const refused = await consumer.hanse('federate', 'pa', '--yes');
    expect(refused.exit).not.toBe(0);
    expect(refused.err + refused.out).toMatch(/the contract ended/);
    await word('accept', 'home');
    await word('cap', 'home', '--cpu', '1');
    const capped = await consumer.hanse('federate', 'pa', '--cpu', '4', '--yes');
    expect(capped.err + capped.out).toMatch(/lends less than is asked for/);
    await word('cap', 'home', '--cpu', '');
    expect(await requests()).toMatchObject([{ answer: 'yes', maxCpu: null }]);
  });

  it('is waited for, and the consumer goes on when it accepts', async () => {
    await word('ask', 'home', '--reason', 'we look at it today');
    const { id } = await consumer.json(operation, 'federate', 'pa', '--yes', '--no-wait');
    await expect.poll(() => states(id), { timeout: 120_000, interval: 1_000 }).toBe('waiting');
    expect((await consumer.hanse('operations', 'show', id)).out).toMatch(/pa has not decided yet: we look at it today/);
    const watched = await consumer.hanse('operations', 'watch', id, '--timeout', '2');
    expect(watched.out + watched.err).toMatch(/waits for pa has not decided yet: we look at it today/);
    await word('accept', 'home');
    await expect.poll(() => states(id), { timeout: 120_000, interval: 1_000 }).toBe('done');
    expect(await requests()).toMatchObject([{ consumer: 'home', wishes: [{ state: 'lent' }] }]);
  });

  it('is told that a consumer asks for something else, whose broker is another one', async () => {
    const told = async () => {
      const { rows } = await provider.test.store.pool.query<{ count: string }>("select count(*) from event where kind = 'consumers'");
      return Number(rows[0]?.count);
    };
    const before = await told();
    expect(await consumer.json(operation, 'resize', 'pa', '--cpu', '3', '--yes')).toMatchObject({ state: 'done' });
    await expect.poll(told, { timeout: 60_000, interval: 500 }).toBeGreaterThan(before);
  });

  it('sees under which plan, and what runs', async () => {
    const { exit, err, out } = await consumer.hanse('deploy', 'shop', '-f', manifests, '--yes');
    expect(exit, err + out).toBe(0);
    const [seen] = await requests();
    expect(seen).toMatchObject({ consumer: 'home', standing: 'open', namespaces: ['shop-home'], plan: expect.stringMatching(/^op-/) });
    expect(seen?.running.pods).toBeGreaterThan(0);
    expect(await states(seen?.plan ?? '')).toBe('done');
  });

  it('cordons: nothing new is lent, what runs stays, and the consumer is told why', async () => {
    const before = (await requests())[0]?.running;
    expect(await word('cordon', 'home', '--reason', 'the hall is full')).toMatchObject({ state: 'done' });
    expect(await requests()).toMatchObject([{ standing: 'cordoned', running: before, wishes: [{ state: 'lent' }] }]);
    const more = await consumer.hanse('resize', 'pa', '--cpu', '6', '--yes');
    expect(more.exit).not.toBe(0);
    expect(more.err + more.out).toMatch(/pa lends nothing new to this consumer: the hall is full/);
    await expect
      .poll(seenReactions, { timeout: 120_000, interval: 1_000 })
      .toMatchObject([{ cause: 'cordoned', provider: 'pa', state: 'warned', operation: null }]);
  });

  it('drains: the consumer is asked to move away and plans it, and not one pod is ended by it', async () => {
    const before = (await requests())[0]?.running;
    await word('drain', 'home', '--reason', 'a new floor');
    await expect
      .poll(seenReactions, { timeout: 120_000, interval: 1_000 })
      .toMatchObject([{ cause: 'draining', state: expect.stringMatching(/refused|asking/) }]);
    expect((await consumer.hanse('get', 'reactions')).out).toMatch(/pa asks us to move away: a new floor/);
    expect(await requests()).toMatchObject([{ standing: 'draining', running: before }]);
  });

  it('ends by force only while pods run, saying what is cut, and admits it again', async () => {
    const kept = await provider.hanse('provider', 'end', 'home', '--yes');
    expect(kept.exit).not.toBe(0);
    expect(kept.err).toMatch(/pods of home run here still/);
    const dry = await provider.hanse('provider', 'end', 'home', '--force', '--dry-run');
    expect(dry.out).toMatch(/pods of home .* are deleted/);
    expect(await requests()).toMatchObject([{ standing: 'draining' }]);
    expect(await word('end', 'home', '--force')).toMatchObject({ state: 'done' });
    // a namespace ends after its pods
    await expect
      .poll(requests, { timeout: 120_000, interval: 1_000 })
      .toMatchObject([{ standing: 'ended', answer: 'no', namespaces: [], running: { pods: 0 } }]);
    await word('accept', 'home');
    await expect.poll(async () => (await requests())[0]?.running.pods, { timeout: 120_000, interval: 1_000 }).toBeGreaterThan(0);
    await expect.poll(requests, { timeout: 120_000, interval: 1_000 }).toMatchObject([{ standing: 'open', answer: 'yes', wishes: [{ state: 'lent' }] }]);
  });

  it('says which consumers there are when it is asked for another', async () => {
    const { exit, err } = await provider.hanse('provider', 'accept', 'nobody', '--yes');
    expect(exit).not.toBe(0);
    expect(err).toMatch(/pa has no consumer nobody; there is home/);
  });
});
