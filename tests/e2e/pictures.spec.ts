// What each panel looks like, light and dark, wide and narrow, against pictures in tests/e2e/pictures/. A change that is meant is
// taken over by `npx playwright test pictures --update-snapshots` and looked at before it is committed.

import type { Page } from '@playwright/test';
import { expect, test } from './lab';

const sizes = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } };
/** Ids of the panels' headings; they stand alone on the page, and nothing in them moves while nothing learns. */
const panels = ['you', 'network', 'why', 'negatives', 'fields', 'curves', 'confusion', 'experiments', 'how'];
/** Words and formulas, which are large as pictures: one of them says what the others would. */
const once = (panel: string, ...where: string[]): boolean => panel !== 'how' || where.join() === 'wide,light';
/**
 * How many pixels may differ, of each picture. Machines differ in the last digits of sums, so a figure may be another, which is
 * thirty pixels of a hundred thousand; another colour of the histograms' bars alone is a hundredth.
 */
const TOLERANCE = { maxDiffPixelRatio: 0.004, threshold: 0.1 };

/** Those that pictures in colour bring with them. */
const inColour = ['you', 'places', 'fields'];

/** The font that every Debian has, whatever the system's own is; with another, lines would wrap elsewhere. */
async function plainFont(page: Page): Promise<void> {
  await page.route('**/*.css', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replaceAll('system-ui', '"DejaVu Sans"') });
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    // One thread, whose sums do not depend on the machine's cores.
    test.use({ colorScheme, reducedMotion: 'reduce', serviceWorkers: 'block' });

    test('each panel looks as it did', async ({ lab, page }) => {
      await plainFont(page);
      await lab.open({ engine: 'cpu' });
      await expect(lab.testError).toHaveAttribute('data-images', '1000', { timeout: 60_000 });
      for (const [name, viewport] of Object.entries(sizes)) {
        await page.setViewportSize(viewport);
        for (const panel of panels.filter((one) => once(one, name, colorScheme))) {
          const section = page.locator(`section[aria-labelledby=${panel}]`);
          await section.scrollIntoViewIfNeeded();
          if (panel === 'negatives') await expect(page.getByTestId('negative')).toHaveCount(7);
          if (panel === 'fields') await expect(section.getByRole('listitem')).toHaveCount(7);
          if (panel === 'curves') await expect(section.locator('.uplot')).toHaveCount(2);
          await expect.soft(section).toHaveScreenshot(`${panel}-${name}-${colorScheme}.png`, TOLERANCE);
        }
      }
    });

    test('panels of pictures in colour look as they did', async ({ lab, page }) => {
      await plainFont(page);
      await lab.open({
        recipe: 'local-max',
        engine: 'cpu',
        layers: '1024,2048',
        window: 5,
        batch: 10,
        steps: 4,
        settled: '2-3',
      });
      await expect(lab.prediction).not.toHaveText('–');
      for (const [name, viewport] of Object.entries(sizes)) {
        await page.setViewportSize(viewport);
        for (const panel of inColour) {
          const section = page.locator(`section[aria-labelledby=${panel}]`);
          await section.scrollIntoViewIfNeeded();
          if (panel === 'places') await expect(page.getByTestId('place-map')).toHaveCount(2);
          if (panel === 'fields') await expect(section.getByRole('listitem')).toHaveCount(6);
          await expect.soft(section).toHaveScreenshot(`colour-${panel}-${name}-${colorScheme}.png`, TOLERANCE);
        }
      }
    });
  });
}
