// How the page looks to whoever sees it, hears it, or has very much or nothing on it: in a real browser, before a real broker whose verbs need no clusters.
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { noBrowser, openBrowser } from './browser.ts';
import { framesWhile } from './frames.ts';
import { manyOffers } from './manyOffers.ts';
import { openStage } from './stage.ts';
import type { Stage } from './stage.ts';
import { soon, visit } from './visit.ts';

type Work = { readonly paints: number; readonly marks: number };

/** Every painting of a canvas of the map, and every change of a mark. */
const countWork = `(() => {
  window.work_ = { paints: 0, marks: 0 };
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...given) { window.work_.paints += 1; return clear.apply(this, given); };
  new MutationObserver((records) => { window.work_.marks += records.length; }).observe(document.querySelector('.stage svg'), { subtree: true, childList: true, attributes: true });
})()`;

/** One turn a frame; answers how often it stood still for so long that the map may have taken it for a rest. */
const turnTheWheel = `(async () => {
  const stage = document.querySelector('.stage');
  const { left, top } = stage.getBoundingClientRect();
  let rests = 0;
  let last = performance.now();
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const now = performance.now();
    if (now - last > 100) rests += 1;
    last = now;
    stage.dispatchEvent(new WheelEvent('wheel', { deltaY: turn < 10 ? -30 : 30, clientX: left + 300, clientY: top + 200, bubbles: true, cancelable: true }));
  }
  return rests;
})()`;

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
    await page.evaluate(countWork);
    const work = (): Promise<Work> => page.evaluate('({ ...window.work_ })');
    const box = await page.locator('.stage').boundingBox();
    const [x, y] = [(box?.x ?? 0) + 40, (box?.y ?? 0) + 200];
    await page.mouse.move(x, y);
    await page.mouse.down();
    const dragged = await framesWhile(page, async () => {
      for (let step = 1; step <= 30; step += 1) await page.mouse.move(x + step * 4, y + step);
    });
    // whatever else this machine does: a hand that drags makes the page render nothing, lay out nothing and paint nothing, it moves one layer
    expect(await work()).toEqual({ paints: 0, marks: 0 });
    expect(await page.evaluate(`document.querySelector('.stage .scene').style.transform`)).toMatch(/^translate\(120px, 30px\)/);
    expect(dragged.presented).toBeGreaterThan(0);
    await page.mouse.up();
    await soon(() => page.evaluate(`document.querySelector('.stage .scene').style.transform`)).toBe(''); // painted anew, once
    await soon(async () => (await work()).paints).toBe(2); // land and mass
    await page.evaluate('window.work_.paints = 0');
    let rests = 0;
    const zoomed = await framesWhile(page, async () => {
      rests = z.number().parse(await page.evaluate(turnTheWheel));
    });
    await soon(() => page.evaluate(`document.querySelector('.stage .scene').style.transform`)).toBe('');
    expect((await work()).paints).toBeLessThanOrEqual(2 * (rests + 1)); // where the wheel rested, as it itself saw
    for (const [what, { presented, dropped, scriptMs, styleMs, layoutMs, paintMs, layouts, longestTaskMs }] of [
      ['dragged by 30 steps', dragged],
      ['enlarged by 20', zoomed],
    ] as const)
      process.stdout.write(
        `500 members, ${what}: ${presented} frames presented, ${dropped} dropped; ms of the processor: script ${scriptMs}, style ${styleMs}, layout ${layoutMs} (${layouts}), paint ${paintMs}, the longest task ${longestTaskMs}\n`,
      );
    process.stdout.write(`500 members: first paint after ${String(paint)} ms\n`);
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
