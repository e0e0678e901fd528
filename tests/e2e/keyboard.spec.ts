import type { Locator, Page } from '@playwright/test';
import { digits, expect, small, test } from './lab';

/** Presses Tab until the element has the focus; fails if it never gets it or the focus cannot be seen. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  for (let presses = 0; presses < 120; presses++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) {
      const seen = await wanted.evaluate((element) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
        return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
      });
      expect(seen, 'the focus can be seen').toBe(true);
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error('The keyboard did not reach the element.');
}

test('train, pause, step, restart and clear without a mouse', async ({ lab, page }) => {
  await lab.open(small);
  await tabTo(page, lab.button('Step'));
  await page.keyboard.press('Enter');
  await expect(lab.progress).toHaveAttribute('data-step', '1');

  await page.keyboard.press('Shift+Tab');
  await tabTo(page, lab.button('Train'));
  await page.keyboard.press('Space');
  await expect(lab.status).toHaveText('training');
  await tabTo(page, lab.button('Pause'));
  await page.keyboard.press('Space');
  await expect(lab.status).toHaveText('paused');

  await tabTo(page, lab.button('Restart'));
  await page.keyboard.press('Enter');
  await expect(lab.progress).toHaveAttribute('data-step', '0');

  await lab.draw(digits['1']!);
  await tabTo(page, lab.button('Clear'));
  await page.keyboard.press('Enter');
  await expect(lab.prediction).toHaveText('–');
});

test('nothing that can be reached by Tab is without a name', async ({ lab, page }) => {
  await lab.open(small);
  await lab.stepOnce();
  const session = await page.context().newCDPSession(page);
  await page.locator('body').press('Tab');
  const nameless: string[] = [];
  for (let presses = 0; presses < 60; presses++) {
    const { result } = await session.send('Runtime.evaluate', { expression: 'document.activeElement' });
    if (!result.objectId) break;
    const { nodes } = await session.send('Accessibility.getPartialAXTree', {
      objectId: result.objectId,
      fetchRelatives: false,
    });
    // Past the last element the focus is on the page itself.
    const onPage = result.description === 'body';
    if (!onPage && !nodes[0]?.name?.value) nameless.push(result.description ?? '?');
    await page.keyboard.press('Tab');
  }
  expect(nameless).toEqual([]);
});

test('the pad takes the keyboard: a stroke drawn by arrows is read', async ({ lab, page }) => {
  await lab.open();
  await lab.button('Clear').click();
  await expect(lab.prediction).toHaveText('–');
  await tabTo(page, lab.pad);
  for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Space');
  for (let i = 0; i < 22; i++) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Space');
  await expect(lab.prediction).toHaveText('1');
  await page.keyboard.press('Backspace');
  await expect(lab.prediction).toHaveText('–');
});
