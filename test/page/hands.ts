// What a person does with the keyboard alone.
import type { Page } from 'playwright-core';
import { z } from 'zod';

export type Hands = {
  /** ⌘K, some words, Enter. */
  palette(words: string): Promise<void>;
  /** Tab until this has the focus: what cannot be reached so fails here. */
  reach(name: string | RegExp): Promise<void>;
  /** Asks for the plan, and approves it by the button of that name. */
  plan(approval: string | RegExp): Promise<void>;
};

const tabsMost = 60;

export const handsOn = (page: Page): Hands => {
  const hands: Hands = {
    async palette(words) {
      await page.keyboard.press('Control+k');
      await page.keyboard.type(words);
      await page
        .locator('.palette li', { hasText: new RegExp(words.split(' ')[0] ?? '', 'i') })
        .first()
        .waitFor();
      await page.keyboard.press('Enter');
    },
    async reach(name) {
      for (let steps = 0; steps < tabsMost; steps += 1) {
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
    },
    async plan(approval) {
      await hands.reach('Show the plan');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: approval }).waitFor();
      await hands.reach(approval);
      await page.keyboard.press('Enter');
    },
  };
  return hands;
};
