// What the page must not make people believe: that there is nothing where nothing was told, that an offer which contradicts itself is like any other, and that a
// name is something else than it is.
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fact, Offer } from '../../contract/src/index.ts';
import { noBrowser, openBrowser } from './browser.ts';
import { manyOffers } from './manyOffers.ts';
import { openStage } from './stage.ts';
import type { Stage } from './stage.ts';
import { soon, visit } from './visit.ts';

const trouble = {
  status: 503,
  contentType: 'application/problem+json',
  body: JSON.stringify({
    type: 'urn:hanse:error:STORE_UNAVAILABLE',
    title: 'The database does not answer',
    status: 503,
    code: 'STORE_UNAVAILABLE',
    detail: 'The database does not answer.',
    retry: 'later',
    fix: 'Look whether it runs.',
    faults: [],
    request: '0f1e2d3c-0000',
  }),
};

describe.skipIf(noBrowser !== null)('the page', { timeout: 180_000 }, () => {
  let browser: Browser;
  let stage: Stage;

  beforeAll(async () => {
    [browser, stage] = await Promise.all([openBrowser(), openStage({ added: ['harbour', 'main'] })]);
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  const notice = (page: Page) => page.getByRole('alert').filter({ hasText: 'The broker cannot tell about' });
  const seriousOf = async (page: Page) => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
  };

  it('does not show what it was not told as if there were none, and goes on by itself', async () => {
    const page = await visit(browser, stage);
    await page.route(/\/v1\/(applications|operations|clusters)/, (route) => route.fulfill(trouble));
    await page.goto(`${stage.wire.url}/applications`);
    await notice(page).getByText('STORE_UNAVAILABLE').waitFor();
    await page.getByText('What is happening now is not known.').waitFor();
    expect(await page.getByText('Nothing is deployed').count()).toBe(0);
    expect(await page.getByText('cluster add').count()).toBe(0);
    expect(
      await page
        .getByRole('navigation')
        .getByRole('link', { name: /^Applications/ })
        .textContent(),
    ).toBe('Applications ');
    expect(await seriousOf(page)).toEqual([]);
    await page.unroute(/\/v1\/(applications|operations|clusters)/);
    await page.getByText('Nothing is deployed').waitFor();
    await notice(page).waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('keeps what it was told while the broker is in trouble, and says so', async () => {
    await stage.rows.place('shop', 'main');
    const page = await visit(browser, stage, '/applications');
    const shop = page.getByRole('main').getByRole('link', { name: 'shop' });
    await shop.waitFor();
    await page.route(/\/v1\/applications$/, (route) => route.fulfill(trouble));
    await stage.rows.tell('anything');
    stage.api.ring();
    await notice(page).getByText('What you see of it is what it said last.').waitFor();
    expect(await shop.count()).toBe(1);
    await page.context().close();
  });

  const offered = (more: Partial<Offer['offering']>, facts: readonly Fact[] = []): Offer => {
    const [offer] = manyOffers(2).slice(1);
    if (offer === undefined) throw new Error('two were made');
    return { ...offer, offering: { ...offer.offering, ...more, facts: [...offer.offering.facts, ...facts] } };
  };

  it('marks an offer that contradicts itself, and one that others claim, wherever it is met', async () => {
    const [other] = manyOffers(1)[0]?.offering.facts.filter(({ name }) => name === 'country') ?? [];
    const stated = { contradicted: ['country'], alsoClaimedBy: ['did:web:thief.example'] };
    const item = offered(
      { id: 'https://twice.example/it', name: 'Twice', ...stated },
      other === undefined ? [] : [{ ...other, value: 'DE', assurance: 'certified' }],
    );
    stage.shown = { items: [item, offered({ id: 'https://once.example/it', name: 'Once' })], rejected: [] };
    for (const [width, colorScheme] of [
      [1280, 'light'],
      [400, 'dark'],
    ] as const) {
      const page = await visit(browser, stage, '/offers', { viewport: { width, height: 860 }, colorScheme });
      const row = page.getByRole('table', { name: /^2 offers/ }).getByRole('row', { name: /Twice/ });
      await row.getByText('contradicts itself: country').waitFor();
      await row.getByText('1 other claims the same cluster').waitFor();
      expect(await page.getByText('contradicts itself').count()).toBe(1);
      expect(await seriousOf(page)).toEqual([]);
      await row.getByRole('link', { name: 'Twice' }).click();
      await page.getByText('It contradicts itself: country.').waitFor();
      await page.getByText('The same cluster is claimed by thief.example too.').waitFor();
      const rows = page.getByRole('table', { name: 'Facts and their proofs' }).getByRole('row');
      const marked = (await rows.allTextContents()).flatMap((text, at) => (text.includes('contradicted:') ? [at] : []));
      expect(marked).toHaveLength(2);
      expect((marked[1] ?? 0) - (marked[0] ?? 0)).toBe(1); // side by side
      expect(await seriousOf(page)).toEqual([]);
      await page.goto(`${stage.wire.url}/members/${encodeURIComponent('https://twice.example/it')}`);
      await page.getByText('Its offer contradicts itself: country.').waitFor();
      await page.context().close();
    }
    stage.shown = null;
  });

  it('lets no name hide the other offers, steer the text beside it, or be nothing to click', async () => {
    const names = ['W'.repeat(300), 'safe \u202Egnp.exe', '<img src=x onerror=alert(1)>', '', 'مجموعة السحابة (cluster)'];
    stage.shown = {
      items: [
        offered({ id: 'https://plain.example/it', name: 'Plain' }),
        ...names.map((name, at) => offered({ id: `https://n${at}.example/it`, name, provider: `did:web:${'sub.'.repeat(60)}example` })),
      ],
      rejected: [],
    };
    for (const width of [1280, 400]) {
      const page = await visit(browser, stage, '/offers', { viewport: { width, height: 860 } });
      const table = page.getByRole('region', { name: 'Table of offers' });
      await table.getByRole('row', { name: /Plain/ }).waitFor();
      expect(
        await page.evaluate(`(() => { const at = document.querySelector('[aria-label="Table of offers"]'); return at.scrollWidth - at.clientWidth; })()`),
      ).toBe(0);
      expect(await table.getByRole('row', { name: /Plain/ }).getByText('0.0110').isVisible()).toBe(true);
      expect(await table.textContent()).not.toMatch(/\u202E/);
      expect(await page.locator('main img').count()).toBe(0);
      await table.getByRole('link', { name: 'https://n3.example/it' }).waitFor(); // at least its id
      expect(await seriousOf(page)).toEqual([]);
      for (const path of ['/offers', '/members']) {
        await page.goto(`${stage.wire.url}${path}/${encodeURIComponent('https://n0.example/it')}`);
        await page
          .getByRole('heading', { name: /^W{20}/ })
          .first()
          .waitFor();
        expect(await page.evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`)).toBe(0);
        expect(await page.evaluate(`[...document.querySelectorAll('.view, .side')].every((at) => at.scrollWidth <= at.clientWidth)`)).toBe(true);
      }
      await page.context().close();
    }
    stage.shown = null;
  });

  it('knows the offers of who was added, and opens any other, however many there are', async () => {
    const last = offered({ id: 'https://main.example/it', name: 'Zuider cluster' });
    stage.shown = { items: [...manyOffers(700), { ...last, cluster: 'main' }], rejected: [] };
    const page = await visit(browser, stage, '/members/main');
    await page.getByText('The map shows the first 500 of 701 offers.').waitFor();
    await page.getByRole('link', { name: 'Every proof of its offer' }).waitFor();
    await page.getByRole('complementary', { name: 'About main' }).getByText('Zuider cluster').waitFor();
    await page.goto(`${stage.wire.url}/offers/${encodeURIComponent('https://p650.example/cluster')}`);
    await page.getByRole('heading', { name: 'Provider 650' }).waitFor();
    await page.context().close();
    stage.shown = null;
  });

  it('shows no more assurance than there is where the browser chooses the colours', async () => {
    const page = await visit(browser, stage, '/offers/main', { forcedColors: 'active' });
    const row = page.getByRole('table', { name: 'Facts and their proofs' }).getByRole('row', { name: /^country/ });
    await row.waitFor();
    expect(await row.getByRole('img', { name: 'declared' }).innerText()).toBe('●●');
    await page.context().close();
  });

  it('shows every criterion that is asked, and where to ask another, however many there are', async () => {
    const asked = ['country=DE,NL,FR', 'label>=L2@certified', 'price<=0.05', 'gpu.count>=8', 'iso27001=true', 'memory>=64GiB', 'energy.renewable>=50'];
    const query = [...asked.map((one) => `where=${encodeURIComponent(one)}`), 'prefer=price*2', 'prefer=country%3DDE*3'].join('&');
    const page = await visit(browser, stage, `/offers?${query}`);
    const chips = page.getByRole('list', { name: 'Criteria' });
    await soon(() => chips.getByRole('button').count()).toBe(10);
    const [bar, ...boxes] = await Promise.all([page.locator('.top'), ...(await chips.getByRole('button').all())].map((each) => each.boundingBox()));
    for (const box of boxes) expect(box?.y ?? 0, 'below the bar').toBeLessThanOrEqual((bar?.y ?? 0) + (bar?.height ?? 0) - (box?.height ?? 0));
    for (const box of boxes) expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(1280);
    expect(await page.locator('.count').evaluate((at) => at.getBoundingClientRect().top)).toBeGreaterThanOrEqual(0);
    await page.context().close();
  });
});
