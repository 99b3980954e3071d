// A real browser: an installed Chromium or Chrome, else the one from npm, which runs on Linux x64 alone.
import { existsSync } from 'node:fs';
import chromium from '@sparticuz/chromium';
import { chromium as playwright } from 'playwright-core';
import type { Browser } from 'playwright-core';

const installed = [
  process.env['HANSE_BROWSER'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
].find((path): path is string => path !== undefined && existsSync(path));

const npmRuns = process.platform === 'linux' && process.arch === 'x64';

/** Why there is none; null: there is. */
export const noBrowser: string | null =
  installed !== undefined || npmRuns
    ? null
    : `no Chromium or Chrome is installed, and the one from npm runs on Linux x64 only (this is ${process.platform} ${process.arch}); HANSE_BROWSER names one`;

// not the arguments that its package proposes: one process for everything, and no web security
const args = ['--no-sandbox', '--no-zygote', '--disable-gpu'];

export const openBrowser = async (): Promise<Browser> =>
  playwright.launch({ executablePath: installed ?? (await chromium.executablePath()), args, headless: true });
