// How the page looks to whoever sees it, hears it, or has very much or nothing on it: in a real browser, before a real broker whose verbs need no clusters.
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noBrowser, openBrowser } from './browser.ts';
import { framesWhile } from './frames.ts';
import { manyOffers } from './manyOffers.ts';
import { openStage } from './stage.ts';
import type { Stage } from './stage.ts';
import { soon, visit } from './visit.ts';

describe.skipIf(noBrowser !== null)('the page to look at', { timeout: 180_000 }, () => {
  let browser: Browser;
  let stage: Stage;

  beforeAll(async () => {
    [browser, stage] = await Promise.all([openBrowser(), openStage({ added: ['harbour', 'amstel', 'main', 'ebro'] })]);
    await stage.rows.peer('main');
    await stage.rows.place('shop', 'main');
    const id = await stage.start('migrate', { application: 'shop', from: 'amstel', to: 'main' });
    await stage.until(id, (state) => state === 'done');
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  const enter = (path?: string, options?: BrowserContextOptions) => visit(browser, stage, path, options);

  it('keeps what is asked in its address, and says what would match if it were less', async () => {
    const page = await enter('/offers?where=label%3E%3DL3%40certified');
    await page.getByText('1 of 5 offers match').waitFor();
    await page.getByText(/label: L2 .*asked ≥ L3/).waitFor();
    await page.getByRole('button', { name: 'Take away label>=L3@certified' }).click();
    await page.getByText('5 offers', { exact: true }).waitFor();
    await page.getByRole('button', { name: '+ criterion' }).click();
    await page.keyboard.type('country=DE,NL');
    await page.keyboard.press('Enter');
    await page.getByText('2 of 5 offers match').waitFor();
    expect(new URL(page.url()).searchParams.getAll('where')).toEqual(['country=DE,NL']);
    await page.getByRole('checkbox', { name: 'Compare main' }).check();
    await page.getByRole('checkbox', { name: 'Compare amstel' }).check();
    await page.getByRole('table', { name: 'Side by side' }).waitFor();
    await page.getByRole('button', { name: '+ criterion' }).click();
    await page.keyboard.type('nonsense');
    await page.keyboard.press('Enter');
    await page.locator('.count.red').waitFor();
    await page.context().close();
  });

  const some = ['/members/main', '/offers', '/operations'];
  it.each([
    [400, 'light', some],
    [1280, 'dark', [...some, '/applications/shop', '/policies', '/audit', '/provider', '/?do=deploy']],
    [1920, 'light', some],
  ] as const)('has no serious fault for those who see or hear it otherwise, and nothing runs over its edge: %s wide, %s', async (width, colorScheme, paths) => {
    const page = await enter('/', { viewport: { width, height: 900 }, colorScheme });
    for (const path of paths) {
      await page.goto(stage.wire.url + path);
      await page.locator('.count', { hasText: /offers/i }).waitFor();
      await page.waitForTimeout(120); // no text is still being read
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(serious.map(({ id, nodes }) => `${path}: ${id}: ${nodes[0]?.html ?? ''} ${nodes[0]?.failureSummary ?? ''}`)).toEqual([]);
      expect(await page.evaluate(`document.documentElement.scrollWidth`), `${path} is wider than the window`).toBeLessThanOrEqual(width);
    }
    await page.context().close();
  });

  it('teaches the next step where there is nothing', async () => {
    stage.shown = { items: [], rejected: [{ source: '/offers/broken.jwt', reason: 'its signature does not hold' }] };
    const page = await enter('/offers');
    await page.getByText('sources: [').waitFor();
    await page.getByText('1 credential left out').click();
    await page.getByText('its signature does not hold').waitFor();
    stage.shown = null;
    await page.context().close();
  });

  it('stays quick with 500 members: names a few, paints the mass, and moves the land without painting it', async () => {
    stage.shown = { items: manyOffers(500), rejected: [] };
    const page = await enter();
    await page.getByText('500 offers').waitFor();
    await page.locator('.mark.offered').first().waitFor();
    await soon(() => page.evaluate(`document.querySelector('.stage canvas').style.transform`)).toBe('');
    expect(await page.locator('.mark').count()).toBeLessThanOrEqual(70);
    expect(
      await page
        .getByRole('table', { name: /members of the map/ })
        .getByRole('row')
        .count(),
    ).toBeGreaterThan(500);
    const paint = await page.evaluate(`Math.round(performance.getEntriesByName('first-contentful-paint')[0].startTime)`);
    await page.evaluate(`(() => {
      window.painted_ = 0;
      const canvas = document.querySelector('.stage canvas');
      const fill = CanvasRenderingContext2D.prototype.fill;
      CanvasRenderingContext2D.prototype.fill = function (...given) { if (this.canvas === canvas) window.painted_ += 1; return fill.apply(this, given); };
    })()`);
    const box = await page.locator('.stage').boundingBox();
    const [x, y] = [(box?.x ?? 0) + 40, (box?.y ?? 0) + 200];
    const traced = await framesWhile(page, async () => {
      await page.mouse.move(x, y);
      await page.mouse.down();
      for (let step = 1; step <= 30; step += 1) await page.mouse.move(x + step * 4, y + step);
      for (let step = 0; step < 6; step += 1) await page.mouse.wheel(0, -60);
    });
    expect(await page.evaluate('window.painted_')).toBeLessThan(16); // of 36 moves: only where the hand rested for a moment
    expect(traced.presented).toBeGreaterThan(0);
    await page.mouse.up();
    await soon(() => page.evaluate(`document.querySelector('.stage canvas').style.transform`)).toBe(''); // painted anew at rest
    process.stdout.write(
      `500 members: first paint after ${String(paint)} ms; moved and zoomed in a trace: ${traced.presented} frames presented, ${traced.dropped} dropped, the longest task ${traced.longestTaskMs} ms\n`,
    );
    stage.shown = null;
    await page.context().close();
  });

  it('reaches nothing but its broker, and breaks none of the rules that it is served under', async () => {
    const page = await enter();
    const hosts = new Set<string>();
    const said: string[] = [];
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    page.on('console', (message) => message.type() === 'error' && said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    await page.reload();
    await page.locator('.mark').first().waitFor();
    await page.waitForTimeout(300);
    expect([...hosts]).toEqual([new URL(stage.wire.url).host]);
    expect(said).toEqual([]);
    await page.context().close();
  });
});
