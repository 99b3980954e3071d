// Pictures of the page, for looking at: HANSE_PICTURES=FOLDER npx vitest run test/page/pictures.test.ts
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { noBrowser, openBrowser } from './browser.ts';
import { openStage } from './stage.ts';

const folder = process.env['HANSE_PICTURES'];

it.skipIf(folder === undefined || noBrowser !== null)(
  'paints the page while a move runs, light and dark',
  async () => {
    const stage = await openStage({ added: ['harbour', 'amstel', 'main', 'po', 'ebro'] });
    const browser = await openBrowser();
    try {
      for (const name of ['amstel', 'main']) await stage.rows.peer(name);
      await stage.rows.peer('po', 'peering');
      for (const name of ['shop', 'search', 'billing']) await stage.rows.place(name, name === 'shop' ? 'amstel' : 'main');
      stage.gates.hold('drain');
      await stage.rows.place('shop', 'amstel', 'migrating');
      await stage.start('migrate', { application: 'shop', from: 'amstel', to: 'main' });
      await new Promise((resolve) => setTimeout(resolve, 1500));
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme, reducedMotion: 'no-preference' });
        await page.goto(await stage.link());
        await page.goto(`${stage.wire.url}/members/main?where=country%3DEU&where=label%3E%3DL1%40certified&prefer=price`);
        await page.waitForSelector('.mark.joined');
        await page.waitForTimeout(1200);
        await page.screenshot({ path: join(folder ?? '', `map-${colorScheme}.png`) });
        await page.context().close();
      }
      expect(true).toBe(true);
    } finally {
      await browser.close();
      await stage.close();
    }
  },
  180_000,
);
