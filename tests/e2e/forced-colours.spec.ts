// In contrast themes, where the browser has its own mind about colours: what is on the screen, by its pixels.

import type { Locator, Page } from '@playwright/test';
import { PNG } from 'pngjs';
import { type Lab, expect, test } from './lab';

/** Luminance of a screen's pixel, as WCAG has it. */
type Screen = { width: number; height: number; at: (x: number, y: number) => number };

/** A part of the page as it is on the screen, with so many pixels around it. */
async function look(part: Locator, around = 0): Promise<Screen> {
  await part.scrollIntoViewIfNeeded();
  const box = (await part.boundingBox())!;
  const clip = {
    x: box.x - around,
    y: box.y - around,
    width: box.width + 2 * around,
    height: box.height + 2 * around,
  };
  const { width, height, data } = PNG.sync.read(
    around ? await part.page().screenshot({ clip }) : await part.screenshot(),
  );
  const linear = (value: number): number => (value <= 10 ? value / 3295 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  return {
    width,
    height,
    at(x, y) {
      const at = 4 * (Math.round(y) * width + Math.round(x));
      const [r, g, b] = [0, 1, 2].map((i) => linear(data[at + i]!));
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    },
  };
}

const contrast = (a: number, b: number): number => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
/** What can be told apart without text. */
const ENOUGH = 3;

/** The highest contrast between two pixels, apart from a frame's. */
async function range(part: Locator): Promise<number> {
  const { width, height, at } = await look(part);
  let [least, most] = [1, 0];
  for (let y = 2; y < height - 2; y++)
    for (let x = 2; x < width - 2; x++) [least, most] = [Math.min(least, at(x, y)), Math.max(most, at(x, y))];
  return contrast(least, most);
}

/** Every picture and chart that is on the page shows something. */
async function everyPictureShows(page: Page, atLeast: number): Promise<void> {
  const pictures = page.locator('canvas:visible, svg[role=img]:visible');
  expect(await pictures.count()).toBeGreaterThanOrEqual(atLeast);
  for (const picture of await pictures.all()) {
    const name = await picture.evaluate((element) =>
      [element, element.parentElement].map((one) => one?.getAttribute('aria-label') ?? one?.className).join(' in '),
    );
    // Weights in colour that have learned nothing are pale in any look.
    const enough = (await picture.evaluate((element) => element.classList.contains('coloured'))) ? 1.5 : ENOUGH;
    await expect.poll(() => range(picture), { message: name }).toBeGreaterThan(enough);
  }
}

/** Bars behind the figures of a table begin at the left and end where their share says. */
async function barsEnd(cells: Locator): Promise<void> {
  let measured = 0;
  for (const cell of await cells.all()) {
    const [filled, from] = await cell.evaluate((td) => [
      parseFloat((td as HTMLElement).style.getPropertyValue('--filled')) / 100,
      parseFloat(getComputedStyle(td).borderLeftWidth),
    ]);
    if (!(filled! > 0.15 && filled! < 0.85)) continue;
    const { width, at } = await look(cell);
    // Above the figures.
    const y = 2;
    const end = from! + filled! * (width - from!);
    const name = await cell.innerText();
    expect(contrast(at(end - 4, y), at(end + 4, y)), name).toBeGreaterThan(ENOUGH);
    expect(at(from! + 2, y), name).toBeCloseTo(at(end - 4, y), 1);
    measured++;
  }
  expect(measured).toBeGreaterThan(2);
}

/** What is chosen is told from what is not by its edge. */
async function chosenIsMarked(chosen: Locator, other: Locator): Promise<void> {
  const edge = async (part: Locator) => {
    const screen = await look(part, 4);
    return Array.from({ length: 10 }, (_, x) => screen.at(x, screen.height / 2));
  };
  const [marked, plain] = [await edge(chosen.first()), await edge(other.first())];
  expect(Math.max(...marked.map((value, i) => contrast(value, plain[i]!)))).toBeGreaterThan(ENOUGH);
}

async function open(lab: Lab, page: Page, settings: Record<string, string | number>): Promise<void> {
  await lab.open({ engine: 'cpu', ...settings });
  await lab.stepOnce();
  await expect(lab.testError).toHaveAttribute('data-images', /\d/);
  // Panels below ask for their pictures once they are seen.
  for (const section of await page.locator('main section').all()) await section.scrollIntoViewIfNeeded();
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, contextOptions: { forcedColors: 'active', reducedMotion: 'reduce' } });

    test('every picture, bar and choice of the supervised net is seen, of what is folded away, too', async ({
      lab,
      page,
    }) => {
      await open(lab, page, {});
      for (const name of ['Follow one picture', 'Ask it']) await page.getByRole('button', { name }).click();
      await expect(page.getByTestId('station')).toHaveCount(6);
      for (const door of await page.locator('[data-testid=experiments] summary').all()) await door.click();
      await expect(page.getByTestId('shifted')).toHaveCount(8);
      const unit = page.getByRole('button', { name: /^Look at unit/ });
      await unit.first().click();
      await expect(page.getByTestId('exciting')).toHaveCount(7);
      await everyPictureShows(page, 50);

      await barsEnd(page.locator('[data-testid=label-goodness] td'));
      for (const strip of await page.locator('.strip[role=img]').all())
        expect(await range(strip)).toBeGreaterThan(ENOUGH);
      // How far goodness reaches past θ.
      expect(await range(page.locator('.gauge').first())).toBeGreaterThan(ENOUGH);
      await chosenIsMarked(page.locator('td.busy'), page.locator('[data-testid=schedule] td:not(.busy)'));
      // Shaded cells of the confusion matrix, and the one that is chosen.
      const cells = page.locator('[data-cell]');
      const grey = async (cell: Locator) => (await look(cell)).at(2, 2);
      const most = cells.filter({ hasText: /\d/ }).and(page.locator('.dark:not(.right)')).first();
      const none = page.locator('[data-cell]:not(.right):empty').first();
      expect(contrast(await grey(most), await grey(none))).toBeGreaterThan(ENOUGH);
      // The badge that names the winner among the marks.
      expect(await range(page.locator('.winner').filter({ hasText: /^\d$/ }).first())).toBeGreaterThan(ENOUGH);

      await chosenIsMarked(page.locator('[aria-pressed=true].unit'), page.locator('[aria-pressed=false].unit'));
      await chosenIsMarked(page.locator('.speed :checked + span'), page.locator('.speed :not(:checked) + span'));
      await chosenIsMarked(page.locator('.labels :checked + span'), page.locator('.labels :not(:checked) + span'));
      for (const menu of ['Data', 'Recipe', 'Weights']) {
        await page.locator('header button', { hasText: menu }).click();
        const sheet = page.locator(':popover-open');
        await chosenIsMarked(sheet.locator('[aria-pressed=true]'), sheet.locator('[aria-pressed=false]'));
        await page.keyboard.press('Escape');
      }
      await page.locator('header button', { hasText: 'Settings' }).click();
      const button = page.getByRole('button', { name: 'Restart with these' });
      expect(await range(button), 'a button that is disabled has a name').toBeGreaterThan(ENOUGH);
      await page.keyboard.press('Escape');
    });

    test('hybrids and their steps are seen', async ({ lab, page }) => {
      await open(lab, page, { recipe: 'unsupervised', layers: '100,100', batch: 20 });
      await expect(page.getByTestId('mask')).toBeVisible();
      await everyPictureShows(page, 25);
    });

    test('goodness by steps has its lines and bars', async ({ lab, page }) => {
      await open(lab, page, { recipe: 'recurrent', layers: '100,100', batch: 20 });
      await everyPictureShows(page, 15);
      await barsEnd(page.locator('[data-testid=goodness-by-step] td'));
    });

    test('places in a picture in colour are seen', async ({ lab, page }) => {
      await open(lab, page, {
        recipe: 'local-max',
        layers: '1024,2048',
        window: 5,
        batch: 10,
        steps: 4,
        settled: '2-3',
      });
      await expect(page.getByTestId('place-map')).toHaveCount(2);
      await everyPictureShows(page, 15);
      expect(await range(page.locator('.places .label'))).toBeGreaterThan(ENOUGH);
    });
  });
}
