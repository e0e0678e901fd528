// With letters twice as large, as a browser's own settings make them, everything fits as it does with small ones.

import { browserFlags, ensureBrowser } from '../../scripts/setup/browser.mjs';
import { expect, test } from './lab';
import { fits, recipes } from './reflow';

const sizes = [
  [1280, 800],
  [390, 844],
] as const;

test.use({
  launchOptions: {
    executablePath: await ensureBrowser(),
    args: [...browserFlags, '--blink-settings=defaultFontSize=32'],
  },
});

for (const recipe of Object.keys(recipes))
  test(`${recipe}: everything fits, in a window and on a phone`, async ({ lab, page }) => {
    await fits(lab, page, recipe, sizes);
    expect(await page.evaluate(() => getComputedStyle(document.body).fontSize)).toBe('30px');
  });
