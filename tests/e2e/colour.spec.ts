// Pictures in colour, and nets that see them through windows: the paper's section 4 on what is built in.

import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { gzipSync } from 'node:zlib';
import { expect, test } from './lab';

/** A net with windows that learns from a batch in a moment on any machine. */
const small = { layers: '1024,1024', window: 3, batch: 10, steps: 4, settled: '2-3', epochs: 1000, engine: 'cpu' };
const names = /^(disc|ring|square|triangle|cross|star|moon|bar|heart|arrow)$/;

/** A photograph: wider than high, red in the middle and green on both sides. */
async function photograph(page: Page): Promise<Buffer> {
  const base64 = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(80, 40);
    const context = canvas.getContext('2d')!;
    for (const [colour, x] of [
      ['#00ff00', 0],
      ['#dc1e14', 20],
      ['#00ff00', 60],
    ] as const) {
      context.fillStyle = colour;
      context.fillRect(x, 0, 40, 40);
    }
    const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
    return btoa(String.fromCharCode(...bytes));
  });
  return Buffer.from(base64, 'base64');
}

test('nets with windows learn from built-in objects; each recipe begins without a reload and can be gone back to', async ({
  lab,
  page,
}) => {
  await lab.open({ ...small, recipe: 'local-max' });
  await page.evaluate(() => (document.title = 'the same page'));
  const recipe = page.getByTestId('recipe');
  await expect(recipe).toHaveAttribute('data-recipe', 'local-max');
  // The first point of the curve is there before anything was learned.
  await expect(lab.testError).toHaveAttribute('data-goodness', /^\d/);
  await lab.button('Train').click();
  await expect.poll(() => lab.step()).toBeGreaterThan(5);
  const step = await lab.pause();
  await expect(lab.testError).toHaveAttribute('data-softmax', /^\d/);
  await expect(lab.prediction).toHaveText(names);
  for (const layer of await lab.layers()) expect(layer.positive).toBeGreaterThan(0);
  await expect(page.getByTestId('negative').first()).toContainText('− as ');

  const choose = async (menu: RegExp, name: string) => {
    await page.getByRole('button', { name: menu }).click();
    await page.locator('[popover]:popover-open').getByRole('button', { name }).first().click();
  };
  await choose(/^Recipe/, 'Windows, minimise');
  await expect(recipe).toHaveAttribute('data-recipe', 'local-min');
  await expect(page).toHaveURL(/recipe=local-min&data=objects/);
  await expect(page.getByRole('heading', { name: 'Windows', exact: true })).toBeAttached();
  await lab.stepOnce();
  await expect(page.getByTestId('goodness-by-step').locator('tr[data-label]')).toHaveCount(10);
  await choose(/^Recipe/, 'Windows, backprop');
  await expect(recipe).toHaveAttribute('data-recipe', 'local-backprop');
  await lab.stepOnce();
  await expect(lab.prediction).toHaveText(names);
  // Digits are not for nets with windows, and the pad is back with them; so are objects with their own nets.
  await choose(/^Data/, 'Pen strokes');
  await expect(recipe).toHaveAttribute('data-recipe', 'supervised');
  await expect(lab.pad).toBeVisible();
  await expect(lab.prediction).toHaveText(/^\d$/);
  await choose(/^Recipe/, 'Windows, maximise');
  await expect(lab.progress).toHaveAttribute('data-step', String(step));
  await expect(lab.pad).toBeHidden();
  expect(await page.title()).toBe('the same page');
});

test('pictures in colour are read before anybody presses anything, by weights that come with the page', async ({
  lab,
  page,
}) => {
  await lab.open({ data: 'objects' });
  await expect(page.getByTestId('recipe')).toHaveAttribute('data-recipe', 'local-min');
  await expect(lab.testError).toHaveAttribute('data-images', '40', { timeout: 60_000 });
  // Nine of ten would be wrong by chance.
  expect(await lab.error()).toBeLessThan(60);
  expect(await lab.step()).toBe(0);
  // Without them it begins at chance, and they are a click away.
  const weights = async (name: string) => {
    await page.getByRole('button', { name: /^Weights/ }).click();
    await page.locator('[popover]:popover-open').getByRole('button', { name }).click();
  };
  await weights('Random weights');
  await expect(page).toHaveURL(/weights=random/);
  await expect.poll(() => lab.error(), { timeout: 60_000 }).toBeGreaterThan(70);
  await weights('Pretrained weights');
  await expect(page).not.toHaveURL(/weights=random/);
  await expect.poll(() => lab.error(), { timeout: 60_000 }).toBeLessThan(60);
  await expect(page.getByTestId('recipe')).toHaveAttribute('data-recipe', 'local-min');
  expect(lab.complaints).toEqual([]);
});

test('a photograph is cut, shrunk and read position by position; what is none is named, and nothing is lost', async ({
  lab,
  page,
}) => {
  await lab.open({ ...small, recipe: 'local-min' });
  await lab.stepOnce();
  const places = page.getByTestId('places');
  await places.scrollIntoViewIfNeeded();
  await expect(page.getByTestId('place-map')).toHaveCount(2);
  await lab.drop([{ name: 'apple.png', bytes: await photograph(page) }]);
  await expect(page.getByTestId('picture-name')).toHaveText('apple.png');
  await expect(lab.prediction).toHaveText(names);
  const colours = await page
    .getByRole('img', { name: /What the network sees/ })
    .evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, 32, 32);
      return {
        width: canvas.width,
        corner: [...data.slice(0, 3)],
        middle: [...data.slice(4 * (16 * 32 + 16), 4 * (16 * 32 + 16) + 3)],
      };
    });
  // Nothing of the green sides is left.
  expect(colours).toEqual({ width: 32, corner: [220, 30, 20], middle: [220, 30, 20] });

  const said = await lab.prediction.textContent();
  await lab.drop([{ name: 'broken.png', bytes: Buffer.from('no picture at all') }]);
  await expect(lab.alert).toContainText('broken.png is no picture that this browser can open');
  await expect(page.getByTestId('picture-name')).toHaveText('apple.png');
  await expect(lab.prediction).toHaveText(said!);
  expect(await lab.step()).toBe(1);

  // Another label on top, whose maps are its own.
  await places.getByLabel('label on top').selectOption('heart');
  await expect(places).toHaveAttribute('data-label', '8');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wider).toBeLessThanOrEqual(0);

  // One panel of it in somebody's own page.
  await page.goto('./?embed=goodness&data=objects&layers=1024,1024&window=3&engine=cpu');
  await expect(lab.prediction).toHaveText(names);
  await expect(page.getByTestId('label-goodness')).toContainText('triangle');
});

/** One file of a tar archive. */
function entry(name: string, bytes: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`${bytes.length.toString(8).padStart(11, '0')} `, 124);
  header.write('        0', 148);
  const sum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

/** An archive laid out as CIFAR-10's: ten pictures of our own, over and over. */
function archive(): Buffer {
  const ten = Buffer.alloc(10 * 3073, 0);
  for (let i = 0; i < ten.length; i++) ten[i] = i % 3073 === 0 ? i / 3073 : (i * (3 + Math.floor(i / 3073))) % 251;
  const batch = Buffer.alloc(10_000 * 3073, ten);
  const names = [1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`).concat('test_batch.bin');
  const files = names.map((name) => entry(`cifar-10-batches-bin/${name}`, batch));
  return gzipSync(
    Buffer.concat([entry('cifar-10-batches-bin/readme.html', Buffer.from('words')), ...files, Buffer.alloc(1024)]),
    {
      level: 1,
    },
  );
}

test('CIFAR-10 is learned from once its files are dropped; what is damaged is named, and the run goes on', async ({
  lab,
  page,
}) => {
  await lab.open({ ...small, data: 'cifar10' });
  // Nobody has brought it yet.
  await expect(lab.alert).toContainText('The files of these data (CIFAR-10) are not here yet');
  await lab.stepOnce();
  const packed = archive();
  await lab.drop([{ name: 'cifar-10-binary.tar.gz', bytes: packed.subarray(0, packed.length / 2) }]);
  await expect(lab.alert.filter({ hasText: 'is cut short: its gzip data stops in the middle' })).toBeVisible();
  await lab.drop([{ name: 'data_batch_1.bin', bytes: Buffer.alloc(5000) }]);
  await expect(
    lab.alert.filter({ hasText: 'data_batch_1.bin: is cut short: it holds 1 whole pictures' }),
  ).toBeVisible();
  expect(await lab.step()).toBe(1);

  await lab.drop([{ name: 'cifar-10-binary.tar.gz', bytes: packed }]);
  await expect(page.getByRole('button', { name: /^Data CIFAR-10/ })).toBeVisible();
  await expect(page.getByTestId('label-goodness')).toContainText('airplane');
  await lab.stepOnce();
  await expect(page).toHaveURL(/data=cifar10/);
});

test.describe('past the service worker', () => {
  test.use({ serviceWorkers: 'block' });

  test('weights for objects that cannot be fetched are named, and the run begins at random', async ({ lab, page }) => {
    await page.route('**/pretrained-objects*', (route) => route.abort());
    await lab.open();
    await page.getByRole('button', { name: /^Data/ }).click();
    await page.locator('[popover]:popover-open').getByRole('button', { name: 'Coloured objects' }).first().click();
    await expect(lab.alert.first()).toContainText(/pretrained weights could not be fetched/i);
    await expect(page.getByTestId('recipe')).toHaveAttribute('data-recipe', 'local-min');
    await expect(page).toHaveURL(/weights=random/);
    await lab.stepOnce();
  });
});
