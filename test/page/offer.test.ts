// An offer's page: every fact with its proof, whose word it is down to where trust ends, why it does not match, and what became of it. The command line says
// the same. And what somebody who shows all this says meanwhile.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hanse } from '../cli.ts';
import { noBrowser, openBrowser } from './browser.ts';
import { openStage } from './stage.ts';
import type { Stage } from './stage.ts';
import { visit } from './visit.ts';

describe.skipIf(noBrowser !== null)('an offer', { timeout: 180_000 }, () => {
  let browser: Browser;
  let stage: Stage;

  beforeAll(async () => {
    [browser, stage] = await Promise.all([openBrowser(), openStage({ added: ['harbour', 'main', 'ebro'] })]);
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  it('shows each fact with its proof, and what is asked beside what was found', async () => {
    const page = await visit(browser, stage, '/offers/main?where=country%3DIT&where=label%3E%3DL1%40certified');
    await page.getByRole('heading', { name: 'main does not match' }).waitFor();
    const asked = page.getByRole('table', { name: 'What is asked and what was found' });
    expect(await asked.getByRole('row', { name: /^country/ }).textContent()).toMatch(/IT.*DE \(declared\).*✗/);
    expect(await asked.getByRole('row', { name: /^label/ }).textContent()).toMatch(/≥ L1 @certified.*L3 \(certified\).*✓/);
    const label = page.getByRole('table', { name: 'Facts and their proofs' }).getByRole('row', { name: /^label/ });
    expect(await label.textContent()).toMatch(/L3.*certified.*compliance\.example.*label.*\d\d.*✓ \d+/);
    await label.getByRole('link').click();
    await page.locator('.credential[open]').getByText('signature').first().waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual(
      [],
    );
    await page.context().close();
  });

  it('draws the chain of trust down to where it ends, once for what is shared', async () => {
    const page = await visit(browser, stage, '/offers/main');
    const words = page.getByRole('list', { name: 'Chain of trust, in words' });
    await words.waitFor({ state: 'attached' });
    // the demo's issuers have their keys in the configuration
    expect(await words.getByRole('listitem').first().textContent()).toMatch(/ES256.*your configuration/);
    expect(await page.locator('.trust .link', { hasText: 'your configuration' }).count()).toBe(1);
    expect(await page.locator('.trust .link', { hasText: 'ES256' }).count()).toBeGreaterThan(1);
    await page.setViewportSize({ width: 400, height: 860 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(400);
    await page.context().close();
  });

  it('says what is expiring while there is time, and what has ended', async () => {
    const offered = await stage.api.call('/v1/offers/main');
    const { credentials } = (await offered.json()) as { credentials: readonly { validUntil: string | null }[] };
    const [first] = credentials.flatMap(({ validUntil }) => validUntil ?? []).toSorted((left, right) => (left < right ? -1 : 1));
    const page = await visit(browser, stage, '/offers/main');
    await page.getByText(/Nothing that it rests on ends within 30 days. The first to end:/).waitFor();
    const expiring = page.getByRole('list', { name: 'What is expiring' });
    for (const [days, word] of [
      [12, 'amber'],
      [-1, 'red'],
    ] as const) {
      await page.clock.setFixedTime(Date.parse(first ?? '') - days * 86_400_000);
      await page.reload();
      await expiring.locator(`b.${word}`).first().waitFor();
    }
    await page.context().close();
  });

  it('tells what became of a credential as it happens, here and on the command line', async () => {
    const page = await visit(browser, stage, '/offers/main');
    await page.getByText('Nothing: each is as it was when it first came.').waitFor();
    const offered = await stage.api.call('/v1/offers/main');
    const { credentials } = (await offered.json()) as { credentials: readonly { digest: string; types: readonly string[] }[] };
    const digest = credentials.find(({ types }) => types.some((type) => type.endsWith('LabelCredential')))?.digest ?? '';
    await stage.rows.turn(digest, { from: 'active', state: 'suspended', why: 'its list has it suspended' });
    await page.getByRole('list', { name: 'What became of them' }).getByText('suspended').first().waitFor();
    await page.context().close();
    const { exit, out } = await hanse('explain offer main --where country=IT'.split(' '), { url: stage.api.url });
    expect(exit).toBe(3);
    for (const told of [
      /✗ country=IT: asked country=IT, found DE/,
      /^label +L3 +certified/m,
      /active → suspended: its list has it suspended/,
      /key +EC P-256, ES256/,
    ])
      expect(out).toMatch(told);
  });

  it('says what went, and does not stand as if it had never been', async () => {
    const page = await visit(browser, stage, '/offers/ebro');
    const facts = page.getByRole('table', { name: 'Facts and their proofs' });
    await facts.getByRole('row', { name: /^label/ }).waitFor();
    rmSync(join(stage.folder, 'ebro-label.jwt'));
    await stage.api.call('/v1/offers/ebro');
    await page.getByRole('list', { name: 'What became of them' }).getByText('gone').first().waitFor();
    await facts.getByRole('row', { name: /^label/ }).waitFor({ state: 'detached' });
    await page.context().close();
    const { out } = await hanse('explain offer ebro'.split(' '), { url: stage.api.url });
    expect(out).toMatch(/active → gone: no source gives it any more/);
    expect(out).not.toMatch(/^label /m);
  });

  it('finds offers by their words, and keeps the words in its address', async () => {
    const page = await visit(browser, stage, '/offers');
    await page.getByRole('searchbox').fill('madrid');
    const rows = page.getByRole('table', { name: /^1 offer/ }).getByRole('row');
    await rows.nth(1).waitFor();
    expect(await rows.nth(1).textContent()).toContain('ebro');
    expect(new URL(page.url()).searchParams.get('text')).toBe('madrid');
    await page.context().close();
  });

  it('says above the map what somebody who shows it says, until nothing is said', async () => {
    const page = await visit(browser, stage, '/');
    const say = (caption: object | null) => stage.api.call('/v1/caption', { method: 'PUT', body: JSON.stringify({ caption }) });
    await say({ title: 'Federate', text: 'One plan.', command: 'hanse federate main', part: 2, parts: 5 });
    const caption = page.getByRole('complementary', { name: 'Caption' });
    await caption.getByText('$ hanse federate main').waitFor();
    await caption.getByText('2 of 5').waitFor();
    await say(null);
    await caption.waitFor({ state: 'detached' });
    await page.context().close();
  });
});
