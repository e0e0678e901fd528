// Whatever is dropped wherever: it is taken, or refused in a sentence, and never opened in the page's place. Dropped as a file
// manager does it, so that a browser that is let would open it.

import { writeFile } from 'node:fs/promises';
import type { Page, TestInfo } from '@playwright/test';
import { expect, type Given, small, test } from './lab';
import { png } from './png';

/** A red disc on green. */
const photograph = (): Given => ({
  name: 'disc.png',
  bytes: png(64, 48, (x, y) => (Math.hypot(x - 31.5, y - 23.5) < 16 ? [220, 30, 20, 255] : [0, 160, 60, 255])),
});

/** Drops files, or words, in the middle of the window. */
async function drop(page: Page, info: TestInfo, given: Given | { words: string }): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  const files: string[] = [];
  if ('bytes' in given) {
    files.push(info.outputPath(given.name));
    await writeFile(files[0]!, given.bytes);
  }
  const items = 'words' in given ? [{ mimeType: 'text/uri-list', data: given.words }] : [];
  const { width, height } = page.viewportSize()!;
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await cdp.send('Input.dispatchDragEvent', {
      ...{ type, x: width / 2, y: height / 2 },
      data: { items, files, dragOperationsMask: 1 },
    });
}

/** Everything that a window opened by itself, and where it went. */
function watch(page: Page): string[] {
  const gone: string[] = [];
  page.on('framenavigated', (frame) => gone.push(frame.url()));
  page.context().on('page', (other) => gone.push(other.url()));
  return gone;
}

const COLOUR = 'data=objects&layers=1024,1024&window=3&engine=cpu&weights=random';

test('a photograph is laid on the pad of a panel that says so', async ({ lab, page }, info) => {
  await page.goto(`./?embed=goodness&${COLOUR}`);
  await expect(lab.status).toHaveText('ready');
  await expect(page.getByText(/Drop a photograph on the page/)).toBeVisible();
  const gone = watch(page);
  await drop(page, info, photograph());
  await expect(page.getByTestId('picture-name')).toHaveText('disc.png');
  await expect(lab.prediction).toHaveText(/^[a-z]+$/);
  await expect(lab.alert).toHaveCount(0);
  expect(gone).toEqual([]);
});

for (const [where, query, said] of [
  [
    'the page, which has drawings',
    '',
    /disc\.png is a photograph, and the net in use reads drawings\. Choose coloured objects/,
  ],
  ['goodness of drawings', 'embed=goodness&', /the net in use reads drawings\. Drop it on the whole page/],
  [
    'layers',
    'embed=layers&',
    /disc\.png is a photograph, which this panel has no place for\. Drop it on the whole page/,
  ],
  ['curve', 'embed=curve&', /which this panel has no place for/],
] as const)
  test(`a photograph is refused by ${where}`, async ({ lab, page }, info) => {
    await page.goto(`./?${query}layers=30,30&weights=random&engine=cpu`);
    await expect(lab.status).toHaveText('ready');
    await expect(page.getByText(/Drop a photograph/)).toHaveCount(0);
    const gone = watch(page);
    await drop(page, info, photograph());
    await expect(lab.alert).toContainText(said);
    expect(gone).toEqual([]);
  });

for (const query of ['', 'embed=goodness', 'embed=layers', 'embed=curve', `embed=goodness&${COLOUR}`])
  test(`data, strangers and links, dropped on ?${query}, are named and never take its place`, async ({
    lab,
    page,
  }, info) => {
    await page.goto(`./?${query}`);
    await expect(lab.status).toHaveText('ready');
    const gone = watch(page);
    for (const [given, said] of [
      [{ name: 'words.txt', bytes: Buffer.from('hello') }, /words\.txt/],
      [{ name: 'page.html', bytes: Buffer.from('<!doctype html>') }, /page\.html/],
      [{ name: 'train-labels-idx1-ubyte', bytes: Buffer.from([0, 0, 8, 1, 0, 0, 0, 1, 7]) }, /train-labels|MNIST/],
      [{ name: 'data_batch_1.bin', bytes: Buffer.alloc(5_000) }, /data_batch_1\.bin/],
      [{ words: 'https://stranger.example/' }, /What was dropped is no file/],
    ] as const) {
      await drop(page, info, given);
      await expect(lab.alert.filter({ hasText: said })).toBeVisible();
    }
    expect(gone).toEqual([]);
  });

test('a checkpoint dropped on a panel is opened in it', async ({ lab, page }, info) => {
  await lab.open(small);
  await lab.stepOnce();
  const checkpoint = await lab.save();
  await page.goto('./?embed=layers');
  const layer = page.getByTestId('layer').first();
  await expect(layer).toHaveAttribute('data-threshold', '500');
  const gone = watch(page);
  await drop(page, info, checkpoint);
  await expect(layer).toHaveAttribute('data-threshold', '100');
  await expect(lab.alert).toHaveCount(0);
  expect(gone).toEqual([]);
});

test.describe('before the page is there', () => {
  // A first visit with one is loaded twice, and what is dropped between two documents is nobody's.
  test.use({ serviceWorkers: 'block' });

  test('what is dropped does not take its place either', async ({ lab, page }, info) => {
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    await page.route(/assets\/page-[^/]*\.js$/, async (route) => {
      await held;
      await route.fallback();
    });
    await page.goto('./?embed=layers');
    const gone = watch(page);
    await drop(page, info, photograph());
    go();
    await expect(lab.status).toHaveText('ready');
    expect(gone).toEqual([]);
  });
});

test('CIFAR-10 is asked for where it can be brought', async ({ lab, page }) => {
  await page.goto(`./?embed=goodness&${COLOUR.replace('objects', 'cifar10')}`);
  await expect(lab.alert).toContainText(/drop its six \.bin files here, or the \.tar\.gz they come in\. +✕$/);
  await lab.open({ data: 'cifar10' });
  await expect(lab.alert).toContainText(/they come in, or choose them under Data/);
});

test('words dropped into a field are the field’s', async ({ lab, page }, info) => {
  await lab.open(small);
  await page.getByRole('button', { name: 'Settings' }).click();
  const field = page.getByRole('textbox', { name: /layers/i });
  const refused = await field.evaluate((input) =>
    ['dragover', 'drop'].map((kind) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.setData('text/plain', '40,30');
      return !input.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer }));
    }),
  );
  expect(refused).toEqual([false, false]);
  expect(info.errors).toEqual([]);
});
