// The page in a real browser, before a real broker whose verbs need no clusters: what a person can do with a mouse alone, with a keyboard alone, and what they are told.
import { AxeBuilder } from '@axe-core/playwright';
import { z } from 'zod';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noBrowser, openBrowser } from './browser.ts';
import { manyOffers } from './manyOffers.ts';
import { openStage } from './stage.ts';
import type { Stage } from './stage.ts';

if (noBrowser !== null) process.stdout.write(`The page is not tested: ${noBrowser}\n`);

const manifest = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\n';

describe.skipIf(noBrowser !== null)('the page', { timeout: 180_000 }, () => {
  let browser: Browser;
  let stage: Stage;

  beforeAll(async () => {
    [browser, stage] = await Promise.all([openBrowser(), openStage({ added: ['harbour', 'amstel', 'main', 'ebro'] })]);
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  /** Let in by a link of its own. */
  const enter = async (path = '/', options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(40_000);
    await page.goto(await stage.link());
    if (path !== '/') await page.goto(stage.wire.url + path);
    await page.locator('.count', { hasText: /offers/i }).waitFor();
    return page;
  };
  const soon = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 40_000, interval: 50 });
  const standing = (page: Page, text: string | RegExp) => page.locator('.strip', { hasText: text }).waitFor();

  it('lets nobody in without a link, and says how to get one', async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(stage.wire.url);
    await page.getByText('hanse page').waitFor();
    const link = await stage.link();
    await page.goto(link);
    await page.getByRole('link', { name: 'Offers' }).waitFor();
    expect(page.url()).toBe(`${stage.wire.url}/`); // the code has left the address
    const other = await (await browser.newContext()).newPage();
    await other.goto(link);
    await other.getByText('was used already').waitFor();
    await page.context().close();
    await other.context().close();
  });

  it('does the five verbs by mouse alone', async () => {
    const page = await enter();
    // federate
    await page.getByRole('link', { name: 'Plan federation' }).click();
    await page.getByRole('checkbox', { name: 'amstel' }).check();
    await page.getByRole('checkbox', { name: 'main' }).check();
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page
      .getByText(/undone by/)
      .first()
      .waitFor();
    expect(await stage.rows.joined()).toEqual([]); // nothing happens before it is approved
    await page.getByRole('button', { name: 'Federate with amstel and main' }).click();
    await soon(() => stage.rows.joined()).toEqual(['amstel', 'main']);
    await page.locator('.mark.joined').nth(1).waitFor();
    // deploy
    await page.locator('.mark', { hasText: 'amstel' }).click();
    await page.getByRole('link', { name: 'Deploy here…' }).click();
    await page.getByLabel('Name of the application').click();
    await page.keyboard.insertText('shop'); // as pasted
    await page.getByLabel('Manifests').click();
    await page.keyboard.insertText(manifest);
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.getByRole('button', { name: 'Deploy shop' }).click();
    await soon(() => stage.rows.at('amstel')).toEqual(['shop']);
    // migrate
    await page.getByRole('navigation').getByRole('link', { name: 'Applications' }).click();
    await page.getByRole('main').getByRole('link', { name: 'shop', exact: true }).click();
    await page.getByText('shop-7d9f-0').waitFor();
    await page.getByRole('link', { name: 'Move away from amstel…' }).click();
    await page.getByLabel('To', { exact: true }).selectOption('main');
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.getByText('Point of no return').waitFor();
    await page.getByRole('button', { name: 'Move shop from amstel to main' }).click();
    await standing(page, /Move shop.*done/);
    await page.locator('.numbers .green', { hasText: '0 s interrupted' }).waitFor();
    await soon(() => stage.rows.at('main')).toEqual(['shop']);
    // evacuate
    await page.getByRole('link', { name: 'Map' }).click();
    await page.locator('.mark', { hasText: 'main' }).click();
    await page.getByRole('link', { name: 'Evacuate…' }).click();
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.getByRole('button', { name: 'Evacuate main' }).click();
    await soon(() => stage.rows.at('amstel')).toEqual(['shop']);
    // leave: refused with its reason while something runs there, then done
    await page.goto(`${stage.wire.url}/?do=leave&provider=amstel`);
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.getByRole('alert').getByText('shop runs at amstel.').waitFor();
    await page.getByRole('link', { name: 'Close' }).click();
    await page.locator('.mark', { hasText: 'main' }).click();
    await page.getByRole('link', { name: 'Leave…' }).click();
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.getByRole('button', { name: 'Leave main' }).click();
    await soon(() => stage.rows.joined()).toEqual(['amstel']);
    await page.context().close();
  });

  it('does the five verbs by keyboard alone', async () => {
    const page = await enter();
    const palette = async (words: string): Promise<void> => {
      await page.keyboard.press('Control+k');
      await page.keyboard.type(words);
      await page
        .locator('.palette li', { hasText: new RegExp(words.split(' ')[0] ?? '', 'i') })
        .first()
        .waitFor();
      await page.keyboard.press('Enter');
    };
    /** Tab until this has the focus: what cannot be reached so fails here. */
    const reach = async (name: string | RegExp): Promise<void> => {
      for (let steps = 0; steps < 60; steps += 1) {
        const at = z.string().parse(
          await page.evaluate(`(() => {
            const at = document.activeElement;
            if (at.tagName === 'H2') return '';
            return [at.getAttribute('aria-label'), ...[...(at.labels ?? [])].map((label) => label.textContent), at.textContent].filter(Boolean).join(' ').trim();
          })()`),
        );
        if (typeof name === 'string' ? at.startsWith(name) : name.test(at)) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`The keyboard does not reach ${String(name)}.`);
    };
    const plan = async (approval: string): Promise<void> => {
      await reach('Show the plan');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: approval }).waitFor();
      await reach(approval);
      await page.keyboard.press('Enter');
    };
    await palette('federate');
    await reach('main');
    await page.keyboard.press('Space');
    await plan('Federate with main');
    await soon(() => stage.rows.joined()).toEqual(['amstel', 'main']);
    await palette('deploy');
    await reach('Name of the application');
    await page.keyboard.type('search');
    await page.keyboard.press('Tab');
    await page.keyboard.insertText(manifest);
    await reach('amstel');
    await page.keyboard.press('Space');
    await plan('Deploy search');
    await soon(() => stage.rows.at('amstel')).toEqual(['search', 'shop']);
    await page.getByRole('navigation').getByText('2', { exact: true }).first().waitFor();
    await palette('move search');
    await reach(/^To\b/);
    await page.keyboard.type('main');
    await plan('Move search from amstel to main');
    await soon(() => stage.rows.at('main')).toEqual(['search']);
    await palette('evacuate amstel');
    await plan('Evacuate amstel');
    await soon(() => stage.rows.at('amstel')).toEqual([]);
    await palette('leave amstel');
    await plan('Leave amstel');
    await soon(() => stage.rows.joined()).toEqual(['main']);
    await page.context().close();
  });

  it('reaches every member on the map by keyboard, and tells them in a table', async () => {
    const page = await enter();
    await page.locator('.mark').nth(4).waitFor();
    await page.getByRole('group', { name: /^Map/ }).focus();
    const reached: unknown[] = [];
    for (let steps = 0; steps < 5; steps += 1) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate(`document.activeElement?.getAttribute('data-thing')`));
    }
    expect(reached).toEqual(expect.arrayContaining(['amstel', 'ebro', 'harbour', 'main']));
    expect(
      await page
        .getByRole('table', { name: /members? of the map/ })
        .getByRole('row')
        .count(),
    ).toBe(7); // a head, four added, two offered
    await page.context().close();
  });

  it('says so when the connection is lost, and goes on without being loaded anew', async () => {
    const page = await enter();
    await page.evaluate(`document.body.dataset.same = 'page'`);
    await stage.wire.cut();
    await page.getByRole('alert').getByText('The connection to the broker is lost').waitFor();
    await stage.rows.peer('amstel');
    await stage.wire.mend();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.locator('.mark.joined', { hasText: 'amstel' }).waitFor(); // what happened meanwhile
    expect(await page.evaluate(`document.body.dataset.same`)).toBe('page');
    const id = await stage.start('leave', { provider: 'ebro' }); // and what happens from now on
    await stage.until(id, (state) => state === 'done');
    await standing(page, /Leave ebro.*done/);
    await stage.rows.part('amstel');
    await page.context().close();
  });

  it('shows an operation that fails, and that what was done is taken back', async () => {
    const page = await enter();
    const id = await stage.start('federate', { providers: ['ebro'] });
    await standing(page, /rolled back/);
    await standing(page, /ebro refuses the resource slice: its quota is used up/);
    await page.goto(`${stage.wire.url}/operations/${id}`);
    await page.locator('.steps .undone').first().waitFor();
    await page.getByText('CLUSTER_REJECTED').waitFor();
    expect(await stage.rows.joined()).not.toContain('ebro');
    await page.context().close();
  });

  it('offers only what is possible at the moment: rolling back before the point of no return', async () => {
    const page = await enter();
    const open = stage.gates.hold('detach');
    const before = await stage.rows.at('main');
    await stage.rows.peer('amstel');
    const id = await stage.start('migrate', { application: 'shop', from: 'main', to: 'amstel' });
    await page.locator('.steps .active', { hasText: 'Take main out of the endpoints' }).waitFor();
    expect(await page.title()).toMatch(/^3 of 8 – Move shop from main to amstel/);
    await page.getByRole('button', { name: 'Roll back' }).click();
    await stage.until(id, (state) => state === 'rolledBack');
    await standing(page, /rolled back/);
    expect(await page.getByRole('button', { name: 'Roll back' }).count()).toBe(0);
    open();
    expect(await stage.rows.at('main')).toEqual(before);
    await page.context().close();
  });

  it('keeps what is asked in its address, and says what would match if it were less', async () => {
    const page = await enter('/offers?where=label%3E%3DL3%40certified');
    await page.getByText('1 of 5 offers match').waitFor();
    await page.getByText(/found L2/).waitFor();
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
      window.frames_ = []; let last = performance.now();
      const tick = (now) => { window.frames_.push(now - last); last = now; requestAnimationFrame(tick); };
      requestAnimationFrame(tick);
      window.painted_ = 0;
      const canvas = document.querySelector('.stage canvas');
      const fill = CanvasRenderingContext2D.prototype.fill;
      CanvasRenderingContext2D.prototype.fill = function (...given) { if (this.canvas === canvas) window.painted_ += 1; return fill.apply(this, given); };
    })()`);
    const box = await page.locator('.stage').boundingBox();
    const [x, y] = [(box?.x ?? 0) + 40, (box?.y ?? 0) + 200];
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let step = 1; step <= 30; step += 1) await page.mouse.move(x + step * 4, y + step);
    const { painted, slowest, median } = z
      .object({ painted: z.number(), slowest: z.number(), median: z.number() })
      .parse(
        await page.evaluate(
          `(() => { const all = window.frames_.toSorted((a, b) => a - b); return { painted: window.painted_, slowest: Math.round(all.at(-1)), median: Math.round(all[all.length >> 1]) }; })()`,
        ),
      );
    expect(painted).toBeLessThan(10); // of 30 moves: only where the hand rested for a moment
    await page.mouse.up();
    await soon(() => page.evaluate(`document.querySelector('.stage canvas').style.transform`)).toBe(''); // painted anew at rest
    process.stdout.write(`500 members: first paint after ${String(paint)} ms; while moved, frames of ${median} ms in the median, ${slowest} ms at most\n`);
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
