// The five verbs on the page against the demo as npm start runs it: by mouse alone there, by keyboard alone back.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installDemo, type DemoProgram } from '../journeys/demoProgram.ts';
import { noBrowser, openBrowser } from './browser.ts';
import { handsOn } from './hands.ts';

const manifest = readFileSync(join(import.meta.dirname, '../../examples/shop/shop.yaml'), 'utf8');
const longMs = 150_000;

describe.skipIf(noBrowser !== null)('the page of the demo', { timeout: 400_000 }, () => {
  let browser: Browser;
  let demo: DemoProgram;
  let page: Page;

  beforeAll(async () => {
    [browser, demo] = await Promise.all([openBrowser(), installDemo()]);
    await demo.start();
    const { out } = await demo.hanse('page');
    page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    page.setDefaultTimeout(40_000);
    await page.goto(/http:\/\/\S+/.exec(out)?.[0] ?? '');
    await page.locator('.count', { hasText: /offers/ }).waitFor();
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await demo?.close();
  }, 30_000);

  /** By mouse: asks for the plan, and approves it. */
  const planned = async (approval: string | RegExp): Promise<void> => {
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.getByRole('button', { name: approval }).click();
  };
  const ends = (text: RegExp) => page.locator('.strip h2', { hasText: text }).waitFor({ timeout: longMs });
  const marked = (state: string, name: string) => page.locator(`.mark.${state}`, { hasText: name }).waitFor({ timeout: longMs });

  it('finds, federates, deploys, moves, pauses in the midst, and leaves by mouse alone', async () => {
    await page
      .getByRole('navigation')
      .getByRole('link', { name: /^Offers/ })
      .click();
    await page.getByRole('button', { name: /^DE/ }).click();
    await page.getByText('1 of 5 offers match').waitFor();
    await page.getByRole('button', { name: /^DE/ }).click();
    await page.getByRole('link', { name: 'Map' }).click();

    await page.getByRole('link', { name: 'Plan federation' }).click();
    await page.getByRole('checkbox', { name: 'main' }).check();
    await page.getByRole('checkbox', { name: 'ebro' }).check();
    await planned(/^Federate with/);
    await ends(/Federate.*done/i);
    await marked('joined', 'ebro');
    await page.locator('.circuit.ready').first().waitFor(); // layer 2 stands on the map

    await page.locator('.mark', { hasText: 'ebro' }).click();
    await page.getByRole('link', { name: 'Deploy here…' }).click();
    await page.getByLabel('Name of the application').click();
    await page.keyboard.insertText('shop'); // as pasted
    await page.getByLabel('Manifests').click();
    await page.keyboard.insertText(manifest);
    await planned('Deploy shop');
    await ends(/Deploy shop.*done/i);

    await page.getByRole('navigation').getByRole('link', { name: 'Applications' }).click();
    await page.getByRole('main').getByRole('link', { name: 'shop', exact: true }).click();
    await page.getByRole('link', { name: 'Move away from ebro…' }).click();
    await page.getByLabel('To', { exact: true }).selectOption('main');
    await page.getByLabel('Seconds for which clients').click();
    await page.keyboard.insertText('1');
    await page.getByLabel('Seconds to watch').click();
    await page.keyboard.insertText('1');
    await planned(/^Move shop/);
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.locator('.strip', { hasText: 'Paused: no other step is begun' }).waitFor({ timeout: longMs });
    await page.getByRole('button', { name: 'Resume' }).click();
    await ends(/Move shop.*done/i);
    const big = await page.locator('.numbers .big.green').textContent();
    expect(big).toMatch(/^0 (lost|s interrupted)$/);

    await page.getByRole('link', { name: 'Map' }).click();
    await page.locator('.mark', { hasText: 'ebro' }).click();
    await page.getByRole('link', { name: 'Leave…' }).click();
    await planned('Leave ebro');
    await ends(/Leave ebro.*done/i);
    await marked('offered', 'ebro');
  });

  it('federates, deploys, moves and leaves by keyboard alone', async () => {
    const { palette, reach, plan } = handsOn(page);
    await palette('federate');
    await reach('ebro');
    await page.keyboard.press('Space');
    await plan(/^Federate with ebro/);
    await ends(/Federate.*ebro.*done/i);

    await palette('deploy');
    await reach('Name of the application');
    await page.keyboard.type('search');
    await page.keyboard.press('Tab');
    await page.keyboard.insertText(manifest);
    await reach('main');
    await page.keyboard.press('Space');
    await plan('Deploy search');
    await ends(/Deploy search.*done/i);

    await palette('move search');
    await reach(/^To\b/);
    await page.keyboard.type('ebro');
    await reach('Seconds for which clients');
    await page.keyboard.type('1');
    await reach('Seconds to watch');
    await page.keyboard.type('1');
    await plan(/^Move search/);
    await ends(/Move search.*done/i);

    await palette('delete');
    await reach('Which application');
    await page.keyboard.type('shop');
    await plan('Delete shop');
    await ends(/Delete shop.*done/i);
    await palette('leave main');
    await plan('Leave main');
    await ends(/Leave main.*done/i);
    await marked('offered', 'main');
  });
});
