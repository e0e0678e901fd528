// Browsers that protect people from being recognised change the pixels that a page reads from a canvas. What the network sees and
// what is saved is never silently something else than what the person gave.

import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, type Given, type Lab, small, test } from './lab';
import { png } from './png';

const COLOUR = { data: 'objects', layers: '1024,1024', window: 3, batch: 10, engine: 'cpu', weights: 'random' };

/** Red on the left and what is seen through on the right: the network sees it on white. */
const half = (): Given => ({
  name: 'half.png',
  bytes: png(64, 64, (x) => (x < 32 ? [220, 30, 20, 255] : [0, 0, 0, 0])),
});

/** The colours of what the network sees, in its left half and in its right. */
async function seen(lab: Lab, page: Page): Promise<string[][]> {
  await expect(page.getByTestId('picture-name')).toHaveText('half.png');
  await expect(lab.prediction).toHaveText(/^[a-z]+$/);
  const base64 = await page
    .getByRole('img', { name: /What the network sees/ })
    .evaluate((canvas: HTMLCanvasElement) => {
      // The page's own way, which the test has not spoilt.
      const frame = new (globalThis as unknown as { TrueFrame: typeof VideoFrame }).TrueFrame(canvas, { timestamp: 0 });
      const pixels = new Uint8Array(4 * 32 * 32);
      return frame.copyTo(pixels, { format: 'RGBA' }).then(() => btoa(String.fromCharCode(...pixels)));
    });
  const pixels = Buffer.from(base64, 'base64');
  // Between the halves they are mixed.
  const half = (from: number, to: number): string[] => {
    const colours = new Set<string>();
    for (let i = 0; i < 32 * 32; i++)
      if (i % 32 >= from && i % 32 < to) colours.add(pixels.subarray(4 * i, 4 * i + 3).join());
    return [...colours];
  };
  return [half(0, 14), half(18, 32)];
}

const TRUE = [['220,30,20'], ['255,255,255']];

/** Before the page: its canvases are read as this kind of browser lets them be read, and what it writes of them the same. */
async function protect(page: Page, how: 'nothing' | 'noise' | 'a little noise' | 'white', frames: boolean) {
  await page.addInitScript(
    ([how, frames]) => {
      Object.assign(globalThis, { TrueFrame: globalThis.VideoFrame });
      if (!frames) Reflect.deleteProperty(globalThis, 'VideoFrame');
      if (how === 'nothing') return;
      const spoil = (image: ImageData): ImageData => {
        for (let i = 0; i < image.data.length; i++)
          if (how === 'white') image.data[i] = 255;
          else if (how === 'noise') image.data[i] = Math.random() * 256;
          else if (i % 4 < 3 && Math.random() < 0.02) image.data[i]! ^= 1;
        return image;
      };
      for (const { prototype } of [CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D]) {
        const { getImageData } = prototype;
        prototype.getImageData = function (...given: Parameters<typeof getImageData>) {
          return spoil(getImageData.apply(this, given));
        };
      }
      const { convertToBlob } = OffscreenCanvas.prototype;
      OffscreenCanvas.prototype.convertToBlob = function (options) {
        const written = new OffscreenCanvas(this.width, this.height);
        const read = this.getContext('2d')!.getImageData(0, 0, this.width, this.height);
        written.getContext('2d')!.putImageData(read, 0, 0);
        return convertToBlob.call(written, options);
      };
    },
    [how, frames] as const,
  );
}

for (const how of ['nothing', 'noise', 'a little noise', 'white'] as const)
  test(`a photograph is what it is where canvases are read with ${how}`, async ({ lab, page }) => {
    await protect(page, how, true);
    await lab.open(COLOUR);
    await lab.drop([half()]);
    expect(await seen(lab, page)).toEqual(TRUE);
    await expect(lab.alert).toHaveCount(0);
  });

test('a photograph is what it is where there are no frames of films', async ({ lab, page }) => {
  await protect(page, 'nothing', false);
  await lab.open(COLOUR);
  await lab.drop([half()]);
  expect(await seen(lab, page)).toEqual(TRUE);
});

for (const how of ['noise', 'a little noise', 'white'] as const)
  test(`where it cannot be read at all, with ${how}, that is said, and it is not judged`, async ({ lab, page }) => {
    await protect(page, how, false);
    await lab.open(COLOUR);
    const before = await page.getByTestId('picture-name').textContent();
    await lab.drop([half()]);
    await expect(lab.alert).toContainText(
      /protects you by changing the pixels .* something else than half\.png, and does not judge it\. Let this page read canvas data/,
    );
    await expect(page.getByTestId('picture-name')).toHaveText(before!);
  });

/** Learns until there is a curve, and asks for it as pixels. */
async function askForPng(lab: Lab, page: Page): Promise<void> {
  await lab.open(small);
  await lab.button('Train').click();
  const button = page.getByRole('button', { name: 'As PNG' });
  await expect(button).toBeEnabled({ timeout: 90_000 });
  await lab.pause();
  await button.click();
}

test('curves are saved as they are', async ({ lab, page }) => {
  const coming = page.waitForEvent('download');
  await askForPng(lab, page);
  const bytes = await readFile(await (await coming).path());
  expect(bytes.toString('latin1', 1, 4)).toBe('PNG');
  await expect(lab.alert).toHaveCount(0);
});

for (const how of ['noise', 'a little noise'] as const)
  test(`curves that would be saved with ${how} are not, and that is said`, async ({ lab, page }) => {
    await protect(page, how, true);
    await askForPng(lab, page);
    await expect(lab.alert).toContainText(/changing the pixels of pictures that a page saves.*take the SVG instead/);
  });
