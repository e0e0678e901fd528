import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, type Lab, small, test } from './lab';
import { images, labels, names, smallMnist } from './mnist-files';

interface Given {
  name: string;
  bytes: Buffer;
}

/** Drops files on the page, as from a file manager. */
async function drop(page: Page, files: readonly Given[]): Promise<void> {
  const dropped = await page.evaluateHandle(
    (all) => {
      const data = new DataTransfer();
      for (const { name, base64 } of all) {
        data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
      }
      return data;
    },
    files.map(({ name, bytes }) => ({ name, base64: bytes.toString('base64') })),
  );
  for (const kind of ['dragenter', 'dragover', 'drop'])
    await page.dispatchEvent('body', kind, { dataTransfer: dropped });
}

async function save(lab: Lab): Promise<Given> {
  const coming = lab.page.waitForEvent('download');
  await lab.page.getByRole('button', { name: /^Weights/ }).click();
  await lab.button('Save to a file').click();
  const download = await coming;
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** A safetensors file with this header and no tensors. */
function safetensors(header: object): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text]);
}

test('saved, loaded and continued equals never stopped', async ({ lab, page }) => {
  await lab.open(small);
  await lab.stepOnce();
  await lab.stepOnce();
  const saved = await save(lab);
  expect(saved.name).toMatch(/\.safetensors$/);
  await lab.stepOnce();
  const without = await lab.layers();

  await page.reload();
  await expect(lab.status).toHaveText('ready');
  await drop(page, [saved]);
  await lab.button('Step').click();
  await expect(lab.progress).toHaveAttribute('data-step', '3');
  expect(await lab.layers()).toEqual(without);
});

const junk = Buffer.from('Not what it says it is. '.repeat(40));
for (const [what, files, said] of [
  ['no checkpoint at all', [{ name: 'weights.safetensors', bytes: junk }], 'weights.safetensors'],
  [
    'a checkpoint of something else',
    [{ name: 'other.safetensors', bytes: safetensors({ __metadata__: { format: 'pt' } }) }],
    'other.safetensors',
  ],
  ['an empty checkpoint', [{ name: 'empty.safetensors', bytes: Buffer.alloc(0) }], 'empty.safetensors'],
  ['a picture', [{ name: 'cat.jpg', bytes: junk }], 'cat.jpg'],
  ['a lone file of MNIST', [{ name: names.testLabels, bytes: labels(100) }], 'train-images'],
  [
    'a truncated file of MNIST',
    [
      { name: names.trainImages, bytes: images(400).subarray(0, 5000) },
      { name: names.trainLabels, bytes: labels(400) },
      { name: names.testImages, bytes: images(100) },
      { name: names.testLabels, bytes: labels(100) },
    ],
    names.trainImages,
  ],
] as const) {
  test(`${what}, dropped, is named, and the session goes on`, async ({ lab, page }) => {
    await lab.open(small);
    await lab.stepOnce();
    const before = await lab.layers();
    await drop(page, files);
    await expect(lab.alert.first()).toContainText(said);
    expect(await lab.step()).toBe(1);
    expect(await lab.layers()).toEqual(before);
    await lab.stepOnce();
  });
}

test('a checkpoint cut short is named, and the session goes on', async ({ lab, page }) => {
  await lab.open(small);
  await lab.stepOnce();
  const { name, bytes } = await save(lab);
  await drop(page, [{ name, bytes: bytes.subarray(0, bytes.length / 2) }]);
  await expect(lab.alert.first()).toContainText(name);
  expect(await lab.step()).toBe(1);
  await lab.stepOnce();
});

test('the four files of MNIST, dropped, become the data', async ({ lab, page }) => {
  await lab.open(small);
  const files = smallMnist();
  await drop(
    page,
    (Object.keys(names) as (keyof typeof names)[]).map((role) => ({ name: names[role], bytes: files[role] })),
  );
  await expect(page.getByText(/400/).first()).toBeVisible();
  await expect(lab.alert).toHaveCount(0);
  await lab.stepOnce();
});
