import { digits, expect, placed, test } from './lab';

test('drawn digits are read as what they are', async ({ lab }) => {
  await lab.open();
  for (const [digit, strokes] of Object.entries(digits)) {
    await lab.button('Clear').click();
    await expect(lab.prediction).toHaveText('–');
    await lab.draw(strokes);
    await expect(lab.prediction).toHaveText(digit);
  }
});

test('size and place do not matter', async ({ lab }) => {
  await lab.open();
  for (const [size, dx, dy] of [
    [0.4, -0.25, -0.2],
    [0.5, 0.2, 0.2],
    [1.3, 0, 0],
  ] as const) {
    await lab.button('Clear').click();
    await expect(lab.prediction).toHaveText('–');
    await lab.draw(placed(digits['7']!, size, dx, dy));
    await expect(lab.prediction).toHaveText('7');
  }
});

test('undo takes the last stroke back, and an empty pad predicts nothing', async ({ lab }) => {
  await lab.open();
  await lab.button('Clear').click();
  await expect(lab.prediction).toHaveText('–');
  await lab.draw(digits['1']!);
  await expect(lab.prediction).toHaveText('1');
  await lab.draw([
    [
      [0.2, 0.2],
      [0.8, 0.2],
      [0.8, 0.8],
      [0.2, 0.8],
    ],
  ]);
  await lab.button('Undo').click();
  await expect(lab.prediction).toHaveText('1');
  await lab.button('Undo').click();
  await expect(lab.prediction).toHaveText('–');
});

test.describe('by touch', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

  test('a finger draws, and does not scroll the page', async ({ lab, page }) => {
    await lab.open();
    await lab.button('Clear').click();
    await expect(lab.prediction).toHaveText('–');
    await lab.pad.scrollIntoViewIfNeeded();
    const box = (await lab.pad.boundingBox())!;
    const scrolled = await page.evaluate(() => scrollY);
    // Real touches by the browser's own protocol: what may scroll is for the browser to decide.
    const browser = await page.context().newCDPSession(page);
    const at = (x: number, y: number) => [{ x: box.x + x * box.width, y: box.y + y * box.height }];
    await browser.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(0.5, 0.85) });
    for (let i = 1; i <= 20; i++) {
      await browser.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(0.5, 0.85 - 0.035 * i) });
    }
    await browser.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await expect(lab.prediction).toHaveText('1');
    expect(await page.evaluate(() => scrollY)).toBe(scrolled);
  });

  test('beside the pad a finger scrolls as ever', async ({ lab, page }) => {
    await lab.open();
    const browser = await page.context().newCDPSession(page);
    const box = (await lab.pad.boundingBox())!;
    await browser.send('Input.synthesizeScrollGesture', {
      x: 195,
      y: Math.round(box.y + box.height + 60),
      yDistance: -200,
    });
    await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(50);
  });
});
