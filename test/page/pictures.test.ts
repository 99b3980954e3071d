// Pictures of the page, for looking at: HANSE_PICTURES=FOLDER npx vitest run test/page/pictures.test.ts
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { noBrowser, openBrowser } from './browser.ts';
import { openStage } from './stage.ts';

const folder = process.env['HANSE_PICTURES'];
const asked = 'where=country%3DEU&where=label%3E%3DL1%40certified&prefer=price';
const shots: readonly (readonly [string, string, number, number, 'light' | 'dark'])[] = [
  ['map', '/members/main', 1440, 900, 'light'],
  ['map', '/members/main', 1440, 900, 'dark'],
  ['map', '/members/main', 1280, 800, 'light'],
  ['map', '/members/harbour', 1920, 1080, 'light'],
  ['map', '/members/main', 400, 860, 'dark'],
  ['offers', '/offers', 1280, 800, 'light'],
  ['operations', '/operations', 1280, 800, 'light'],
  ['application', '/applications/shop', 1280, 800, 'light'],
  ['provider', '/provider', 1280, 800, 'light'],
  ['plan', '/?do=federate', 1280, 800, 'dark'],
];

it.skipIf(folder === undefined || noBrowser !== null)(
  'paints the page while a move runs',
  async () => {
    const stage = await openStage({ added: ['harbour', 'amstel', 'main', 'po', 'ebro'] });
    const browser = await openBrowser();
    try {
      for (const name of ['amstel', 'main']) await stage.rows.peer(name);
      await stage.rows.peer('po', 'peering');
      for (const name of ['shop', 'search', 'billing']) await stage.rows.place(name, name === 'shop' ? 'amstel' : 'main');
      stage.gates.hold('drain');
      await stage.rows.place('shop', 'amstel', 'migrating');
      const id = await stage.start('migrate', { application: 'shop', from: 'amstel', to: 'main' });
      await new Promise((resolve) => setTimeout(resolve, 1500));
      for (const [name, path, width, height, colorScheme] of shots) {
        const page = await browser.newPage({ viewport: { width, height }, colorScheme, reducedMotion: 'no-preference' });
        await page.goto(await stage.link());
        await page.goto(`${stage.wire.url}${path}${path.includes('?') ? '&' : '?'}${asked}`);
        await page.locator('.count', { hasText: 'match' }).waitFor();
        await page.waitForTimeout(1000);
        await page.screenshot({ path: join(folder ?? '', `${name}-${width}-${colorScheme}.png`), fullPage: width < 800 });
        await page.context().close();
      }
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      await page.goto(await stage.link());
      await page.goto(`${stage.wire.url}/operations/${id}`);
      await page.locator('.steps').first().waitFor();
      await page.waitForTimeout(600);
      await page.screenshot({ path: join(folder ?? '', 'operation-1280-light.png') });
      expect(true).toBe(true);
    } finally {
      await browser.close();
      await stage.close();
    }
  },
  180_000,
);
