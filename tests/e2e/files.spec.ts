import { expect, small, test } from './lab';
import { images, labels, names, smallMnist } from './mnist-files';
import { parse, write } from './safetensors';

/** What a checkpoint holds, whatever the order in its header. */
function contents(file: Buffer): object {
  const { header, data } = parse(file);
  return { header, data: data.toString('base64') };
}

test('saved, loaded and continued equals never stopped', async ({ lab, page }) => {
  await lab.open(small);
  await lab.stepOnce();
  await lab.stepOnce();
  const saved = await lab.save();
  expect(saved.name).toMatch(/\.safetensors$/);
  await lab.stepOnce();
  const without = await lab.save();

  await page.reload();
  await expect(lab.status).toHaveText('ready');
  await lab.drop([saved]);
  await expect(lab.progress).toHaveAttribute('data-step', '0');
  await lab.settled();
  await lab.button('Step').click();
  await expect(lab.progress).toHaveAttribute('data-step', '3');
  expect(contents((await lab.save()).bytes)).toEqual(contents(without.bytes));
});

const junk = Buffer.from('Not what it says it is. '.repeat(40));
/** What may be dropped by mistake, and what its refusal names. */
const mistakes = [
  // No checkpoint at all.
  [[{ name: 'weights.safetensors', bytes: junk }], 'weights.safetensors'],
  // A checkpoint of something else.
  [
    [
      {
        name: 'other.safetensors',
        bytes: write({ header: { __metadata__: { format: 'pt' } }, data: Buffer.alloc(0) }),
      },
    ],
    'other.safetensors',
  ],
  [[{ name: 'empty.safetensors', bytes: Buffer.alloc(0) }], 'empty.safetensors'],
  [[{ name: 'cat.jpg', bytes: junk }], 'cat.jpg'],
  // A lone file of MNIST, and one of all four that is truncated.
  [[{ name: names.testLabels, bytes: labels(100) }], 'train-images'],
  [
    [
      { name: names.trainImages, bytes: images(400).subarray(0, 5000) },
      { name: names.trainLabels, bytes: labels(400) },
      { name: names.testImages, bytes: images(100) },
      { name: names.testLabels, bytes: labels(100) },
    ],
    names.trainImages,
  ],
] as const;

test('what is dropped by mistake is named, and the session goes on', async ({ lab, page }) => {
  await lab.open(small);
  await lab.stepOnce();
  for (const [files, said] of mistakes) {
    const step = await lab.step();
    const before = await lab.layers();
    await lab.drop(files);
    await expect(lab.alert.first()).toContainText(said);
    expect(await lab.step(), said).toBe(step);
    expect(await lab.layers(), said).toEqual(before);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await expect(lab.alert).toHaveCount(0);
    await lab.stepOnce();
  }
});

test('a checkpoint cut short is named, and the session goes on', async ({ lab }) => {
  await lab.open(small);
  await lab.stepOnce();
  const { name, bytes } = await lab.save();
  await lab.drop([{ name, bytes: bytes.subarray(0, bytes.length / 2) }]);
  await expect(lab.alert.first()).toContainText(name);
  expect(await lab.step()).toBe(1);
  await lab.stepOnce();
});

test('four files in the format of MNIST, dropped, are named and become the data', async ({ lab, page }) => {
  await lab.open(small);
  const files = smallMnist();
  await lab.drop(
    (Object.keys(names) as (keyof typeof names)[]).map((role) => ({ name: names[role], bytes: files[role] })),
  );
  await lab.button('Use these data').click();
  await expect(page.getByText('of 400 images').first()).toBeVisible();
  await expect(lab.alert).toHaveCount(0);
  await lab.stepOnce();
});
