// Two broker processes, each with its own database and command line: the second reads what the first believes, bit by bit, and judges it for itself.
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { memoryDisk } from '../../simulator/disk.ts';
import { members } from '../../simulator/federation.ts';
import { startGaiaX, type GaiaX } from '../../simulator/gaiax/gaiax.ts';
import { type Front, startFront } from '../front.ts';
import { settingsOf } from './gaiaxSettings.ts';
import { installProduct, type Product } from './product.ts';

const sources = z
  .array(
    z.looseObject({
      kind: z.string(),
      cursor: z.string().nullable(),
      held: z.number(),
      received: z.number(),
      refused: z.number(),
      removed: z.number(),
      failure: z.string().nullable(),
      limited: z.looseObject({ reason: z.string() }).nullable(),
    }),
  )
  .length(1);
const offers = z.looseObject({ items: z.array(z.looseObject({ offering: z.looseObject({ cluster: z.string() }), matches: z.boolean() })) });
const changes = z.looseObject({ items: z.array(z.looseObject({ seq: z.number(), digest: z.string(), credential: z.string().optional() })) });
const soon = { timeout: 120_000, interval: 1_000 };
const probe = { image: 'none' };

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('another Hanse', { timeout: 300_000 }, () => {
  let gaiaX: GaiaX;
  let front: Front;
  let first: Product;
  let second: Product;
  let isLying = false;
  const folder = mkdtempSync(join(tmpdir(), 'hanse-shared-'));

  /** As an operator hands it in: what the provider has published, in a file. */
  const handIn = async (member: string): Promise<void> => {
    const dispatcher = new Agent({ connect: { ca: gaiaX.authority } });
    const { body } = await request(`${gaiaX.url}/${member}/credentials`, { dispatcher });
    writeFileSync(join(folder, `${member}.jwt`), await body.text());
    await dispatcher.close();
  };
  const takeBack = (member: string): void => rmSync(join(folder, `${member}.jwt`));
  /** Digests of what lies in the folder of the first. */
  const lying = (): string[] =>
    readdirSync(folder)
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
      .map(digestOf)
      .toSorted();

  beforeAll(async () => {
    gaiaX = await startGaiaX({ disk: memoryDisk(), members, now: Date.now });
    const bend = (body: string): string => (isLying ? body.replaceAll('"credential":"e', '"credential":"f') : body);
    front = await startFront(() => first.url, bend);
    for (const member of ['main', 'po', 'ebro']) await handIn(member);
    const at = new URL(gaiaX.url).host;
    first = await installProduct({ allowedAddresses: [at], probe, credentials: { ...settingsOf(gaiaX, [folder]), shared: 'public' } });
    const trusting = { ...gaiaX, authority: gaiaX.authority + front.authority };
    second = await installProduct({ allowedAddresses: [at, front.host], probe, credentials: settingsOf(trusting, [{ hanse: `https://${front.host}` }]) });
    await first.start();
  }, 240_000);
  afterAll(async () => {
    await second?.close();
    await first?.close();
    front?.close();
    await gaiaX?.close();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const names = async (product: Product, ...words: readonly string[]): Promise<string[]> => {
    const { exit, out } = await product.hanse('offers', ...words, '-o', 'json');
    // 3: none matches
    return exit === 0 ? offers.parse(JSON.parse(out)).items.flatMap(({ offering, matches }) => (matches ? [offering.cluster] : [])) : [];
  };
  const labelled = async (product: Product): Promise<string[]> => (await names(product, '--where', 'label>=SC@certified')).toSorted();
  /** Read now, by the command. */
  const read = async (): Promise<z.infer<typeof sources>[number]> => {
    const [source] = await second.json(sources, 'catalogue', 'harvest');
    if (source === undefined) throw new Error('it has no source');
    return source;
  };
  /** The same, when the first was asked for its offers: what changed in its folder is there then. */
  const readSettled: typeof read = async () => {
    await labelled(first);
    return read();
  };
  /** What went over since then. */
  const passed = (since: number) => front.passed.slice(since).flatMap(({ body }) => changes.parse(JSON.parse(body)).items);
  const sent = (since: number): string[] => passed(since).flatMap(({ credential }) => (credential === undefined ? [] : [digestOf(credential)]));

  it('reads all of it once, judges it for itself, and then reads nothing that has not changed', async () => {
    await expect.poll(() => labelled(first), soon).toEqual(['ebro', 'main', 'po']);
    await second.start();
    await expect.poll(async () => (await read()).held, soon).toBe(lying().length);
    expect(await labelled(second)).toEqual(['ebro', 'main', 'po']);
    expect(sent(0).toSorted()).toEqual(lying());
    const mark = front.passed.length;
    const { cursor } = await read();
    expect(front.passed.length).toBeGreaterThan(mark);
    expect(passed(mark)).toEqual([]);
    expect((await second.hanse('catalogue')).out).toContain(`hanse https://${front.host}`);
    expect(cursor).toMatch(/^[0-9a-f-]{36}:\d+$/);
  });

  it('gets what came, what went and what was issued anew, and nothing else', async () => {
    const [mark, before, known] = [front.passed.length, await read(), lying()];
    await gaiaX.setPrice('po', 0.5);
    await handIn('po');
    await handIn('amstel');
    // last: when that is seen, all is
    takeBack('ebro');
    const seen = async (): Promise<string[]> => {
      await readSettled();
      return labelled(second);
    };
    await expect.poll(seen, soon).toEqual(['amstel', 'main', 'po']);
    await expect.poll(async () => (await read()).held, soon).toBe(lying().length);
    const fresh = lying().filter((digest) => !known.includes(digest));
    const gone = known.filter((digest) => !lying().includes(digest));
    expect(sent(mark).toSorted()).toEqual(fresh);
    expect(
      passed(mark)
        .flatMap(({ digest, credential }) => (credential === undefined ? [digest] : []))
        .toSorted(),
    ).toEqual(gone);
    expect(await read()).toMatchObject({ received: before.received + fresh.length, removed: before.removed + gone.length, failure: null });
    expect(await names(second, '--where', 'price<=0.1')).not.toContain('po');
  });

  it('goes on where it was when the other was killed, and keeps what it has meanwhile', async () => {
    const before = await read();
    await first.kill();
    await expect.poll(async () => (await read()).failure, soon).not.toBeNull();
    expect(await labelled(second)).toEqual(['amstel', 'main', 'po']);
    const [mark, known] = [front.passed.length, lying()];
    await handIn('ebro');
    await first.start();
    await expect.poll(async () => (await readSettled()).held, soon).toBe(lying().length);
    expect(sent(mark).toSorted()).toEqual(lying().filter((digest) => !known.includes(digest)));
    expect(front.passed[mark]?.path).toContain(`after=${before.cursor?.split(':')[1]}&`);
    expect(await read()).toMatchObject({ failure: null, removed: before.removed, refused: 0 });
  });

  it('leaves one alone that gives other bytes than it announced, and shows it', async () => {
    const before = await read();
    isLying = true;
    const all = ['amstel', 'main', 'po', 'ebro'];
    for (const member of all) await gaiaX.setPrice(member, 0.001);
    for (const member of all) await handIn(member);
    await expect.poll(async () => (await readSettled()).limited?.reason, soon).toContain('what it gave was not what it announced');
    const mark = front.passed.length;
    expect(await read()).toMatchObject({ received: before.received });
    expect(front.passed).toHaveLength(mark);
    expect((await second.hanse('catalogue')).out).toMatch(/limited until .*: \d+ times what it gave was not what it announced/);
    expect(await names(second, '--where', 'price<=0.005')).toEqual([]);
  });
});
