import type { Page } from '@playwright/test';
import { digits, expect, small, test } from './lab';

const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test.describe('at 200 % zoom', () => {
  // What a window of 1280×800 becomes: half as many CSS pixels, each of two by two.
  test.use({ viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });

  test('one can draw, train and change settings, and nothing has to be scrolled sideways', async ({ lab, page }) => {
    await lab.open(small);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await lab.button('Train').click();
    await expect.poll(() => lab.step(), { timeout: 60_000 }).toBeGreaterThan(20);
    await lab.pause();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    for (const menu of await page.locator('header button[aria-expanded], header summary').all()) {
      await menu.click();
      expect(await overflow(page), await menu.innerText()).toBeLessThanOrEqual(0);
      await page.keyboard.press('Escape');
    }
  });

  test('a drawing is read', async ({ lab }) => {
    await lab.open();
    await lab.button('Clear').click();
    await lab.draw(digits['7']!);
    await expect(lab.prediction).toHaveText('7');
  });
});

test.describe('with reduced motion', () => {
  test.use({ reducedMotion: 'reduce' });

  test('nothing moves by itself, and a run is still seen to learn', async ({ lab, page }) => {
    await lab.open(small);
    await lab.button('Train').click();
    await expect.poll(() => lab.step(), { timeout: 60_000 }).toBeGreaterThan(20);
    // Animations and transitions that take longer than an eye follows.
    const moving = await page.evaluate(() =>
      document
        .getAnimations()
        .filter((animation) => Number(animation.effect?.getComputedTiming().activeDuration ?? 0) > 20)
        .map((animation) => String((animation.effect as KeyframeEffect | null)?.target?.outerHTML.slice(0, 80))),
    );
    expect(moving).toEqual([]);
    const styled = await page.evaluate(() =>
      [...document.querySelectorAll('*')].flatMap((element) => {
        const { transitionDuration, animationDuration, animationName, scrollBehavior } = getComputedStyle(element);
        const long = (list: string) => list.split(',').some((time) => parseFloat(time) > 0.02);
        const moves = long(transitionDuration) || (animationName !== 'none' && long(animationDuration));
        return moves || scrollBehavior === 'smooth' ? [element.outerHTML.slice(0, 80)] : [];
      }),
    );
    expect(styled).toEqual([]);
    await lab.pause();
    expect((await lab.layers()).every(({ separated }) => separated > 0.5)).toBe(true);
  });
});

test.describe('by touch, 360 pixels wide', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 360, height: 640 } });

  test('a finger draws, trains and pauses', async ({ lab, page }) => {
    await lab.open({ ...small, weights: 'random' });
    await lab.button('Train').tap();
    await expect.poll(() => lab.step(), { timeout: 60_000 }).toBeGreaterThan(20);
    await lab.button('Pause').tap();
    await expect(lab.status).toHaveText('paused');
    await lab.open();
    await lab.button('Clear').tap();
    await expect(lab.prediction).toHaveText('–');
    await lab.pad.scrollIntoViewIfNeeded();
    const box = (await lab.pad.boundingBox())!;
    const browser = await page.context().newCDPSession(page);
    const at = (x: number, y: number) => [{ x: box.x + x * box.width, y: box.y + y * box.height }];
    const [first, ...rest] = digits['7']![0]!;
    await browser.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(...first!) });
    for (const place of rest) {
      await browser.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(...place) });
    }
    await browser.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await expect(lab.prediction).toHaveText('7');
    expect(await overflow(page)).toBeLessThanOrEqual(0);
  });
});
