// Data of a person's own: IDX files of any number of classes, and pictures in a folder for each class.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Files, lay } from './given-files';
import { type Lab, expect, small, test } from './lab';
import { images, labels } from './mnist-files';
import { png } from './png';

let folder = '';
test.beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'own-'))));
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Files in MNIST's format of `classes` classes, ten training images and two test images of each. */
function alphabet(classes: number): Files {
  const of = (count: number): [Buffer, Buffer] => {
    const [pictures, values] = [images(count), labels(count)];
    for (let i = 0; i < count; i++) {
      values[8 + i] = i % classes;
      // The number in binary digits that are bars.
      for (let at = 0; at < 784; at++)
        pictures[16 + i * 784 + at] = at < 672 && ((i % classes) >> Math.floor(at / 112)) & 1 ? 255 : 0;
    }
    return [pictures, values];
  };
  const [[train, trainLabels], [tests, testLabels]] = [of(10 * classes), of(2 * classes)];
  return {
    'train-images-idx3-ubyte': train,
    'train-labels-idx1-ubyte': trainLabels,
    't10k-images-idx3-ubyte': tests,
    't10k-labels-idx1-ubyte': testLabels,
  };
}

/** Ten pictures of each of three classes, of several sizes: a dark square on the left, in the middle, on the right. */
function squares(): Files {
  const classes = { left: 0, middle: 1, right: 2 };
  const all = Object.entries(classes).flatMap(([name, place]) =>
    Array.from({ length: 10 }, (_, i): [string, Buffer] => {
      const size = 30 + 30 * (i % 3);
      const inside = (x: number, y: number): boolean =>
        Math.floor((3 * x) / size) === place && y > size / 3 && y < (2 * size) / 3;
      return [`${name}/${i}.png`, png(size, size, (x, y) => (inside(x, y) ? [0, 0, 0, 255] : [255, 255, 255, 255]))];
    }),
  );
  return Object.fromEntries(all);
}

/** Drops a folder of these files, and answers the form. */
async function give(lab: Lab, name: string, files: Files, title: string): Promise<void> {
  lay(path.join(folder, name), files);
  await lab.dropPaths([path.join(folder, name)]);
  const form = lab.page.getByTestId('name-data');
  await form.getByLabel('Title').fill(title);
  await form.getByRole('button', { name: 'Use these data' }).click();
  await expect(form).toHaveCount(0);
  await expect(lab.page.getByRole('button', { name: /^Data/ })).toContainText(title);
}

test('IDX files of 47 classes are named once, learned, saved and opened again', async ({ lab, page }) => {
  const net = { ...small, layers: '60,60', batch: 10 };
  await lab.open(net);
  await give(lab, 'signs', alphabet(47), 'Signs');
  await expect(page).toHaveURL(/data=idx/);
  await lab.stepOnce();
  await expect(lab.testError).toHaveAttribute('data-images', '94');
  // So many labels have inputs of their own: no pixel carries one, so none is framed.
  await expect(page.getByText('in inputs of its own')).toBeVisible();
  await expect(page.getByTestId('negative').first()).toBeVisible();
  await expect(page.locator('[data-testid=negative] .framed')).toHaveCount(0);
  const saved = await lab.save();

  // Without the data at hand: what they are called is in the checkpoint.
  await lab.open(net);
  await lab.drop([saved]);
  await expect(page.getByRole('button', { name: /^Data/ })).toContainText('Signs');
  await expect(lab.alert).toContainText('This run learned from Signs, which is not here.');
  await expect(lab.prediction).toHaveText(/\d+|[A-Za-z]/);
  await lab.button('Dismiss').click();
  // The same files let it go on.
  await lab.dropPaths([path.join(folder, 'signs')]);
  await expect(lab.testError).toHaveAttribute('data-images', '94');
  await lab.button('Step').click();
  await expect(lab.progress).toHaveAttribute('data-step', '2');
  expect(lab.complaints).toEqual([]);
});

test('a folder of three classes is learned and read by their names', async ({ lab, page }) => {
  await lab.open({ ...small, layers: '60,60', batch: 6, epochs: 100 });
  await give(lab, 'squares', squares(), 'Squares');
  await expect(page).toHaveURL(/data=pictures/);
  await expect(page.getByText('of 24 images')).toBeVisible();
  await expect(lab.testError).toHaveAttribute('data-images', '6');
  await lab.button('Train').click();
  await expect(lab.status).toHaveText('finished');
  expect(await lab.error()).toBeLessThan(20);
  await expect(page.getByTestId('label-goodness').locator('tr[data-label="2"]')).toContainText('right');
  expect(lab.complaints).toEqual([]);
});

for (const [what, files, said] of [
  ['one class', { 'cat/1.png': squares()['left/0.png']! }, /has only one class/],
  ['65 classes', alphabet(65), /has 65 classes; give at most 64/],
  [
    'a class without pictures',
    { ...squares(), 'fish/readme.txt': Buffer.from('none') },
    /fish: holds no pictures; add some/,
  ],
  ['no pictures', { 'cat/notes.txt': Buffer.from('words') }, /cat\/notes\.txt: is no data; give/],
] as const)
  test(`a folder of ${what} is refused in a sentence`, async ({ lab }) => {
    await lab.open(small);
    lay(path.join(folder, 'odd'), files);
    await lab.dropPaths([path.join(folder, 'odd')]);
    await expect(lab.alert).toContainText(said);
  });
