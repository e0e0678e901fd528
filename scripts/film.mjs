// Records docs/learning.gif, the moving picture in README.md, from the built page: `node scripts/film.mjs`.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from '@playwright/test';
import gifenc from 'gifenc';
import { PNG } from 'pngjs';
import { browserFlags, ensureBrowser } from './setup/browser.mjs';
import { main, Plain, root } from './setup/run.mjs';
import { serveFolders } from './setup/static.mjs';

const { GIFEncoder, quantize, applyPalette } = gifenc;
const FRAMES = 24;
/** Milliseconds from frame to frame, and how long the last one stays. */
const [EACH, LAST] = [250, 2_000];
const MOST = 1_000_000;

await main(async () => {
  const server = await serveFolders({ '/': path.join(root, 'dist') });
  const browser = await chromium.launch({ executablePath: await ensureBrowser(), args: browserFlags });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 0.6 });
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.locator('[data-status=ready]').waitFor();
    // Everything that the first screen shows is there once the test error is.
    await page.locator('[data-testid=test-error]:not([data-goodness=""])').waitFor();
    await page.getByRole('button', { name: 'Teach it from nothing' }).click();
    await page.locator('[data-status=training]').waitFor();
    const gif = GIFEncoder();
    let palette;
    for (let i = 0; i < FRAMES; i++) {
      const { data, width, height } = PNG.sync.read(
        await page.screenshot({ clip: { x: 0, y: 0, width: 1280, height: 456 } }),
      );
      palette ??= quantize(data, 48);
      gif.writeFrame(applyPalette(data, palette), width, height, { palette, delay: i < FRAMES - 1 ? EACH : LAST });
      await page.waitForTimeout(EACH);
    }
    gif.finish();
    const bytes = gif.bytes();
    if (bytes.length > MOST) throw new Plain(`The film takes ${bytes.length} bytes, and ${MOST} are allowed.`);
    writeFileSync(path.join(root, 'docs', 'learning.gif'), bytes);
    console.log(`docs/learning.gif: ${bytes.length} bytes`);
  } finally {
    await browser.close();
    server.close();
  }
});
