import type { Page } from '@playwright/test';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Lab, small, test } from './lab';

async function serious(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ''}`));
}
const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

async function unfold(page: Page, name: RegExp, id: string): Promise<void> {
  await page.getByRole('button', { name }).first().click();
  await page.getByTestId(id).scrollIntoViewIfNeeded();
}

test.describe('follow one picture', () => {
  const station = (page: Page, layer: number, lane: string) =>
    page.locator(`[data-testid=station][data-layer="${layer}"][data-lane=${lane}]`);

  test('shows in both lanes what the step does that comes next', async ({ lab, page }) => {
    // One picture a batch: what is followed is all that is learned from.
    await lab.open({ ...small, batch: 1 });
    await unfold(page, /^Follow one picture/, 'follow');
    await expect(page.getByTestId('station')).toHaveCount(6, { timeout: 60_000 });
    const told = await page
      .getByTestId('station')
      .evaluateAll((all) => all.map((s) => ({ ...(s as HTMLElement).dataset }) as Record<string, string>));
    for (const { goodness, probability } of told) {
      expect(Number(goodness)).toBeGreaterThan(0);
      expect(Number(probability)).toBeGreaterThanOrEqual(0);
      expect(Number(probability)).toBeLessThanOrEqual(1);
    }
    // The step itself reports the very same goodness.
    await page.getByRole('button', { name: 'Take this step' }).click();
    await expect(lab.progress).toHaveAttribute('data-step', '1');
    for (const [i, layer] of (await lab.layers()).entries()) {
      const of = (lane: string) => Number(told.find((s) => s.layer === String(i + 1) && s.lane === lane)!.goodness);
      expect(layer.positive).toBeCloseTo(of('positive'), 3);
      expect(layer.negative).toBeCloseTo(of('negative'), 3);
    }
    // And the panel goes on to the next.
    await expect(station(page, 1, 'positive')).not.toHaveAttribute('data-goodness', told[0]!.goodness!);
    expect(lab.complaints).toEqual([]);
  });

  test('a unit is chosen by keyboard, and the net says what backprop would keep', async ({ lab, page }) => {
    await lab.open(small);
    await unfold(page, /^Follow one picture/, 'follow');
    const bars = station(page, 1, 'positive').getByRole('slider');
    await expect(bars).toBeVisible({ timeout: 60_000 });
    await bars.focus();
    await page.keyboard.press('Home');
    await expect(page.getByRole('heading', { name: /^Unit 0 of layer 1/ })).toBeVisible();
    await page.keyboard.press('ArrowRight');
    await expect(page.getByRole('heading', { name: /^Unit 1 of layer 1/ })).toBeVisible();
    await expect(page.getByText('test pictures that excite it most')).toBeVisible();
    // 50 × (784 + 300) × 4 bytes.
    await expect(page.getByTestId('follow')).toContainText('50 × (784 + 100 + 100 + 100) × 4 bytes = 0.2 MB');
  });

  test('what cannot be followed is said', async ({ lab, page }) => {
    await lab.open({ recipe: 'backprop', layers: '30,30' });
    await unfold(page, /^Follow one picture/, 'follow');
    await expect(page.getByTestId('follow')).toContainText('Backpropagation has no two lanes');
  });
});

test.describe('ask it', () => {
  const ask = async (lab: Lab, page: Page) => {
    await lab.open();
    await expect(lab.prediction).toHaveText(/^\d$/);
    await unfold(page, /^Ask it/, 'ask');
  };

  test('θ is dragged, and p and the loss follow', async ({ lab, page }) => {
    await ask(lab, page);
    const what = page.getByTestId('what-if');
    await expect(what).toHaveAttribute('data-loss', /\d/, { timeout: 60_000 });
    const p = async () =>
      Promise.all(
        (await what.locator('[data-probability]').all()).map(async (x) =>
          Number(await x.getAttribute('data-probability')),
        ),
      );
    const loss = async () => Number(await what.getAttribute('data-loss'));
    const [before, least] = [await p(), await loss()];
    const slider = page.getByRole('slider', { name: /Threshold/ });
    await slider.focus();
    await page.keyboard.press('End');
    await expect.poll(p).not.toEqual(before);
    for (const [i, value] of (await p()).entries()) expect(value).toBeLessThan(before[i]!);
    expect(await loss()).toBeGreaterThan(least);
  });

  test('strokes speak for one label and against another', async ({ lab, page }) => {
    await ask(lab, page);
    const said = page.getByTestId('ask').getByText('in all it leads the other labels by');
    await expect(said).toContainText(/by [\d,]+\./, { timeout: 60_000 });
    await page
      .getByRole('radiogroup', { name: /label asked about/ })
      .getByText('8')
      .click();
    await expect(page.getByRole('img', { name: 'Strokes that speak for and against 8' })).toBeVisible();
    await expect(page.getByTestId('ask')).toContainText('against it; in all it leads the other labels by');
  });

  test('a cross is called unfamiliar, is taught as a negative, and is rejected then', async ({ lab, page }) => {
    await ask(lab, page);
    await expect(page.getByTestId('unfamiliar')).toHaveCount(0);
    await page.getByRole('button', { name: 'Draw a cross' }).click();
    await expect(page.getByTestId('unfamiliar')).toBeVisible();
    const reject = page.getByRole('button', { name: 'Teach it to reject this' });
    await expect(reject).toBeEnabled({ timeout: 60_000 });
    await reject.click();
    const rows = page.getByTestId('rejection').locator('tr[data-layer]');
    await expect(rows).toHaveCount(3, { timeout: 60_000 });
    // Rejected is what lies below θ under every label; a layer where it did already is not asked for more.
    for (const row of await rows.all()) {
      const [before, after] = [await row.getAttribute('data-before'), await row.getAttribute('data-after')].map(Number);
      expect(after).toBeLessThan(Math.max(before!, 500));
    }
    await expect(page.getByTestId('unfamiliar')).toBeVisible();
    // Nine of ten digits are still read: the lessons were few.
    expect(await lab.step()).toBe(0);
    await expect(lab.testError).toHaveAttribute('data-images', '1000', { timeout: 60_000 });
    expect(await lab.error()).toBeLessThan(10);
    expect(lab.complaints).toEqual([]);
  });
});

test.describe('tour', () => {
  test('has eight stops to be linked to, gone back from and left, and keeps its place', async ({ lab, page }) => {
    await lab.open();
    const tour = page.getByTestId('tour');
    await expect(tour).toHaveCount(0);
    await lab.button('Tour').click();
    await expect(tour).toHaveAttribute('data-stop', '1');
    expect(new URL(page.url()).hash).toBe('#tour-1');
    for (let stop = 2; stop <= 8; stop++) {
      await tour.getByRole('button', { name: 'Next' }).click();
      await expect(tour).toHaveAttribute('data-stop', String(stop));
    }
    await tour.getByRole('button', { name: 'Back' }).click();
    await expect(tour).toHaveAttribute('data-stop', '7');
    await page.goBack();
    await expect(tour).toHaveAttribute('data-stop', '8');
    await page.keyboard.press('Escape');
    await expect(tour).toHaveCount(0);
    expect(new URL(page.url()).hash).toBe('');
    await lab.button('Tour').click();
    await expect(tour).toHaveAttribute('data-stop', '8');
    await expect(tour.getByRole('heading')).toBeFocused();
    await tour.getByRole('button', { name: 'Finish' }).click();
    await expect(tour).toHaveCount(0);

    await page.goto(`${new URL(page.url()).pathname}#tour-3`);
    await expect(tour).toHaveAttribute('data-stop', '3');
  });

  test('notices when its task is done, by its own button or by hand', async ({ lab, page }) => {
    await lab.open();
    const tour = page.getByTestId('tour');
    await lab.button('Tour').click();
    await expect(tour).toHaveAttribute('data-done', 'false');
    await tour.getByRole('button', { name: 'Lay a test image on the pad' }).click();
    await expect(tour).toHaveAttribute('data-done', 'true');
    await tour.getByRole('button', { name: 'Next' }).click();
    await expect(tour).toHaveAttribute('data-done', 'false');
    await page.getByRole('checkbox', { name: 'Layer 3 votes' }).uncheck();
    await expect(tour).toHaveAttribute('data-done', 'true');
  });

  test('where another net is on the page, it offers its own first', async ({ lab, page }) => {
    await lab.open({ recipe: 'backprop', layers: '30,30' });
    const tour = page.getByTestId('tour');
    await lab.button('Tour').click();
    await expect(tour.getByRole('button', { name: 'Next' })).toHaveCount(0);
    await tour.getByRole('button', { name: 'Go over to it' }).click();
    await expect(page.getByTestId('recipe')).toHaveAttribute('data-recipe', 'supervised');
    await expect(tour.getByRole('heading')).toHaveText('A network that already reads');
    await expect(tour.getByRole('heading')).toBeFocused();
    await expect(tour.getByRole('button', { name: 'Next' })).toBeEnabled();
  });
});

for (const [name, viewport, colorScheme] of [
  ['wide, light', { width: 1280, height: 800 }, 'light'],
  ['narrow, dark', { width: 360, height: 640 }, 'dark'],
] as const) {
  test.describe(name, () => {
    test.use({ viewport, colorScheme });
    test('axe finds nothing serious at any stop of the tour, with everything unfolded', async ({ lab, page }) => {
      test.setTimeout(240_000);
      await lab.open(small);
      await unfold(page, /^Ask it/, 'ask');
      await unfold(page, /^Follow one picture/, 'follow');
      await expect(page.getByTestId('station')).toHaveCount(6, { timeout: 60_000 });
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      await lab.button('Tour').click();
      const found: string[] = [];
      for (let stop = 1; stop <= 8; stop++) {
        await expect(page.getByTestId('tour')).toHaveAttribute('data-stop', String(stop));
        found.push(...(await serious(page)));
        expect(await overflow(page)).toBeLessThanOrEqual(0);
        if (stop < 8) await page.getByTestId('tour').getByRole('button', { name: 'Next' }).click();
      }
      expect(found).toEqual([]);
    });
  });
}

test('the first screen at 1280×800 needs no scrolling before anything is unfolded', async ({ lab, page }) => {
  await lab.open();
  await expect(lab.testError).toHaveAttribute('data-goodness', /\d/, { timeout: 60_000 });
  const bottom = await page.evaluate(() => {
    const rows = document.querySelectorAll('main > .row');
    return rows[rows.length - 1]!.getBoundingClientRect().bottom;
  });
  expect(bottom).toBeLessThanOrEqual(800);
});
