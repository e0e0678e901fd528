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
