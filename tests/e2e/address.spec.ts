import { expect, test } from './lab';

// Each is named in an alert with what is used in its place, and the page works all the same.
for (const [name, value, instead] of [
  ['layers', '500,5', /500,500,500/],
  ['layers', 'abc', /500,500,500/],
  ['batch', '0', /\d/],
  ['batch', '1e9', /\d/],
  ['epochs', '-3', /\d/],
  ['seed', '4294967296', /\d/],
  ['seed', 'NaN', /\d/],
  ['data', 'imagenet', /strokes/],
  ['engine', 'abacus', /auto|cpu/i],
  ['weights', 'heavy', /pretrained/],
  ['recipe', 'alchemy', /supervised/],
] as const) {
  test(`${name}=${value} is named and replaced`, async ({ lab }) => {
    await lab.open({ [name]: value });
    await expect(lab.alert.first()).toContainText(name);
    await expect(lab.alert.first()).toContainText(value);
    await expect(lab.alert.first()).toContainText(instead);
    await expect(lab.prediction).toHaveText(/^\d$/);
    await lab.stepOnce();
  });
}

test('values in range are taken', async ({ lab, page }) => {
  await lab.open({ layers: '30,40', batch: 20, seed: 3, weights: 'random' });
  await expect(lab.alert).toHaveCount(0);
  await expect(page.getByTestId('layer')).toHaveCount(2);
  await lab.stepOnce();
  expect((await lab.layers()).map((layer) => layer.threshold)).toEqual([30, 40]);
});

test('one layer alone is a network too', async ({ lab, page }) => {
  await lab.open({ layers: 30 });
  await expect(page.getByTestId('layer')).toHaveCount(1);
  await lab.stepOnce();
});

test('several wrong values are all named', async ({ lab, page }) => {
  await lab.open({ batch: 'many', seed: -1, data: 'cats' });
  const said = (await page.getByRole('alert').allTextContents()).join('\n');
  for (const word of ['batch', 'many', 'seed', '-1', 'data', 'cats']) expect(said).toContain(word);
});

// As a link arrives that was mailed, posted or written in a sentence.
for (const query of [
  'layers=30,40&amp;weights=random&amp;seed=7',
  'layers=30,40;weights=random;seed=7',
  'layers%3D30%2C40%26weights%3Drandom%26seed%3D7',
  'layers=30%252C40&Weights=Random&seed=7).',
  'utm_source=mail&layers=30,40&weights=random&fbclid=IwAR1&seed=7&t=12&s=09&ref=school',
  'layers=30,40&weights=random&seed=7&gt;',
  'layers=30,40&weights=random&seed=7?utm_source=newsletter',
]) {
  test(`a link is understood without a word: ${query}`, async ({ lab, page }) => {
    await page.goto(`./?${query}`);
    await expect(lab.status).toHaveText('ready');
    await expect(page.getByTestId('layer')).toHaveCount(2);
    await expect(page).toHaveURL(/\?layers=30,40&seed=7$/);
    await expect(lab.alert).toHaveCount(0);
  });
}

test('a link to a stop of the tour leads there with the end of its sentence', async ({ lab, page }) => {
  await page.goto('./?seed=1.#tour-3).');
  await expect(lab.status).toHaveText('ready');
  await expect(page.getByTestId('tour')).toHaveAttribute('data-stop', '3');
  await expect(lab.alert).toHaveCount(0);
});
