// A proof lapses: every state that a credential can come to, what runs on it then, and each answer that a policy can ask for, through the broker process.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { memoryDisk } from '../../simulator/disk.ts';
import { startGaiaX, type GaiaX } from '../../simulator/gaiax/gaiax.ts';
import { placesOf } from '../../simulator/outside.ts';
import { federatedProduct, type FederatedProduct } from './federatedProduct.ts';
import { settingsOf } from './gaiaxSettings.ts';

const credential = z.looseObject({ digest: z.string(), state: z.string(), types: z.array(z.string()), id: z.string().nullable() });
const turn = z.looseObject({ from: z.string(), state: z.string(), why: z.string().nullable() });
const affected = z.looseObject({
  application: z.string(),
  provider: z.string(),
  credential: z.string(),
  state: z.string(),
  holds: z.boolean(),
  plan: z.looseObject({ word: z.string(), state: z.string().nullable(), operation: z.string().nullable() }),
});
const words = ['warn', 'forbid', 'ask', 'act'] as const;
const policy = (label: string, word: string): string => `apiVersion: hanse.dev/v1
kind: Policy
metadata: { name: ${word} }
spec:
  criteria: [label>=${label}@certified]
  preferences: [price]
  react: { proof: ${word}, price: warn }
`;
const web = JSON.stringify({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'docker.io/library/nginx:1.29', resources: { requests: { cpu: '100m', memory: '32Mi' } } }] },
    },
  },
});
const seconds = { everySeconds: 1, offersSeconds: 1, holdSeconds: { proof: 1, price: 1 } };
const soon = { timeout: 120_000, interval: 500 };

describe('a proof that lapses', { timeout: 300_000 }, () => {
  let gaiaX: GaiaX;
  let all: FederatedProduct;
  let manifests: string;

  beforeAll(async () => {
    const members = placesOf(['home', 'pa', 'pb'].map((name) => ({ name, liqoClusterId: name, isHome: name === 'home' })));
    gaiaX = await startGaiaX({ disk: memoryDisk(), members, now: Date.now });
    all = await federatedProduct({ allowedAddresses: [new URL(gaiaX.url).host], reactions: { ...seconds, plansMax: 2 }, credentials: settingsOf(gaiaX) });
    manifests = join(all.product.folder, 'web.yaml');
    writeFileSync(manifests, web);
    // the cheaper one is pa
    for (const word of words) await all.deploy(word, manifests, policy('L1', word));
    await all.deploy('only', manifests, policy('L3', 'ask'));
    for (const word of words) expect(await all.ready(word)).toEqual(['pa']);
    expect(await all.ready('only')).toEqual(['pb']);
  }, 300_000);
  afterAll(async () => {
    await all?.close();
    await gaiaX?.close();
  }, 60_000);

  const impact = () => all.product.items(affected, 'impact');
  const reactionOf = async (application: string) => (await all.open()).find((one) => one.cause === 'proof' && one.application === application);
  const labelOf = async (provider: string) => {
    const listed = await all.product.items(credential, 'credentials?limit=1000');
    const found = listed.filter(({ types, id }) => types.includes('gx:LabelCredential') && id?.includes(`/${provider}/`));
    return found.find(({ state }) => state !== 'deprecated') ?? found[0];
  };
  /** From what to what, oldest first; each is an event of the audit log. */
  const turnsOf = async (digest: string): Promise<string[]> =>
    (await all.product.items(turn, `credentials/${digest}/history`)).map(({ from, state }) => `${from} → ${state}`).toReversed();
  const turned = async (digest: string, state: string): Promise<void> =>
    expect.poll(async () => (await turnsOf(digest)).at(-1)?.split(' → ')[1], soon).toBe(state);

  it('is answered as each policy says: told, closed, planned and asked, moved', async () => {
    await gaiaX.mark('suspension', 'pa', 'label');
    await expect.poll(async () => (await reactionOf('warn'))?.state, soon).toBe('warned');
    await expect.poll(async () => (await reactionOf('forbid'))?.state, soon).toBe('closed');
    await expect.poll(async () => (await reactionOf('ask'))?.state, soon).toBe('asking');
    // by itself
    await expect.poll(() => all.ready('act'), soon).toEqual(['pb']);
    await expect.poll(() => reactionOf('act'), soon).toBeUndefined();
    for (const word of ['warn', 'forbid', 'ask']) expect(await all.ready(word)).toEqual(['pa']);
    const lapsed = { provider: 'pa', state: 'suspended', holds: false };
    await expect.poll(impact, soon).toMatchObject([
      { ...lapsed, application: 'ask', plan: { word: 'ask', state: 'asking', operation: expect.stringMatching(/^op-/) } },
      { ...lapsed, application: 'forbid', plan: { word: 'forbid', state: 'closed', operation: null } },
      { ...lapsed, application: 'warn', plan: { word: 'warn', state: 'warned', operation: null } },
    ]);
    expect(await all.hanse('impact')).toMatch(/^ask +pa +label>=L1@certified .* suspended .* hanse operations approve op-/m);
  });

  it('lets nothing new go where a policy forbids it, and says why', async () => {
    const { exit, out, err } = await all.product.hanse('deploy', 'new', '-f', manifests, '--where', 'country=NL', '--yes');
    expect(exit).not.toBe(0);
    expect(out + err).toContain('nothing new goes there now');
    expect(await all.hanse('get', 'reactions')).toContain('pa no longer shows what forbid asks: asked label>=L1@certified');
    expect(await all.ready('forbid')).toEqual(['pa']);
  });

  it('is held back by the limits of number and pace, whatever a policy says, and forgotten when it passes', async () => {
    await gaiaX.mark('suspension', 'pb', 'label');
    await expect.poll(async () => (await reactionOf('only'))?.state, soon).toBe('heldBack');
    expect((await reactionOf('only'))?.because).toEqual([
      expect.stringMatching(/^pa is being left: of 2 providers at most 1 at once/),
      expect.stringMatching(/^2 plans were made in the last 60 minutes: no more than 2/),
    ]);
    await gaiaX.mark('suspension', 'pb', 'label', false);
    await expect.poll(() => reactionOf('only'), soon).toBeUndefined();
    await expect.poll(() => reactionOf('act'), soon).toBeUndefined();
    const moves = async () => (await all.operations()).filter(({ kind }) => kind === 'migrate').map(({ state }) => state);
    await expect.poll(async () => (await moves()).toSorted(), soon).toEqual(['done', 'planned']);
  });

  it('moves what a person approves, and what counts again is active again', async () => {
    await all.hanse('operations', 'approve', (await reactionOf('ask'))?.operation ?? '', '--wait');
    expect(await all.ready('ask')).toEqual(['pb']);
    const { digest = '' } = (await labelOf('pa')) ?? {};
    await gaiaX.mark('suspension', 'pa', 'label', false);
    await turned(digest, 'active');
    expect(await turnsOf(digest)).toEqual(['active → suspended', 'suspended → active']);
    await expect.poll(all.open, soon).toEqual([]);
    await expect.poll(impact, soon).toEqual([]);
  });

  it('is told of by what it came to: deprecated, expiring, expired, revoked, unverifiable', async () => {
    const onIt = async (): Promise<string[]> =>
      (await impact()).filter(({ application }) => application === 'only').map(({ state, holds }) => `${state} ${holds ? 'holds' : 'lapsed'}`);
    /** The next of its line. */
    const issuedAnew = async (before: string): Promise<string> => {
      await turned(before, 'deprecated');
      await expect.poll(async () => (await labelOf('pb'))?.digest, soon).not.toBe(before);
      return (await labelOf('pb'))?.digest ?? '';
    };
    /** Believed before its end: it lives the longer the slower this machine is. */
    const shortLived = async (before: string): Promise<string> => {
      for (let lifeMs = 10_000; ; lifeMs *= 2) {
        const until = Date.now() + lifeMs;
        await gaiaX.renew('pb', { kind: 'label', lifeMs });
        for (; Date.now() < until; await pause(200)) if ((await turnsOf(before)).at(-1)?.endsWith(' → deprecated') === true) return issuedAnew(before);
        if (lifeMs > 60_000) throw new Error(`It was not seen within ${lifeMs / 1000} s.`);
      }
    };
    const first = (await labelOf('pb'))?.digest ?? '';
    const short = await shortLived(first);
    await turned(short, 'expired');
    await expect.poll(onIt, soon).toEqual(['expired lapsed']);
    await gaiaX.renew('pb');
    const next = await issuedAnew(short);
    await expect.poll(onIt, soon).toEqual([]);
    await gaiaX.mark('revocation', 'pb', 'label');
    await turned(next, 'revoked');
    await expect.poll(onIt, soon).toEqual(['revoked lapsed']);
    await gaiaX.reset();
    const last = await issuedAnew(next);
    // two weeks before its end: seen at once of what lives for ten days
    await gaiaX.renew('pb', { kind: 'label', lifeMs: 10 * 86_400_000 });
    const ending = await issuedAnew(last);
    await expect.poll(onIt, soon).toEqual(['expiring holds']);
    // a broker that begins anew has fetched nothing that it could go on with
    await all.product.stop();
    await gaiaX.hide('labels');
    await all.product.start();
    await turned(ending, 'unverifiable');
    await expect.poll(onIt, soon).toEqual(['unverifiable lapsed']);
    await all.product.stop();
    await gaiaX.hide('labels', false);
    await all.product.start();
    await turned(ending, 'expiring');
    expect(await all.hanse('audit', 'verify')).toMatch(/\d/);
  });
});
