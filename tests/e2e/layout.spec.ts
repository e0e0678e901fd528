import type { Page } from '@playwright/test';
import AxeBuilder from '@axe-core/playwright';
import { expect, small, test } from './lab';

const sizes = {
  wide: { width: 1280, height: 800 },
  tablet: { width: 820, height: 1180 },
  narrow: { width: 390, height: 844 },
  narrowest: { width: 360, height: 640 },
};

const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

for (const [name, viewport] of Object.entries(sizes)) {
  test(`${name}: nothing to scroll sideways to, before and after training`, async ({ lab, page }) => {
    await page.setViewportSize(viewport);
    await lab.open(small);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await lab.stepOnce();
    await lab.stepOnce();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
  });

  test(`${name}: the whole pad is on the first screen`, async ({ lab, page }) => {
    await page.setViewportSize(viewport);
    await lab.open();
    const box = (await lab.pad.boundingBox())!;
    expect(box.width).toBeGreaterThanOrEqual(196);
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(viewport.width);
    expect(box.y + box.height).toBeLessThanOrEqual(viewport.height);
    await expect(lab.button('Train')).toBeVisible();
  });
}

test.describe('while the core is on its way', () => {
  // What a service worker fetches, a test cannot hold back.
  test.use({ serviceWorkers: 'block' });

  for (const name of ['wide', 'narrow'] as const) {
    test(`${name}: every part has its room from the first, and next to nothing moves`, async ({ lab, page }, info) => {
      await page.setViewportSize(sizes[name]);
      let early: string | null | undefined;
      await page.route('**/*.wasm', async (route) => {
        await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
        early = await lab.testError.getAttribute('data-goodness');
        await route.continue();
      });
      await page.addInitScript(() => {
        const scope = globalThis as unknown as { shifts: number };
        scope.shifts = 0;
        const add = (list: PerformanceObserverEntryList): void => {
          for (const entry of list.getEntries()) scope.shifts += (entry as unknown as { value: number }).value;
        };
        new PerformanceObserver(add).observe({ type: 'layout-shift', buffered: true });
      });
      await lab.open();
      await expect(lab.prediction).toHaveText(/^\d$/);
      await expect(lab.testError).toHaveAttribute('data-goodness', /\d/, { timeout: 60_000 });
      // A figure that is not there yet is none: an empty one would be read as 0 %.
      expect(early).toBeNull();
      // Figures fill in their places, which is 0.006; it was 0.56 on a phone before the parts had theirs.
      const shifts = await page.evaluate(() => (globalThis as unknown as { shifts: number }).shifts);
      info.annotations.push({ type: 'layout shift', description: shifts.toFixed(4) });
      expect(shifts).toBeLessThan(0.02);
    });
  }
});

/** Relative luminance of what lies behind the page's text. */
const ground = (page: Page) =>
  page.evaluate(() => {
    const colour = [document.body, document.documentElement]
      .map((element) => getComputedStyle(element).backgroundColor)
      .find((c) => c !== 'rgba(0, 0, 0, 0)');
    const canvas = new OffscreenCanvas(1, 1).getContext('2d')!;
    canvas.fillStyle = colour ?? 'white';
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data;
    return (0.2126 * r! + 0.7152 * g! + 0.0722 * b!) / 255;
  });

test("follows the system's light and dark", async ({ lab, page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await lab.open();
  expect(await ground(page)).toBeLessThan(0.15);
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await ground(page)).toBeGreaterThan(0.85);
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [name, viewport] of [
    ['wide', sizes.wide],
    ['narrow', sizes.narrow],
  ] as const) {
    test.describe(`${name}, ${colorScheme}`, () => {
      test.use({ colorScheme, viewport });
      test('axe finds nothing serious', async ({ lab, page }) => {
        await lab.open(small);
        const first = await serious(page);
        await lab.stepOnce();
        // What is off screen asks for nothing.
        await page.getByRole('region', { name: /reject/i }).scrollIntoViewIfNeeded();
        await expect(page.getByTestId('negative').first()).toBeVisible();
        expect([...first, ...(await serious(page))]).toEqual([]);
      });
    });
  }
}

async function serious(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ''}`));
}
