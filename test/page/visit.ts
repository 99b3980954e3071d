// A browser that is let in, and what is asked of its page.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Stage } from './stage.ts';

/** Let in by a link of its own. */
export const visit = async (browser: Browser, stage: Stage, path = '/', options: BrowserContextOptions = {}): Promise<Page> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(40_000);
  await page.goto(await stage.link());
  if (path !== '/') await page.goto(stage.wire.url + path);
  await page.locator('.count', { hasText: /offers/i }).waitFor();
  return page;
};

export const soon = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 40_000, interval: 50 });
export const standing = (page: Page, text: string | RegExp) => page.locator('.strip', { hasText: text }).waitFor();
