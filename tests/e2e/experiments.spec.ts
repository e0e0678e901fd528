import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { type Lab, expect, test } from './lab';

const tiny = { layers: '40,30', batch: 20, weights: 'random', epochs: 1000, seed: 3, engine: 'cpu' };

/** Unfolds one of the experiments. */
async function unfold(page: Page, name: string): Promise<Locator> {
  const room = page.getByTestId('experiments').locator('details', { hasText: name });
  await room.locator('summary').click();
  return room;
}

const address = (page: Page): URLSearchParams => new URL(page.url()).searchParams;

test('each part that makes learning work is switched off in a run of its own, with a way back', async ({
  lab,
  page,
}) => {
  await lab.open(tiny);
  await lab.stepOnce();
  await lab.stepOnce();
  const room = await unfold(page, 'Break it');
  const part = (name: RegExp): Locator => room.getByRole('switch', { name });
  const parts = [
    [/^Normalise/, 'normalise=false'],
    [/^Small weight cost/, 'weight_cost=0.3'],
    [/^Peer term/, 'peer=0'],
    [/^Hard negatives/, 'negatives=random'],
  ] as const;
  for (const [name, setting] of parts) {
    await part(name).uncheck();
    await expect.poll(() => [...address(page)].map((pair) => pair.join('='))).toContain(setting);
    expect(address(page).get('weights') ?? 'random').toBe('random');
    // It learns without a further click, and what to watch is beside the switch.
    await expect(lab.status).toHaveText('training');
    await expect(room.getByTestId('watched')).toHaveCount(3);
  }
  await expect(room.getByRole('img', { name: /^Weights of unit/ })).toHaveCount(4);
  await lab.button('Restore defaults').click();
  for (const [name] of parts) await expect(part(name)).toBeChecked();
  await expect(lab.status).toHaveText('training');
  expect([...address(page).keys()]).not.toEqual(expect.arrayContaining(['peer']));
  // Whatever was tried since, the way back leads to the run before the first of them.
  await page.getByRole('button', { name: /^Back to the run before \(batch 2\)/ }).click();
  await expect(lab.progress).toHaveAttribute('data-step', '2');
  await expect(lab.status).toHaveText('paused');
});

test('a switch leads back to the shipped weights, too, which have learned nothing here', async ({ lab, page }) => {
  await lab.open({ engine: 'cpu' });
  const room = await unfold(page, 'Break it');
  await room.getByRole('switch', { name: /^Peer term/ }).uncheck();
  await expect(lab.status).toHaveText('training');
  await page.getByRole('button', { name: 'Back to the run before (from pretrained weights)' }).click();
  await expect(lab.status).toHaveText('ready');
  await expect(room.getByRole('switch', { name: /^Peer term/ })).toBeChecked();
  expect([...address(page).keys()]).not.toContain('peer');
  expect(address(page).get('weights')).not.toBe('random');
});

test('rules of single layers begin a run of their own, and lead back from the address', async ({ lab, page }) => {
  await lab.open(tiny);
  await lab.stepOnce();
  const room = await unfold(page, 'Open questions');
  await room.getByLabel('Layer 1: positives').selectOption('minimise');
  await room.getByLabel('Layer 1: number of blocks').fill('5');
  await room.getByLabel('Layer 1: each block').check();
  await room.getByLabel('Layer 2: units').selectOption('tanh');
  // Which cannot be: named with what would work, and nothing has happened.
  await expect(page.getByTestId('rules-complaint')).toContainText('such as 0.5');
  await expect(lab.button('Begin a run with these')).toBeDisabled();
  expect(await lab.step()).toBe(1);
  await room.getByLabel('Layer 2: threshold a unit').fill('0.5');
  await room.getByLabel('Layer 2: threshold a unit').press('Enter');
  await expect(page.getByTestId('rules-complaint')).toHaveCount(0);
  await lab.button('Begin a run with these').click();
  await expect(lab.progress).toHaveAttribute('data-step', '0');
  expect(address(page).get('rules')).toBe('minimise blocks=5 regions;tanh threshold=0.5');
  await lab.stepOnce();
  expect((await lab.layers()).map((layer) => layer.threshold)).toEqual([40, 15]);

  await page.reload();
  await expect(lab.status).toHaveText('ready');
  await expect(lab.alert).toHaveCount(0);
  await unfold(page, 'Open questions');
  await expect(page.getByRole('combobox', { name: 'Layer 1: positives' })).toHaveValue('minimise');
  await expect(page.getByLabel('Layer 2: units')).toHaveValue('tanh');
});

// What does not go together is named with what would work, and the page is there all the same.
for (const [query, why] of [
  [{ pipelined: 'true' }, /random negatives/],
  [{ rules: 'tanh' }, /such as 0\.5/],
  [{ rules: 'dance' }, /relu, tanh, squares/],
  [{ rules: ';;;;;;;minimise' }, /choose 0 to 2/],
  [{ recipe: 'recurrent', obstacle: 'sine' }, /another recipe/],
  [{ recipe: 'recurrent', normalise: 'false' }, /cannot do without/],
  [{ recipe: 'recurrent', steps: 3, settled: '3-9' }, /settled/],
  [{ obstacle: 'table', obstacle_after: 2 }, /two hidden layers/],
  [{ head_epochs: 5 }, /on the way/],
  [{ jitter: 9 }, /from 0 to 4/],
] as const) {
  test(`${JSON.stringify(query)} is named in the address`, async ({ lab }) => {
    await lab.open({ ...tiny, ...query });
    await expect(lab.alert.first()).toContainText(why);
    await lab.stepOnce();
  });
}

async function race(lab: Lab, page: Page, challenge: string): Promise<Locator> {
  await lab.open(tiny);
  await unfold(page, 'A race');
  await page.getByLabel('Set against each other').selectOption({ label: challenge });
  // Long enough not to be over before it is held.
  await page.getByLabel('epochs', { exact: true }).selectOption('20');
  await lab.button('Race').click();
  const track = page.getByTestId('race');
  await expect(track).not.toHaveAttribute('data-points', /^[01]$/);
  return track;
}

test('a race against backpropagation: two curves, two clocks, and what each remembers', async ({ lab, page }) => {
  const track = await race(lab, page, 'Forward-Forward or backpropagation');
  const contenders = page.getByTestId('contender');
  for (const one of await contenders.all()) {
    await expect(one).toHaveAttribute('data-error', /^\d/);
    expect(Number(await one.getAttribute('data-milliseconds'))).toBeGreaterThan(0);
  }
  await expect(contenders.first()).toContainText('nothing');
  // Twenty pictures of 784 pixels with the activities of 40 and 30 units, four bytes each.
  await expect(contenders.last().locator('[data-bytes]')).toHaveAttribute(
    'data-bytes',
    String(4 * 20 * (784 + 40 + 30)),
  );
  await lab.button('Hold the race').click();
  await expect(track).toHaveAttribute('data-running', 'false');
  const images = await contenders.evaluateAll((all) => all.map((one) => Number((one as HTMLElement).dataset.images)));
  expect(Math.abs(images[0]! - images[1]!)).toBeLessThanOrEqual(20);
  // The run under way is another, and has not moved.
  expect(await lab.step()).toBe(0);
  await lab.stepOnce();
  await lab.button('Go on with the race').click();
  await expect(track).toHaveAttribute('data-running', 'true');
  await lab.button('End the race').click();
  await expect(contenders).toHaveCount(0);
});

test('hard against random negatives, in the place of a race before', async ({ lab, page }) => {
  await race(lab, page, 'layers that wait or do not');
  await page.getByLabel('Set against each other').selectOption({ label: 'hard or random negatives' });
  await lab.button('Race again').click();
  await expect(page.getByTestId('contender').first()).toContainText('hard negatives');
  await expect(page.getByTestId('race')).not.toHaveAttribute('data-points', /^[01]$/);
});

for (const box of ['binarise at the median', 'sin(1/x)', 'a table drawn at random']) {
  test(`Forward-Forward learns past a box that backpropagation cannot pass: ${box}`, async ({ lab, page }) => {
    // A net of one layer, through which no box fits: the race has a shape of its own.
    await lab.open({ ...tiny, layers: 40 });
    await lab.stepOnce();
    await unfold(page, 'A race');
    await page.getByLabel('Set against each other').selectOption({ label: 'a box that no error can pass' });
    await page.getByLabel('the box').selectOption({ label: box });
    await lab.button('Race').click();
    const track = page.getByTestId('race');
    await expect(track).toHaveAttribute('data-finished', 'true', { timeout: 100_000 });
    await expect(page.getByRole('radio', { name: /softmax/ })).toBeChecked();
    const errors = page.getByTestId('contender').evaluateAll((all) => all.map((one) => Number(one.dataset.error)));
    const [forward, backward] = await errors;
    expect(forward).toBeLessThanOrEqual(backward! / 2);
    expect(await lab.step()).toBe(1);
    expect(address(page).get('layers')).toBe('40');
  });
}

test('a race that is lost with its worker is said to be lost, and can be run again', async ({ lab, page }) => {
  await race(lab, page, 'Forward-Forward or backpropagation');
  await page.workers()[0]!.evaluate(() => {
    setTimeout(() => {
      throw new Error('planted by a test');
    });
  });
  await expect(page.getByTestId('race-complaint')).not.toBeEmpty();
  await expect(lab.status).toHaveText('ready');
  await page.getByRole('button', { name: /^Race/ }).click();
  await expect(page.getByTestId('race-complaint')).toHaveCount(0);
  await expect(page.getByTestId('race')).not.toHaveAttribute('data-points', /^[01]$/);
});

test('layers that do not wait, jitter, and what each side of the game wins', async ({ lab, page }) => {
  await lab.open(tiny);
  const waiting = await unfold(page, 'Layers that do not wait');
  await waiting.getByRole('button', { name: /^Do not wait/ }).click();
  await expect.poll(() => address(page).get('pipelined')).toBe('true');
  await lab.stepOnce();
  await lab.stepOnce();
  // Layer 2 is at the batch that layer 1 had before.
  const now = waiting.locator('table[data-waits=false] tr');
  await expect(now.last().locator('[data-batch="2"]')).toHaveCount(1);
  await expect(now.first().locator('[data-batch="1"]')).toHaveCount(1);

  const jitter = await unfold(page, 'Jitter');
  await jitter.getByLabel('Pixels each way').selectOption('3');
  await expect
    .poll(
      async () =>
        new Set(
          await page
            .getByTestId('shifted')
            .evaluateAll((all) => all.map((one) => JSON.stringify((one as HTMLElement).dataset))),
        ).size,
    )
    .toBeGreaterThan(1);

  await unfold(page, 'The other reading');
  const epoch = page.getByTestId('other-reading').locator('tr[data-epoch="1"]');
  await expect(epoch.locator('[data-passed]')).toHaveCount(2);
  await expect(epoch.locator('[data-apart]')).toHaveCount(2);
});

test('what each side of the game wins is counted on while an epoch lasts', async ({ lab, page }) => {
  await lab.open(tiny);
  await unfold(page, 'The other reading');
  await lab.stepOnce();
  const first = page.getByTestId('other-reading').locator('tr[data-epoch="1"]');
  const shares = (): Promise<string> =>
    first
      .locator('[data-passed], [data-apart]')
      .evaluateAll((cells) => JSON.stringify(cells.map((cell) => (cell as HTMLElement).dataset)));
  await expect(first).toHaveCount(1);
  const after = await shares();
  // Another twenty pictures of the same epoch, which differ.
  await lab.stepOnce();
  await expect.poll(shares).not.toBe(after);
});

test('a setting that spoils learning is explained once it has', async ({ lab, page }) => {
  await lab.open({ ...tiny, rules: ';minimise' });
  await lab.button('Train').click();
  await expect(page.getByTestId('diagnosis').first()).toContainText('Give both the same sign');
});

test('settings of the recurrent net are set in the menu and stand in the address', async ({ lab, page }) => {
  await lab.open({ ...tiny, recipe: 'recurrent' });
  await page.getByRole('button', { name: /^Settings/ }).click();
  await page.getByText('More that takes effect at once').click();
  await page.getByLabel('Old state').selectOption('normalised');
  await page.getByLabel('The last step that decides').selectOption('7');
  await page.getByLabel('Damping').fill('0.5');
  await page.getByLabel('Damping').press('Tab');
  await expect
    .poll(() => [...address(page)].map((pair) => pair.join('=')))
    .toEqual(expect.arrayContaining(['previous=normalised', 'settled=3-7', 'damping=0.5']));
  await page.getByText('More that needs a restart').click();
  await page.getByLabel('Time steps').fill('4');
  await page.getByLabel('Time steps').press('Tab');
  await lab.button('Restart with these').click();
  // Steps that decide must be among those there are: said, and the run goes on.
  await expect(lab.alert.first()).toContainText('settled');
  await expect(lab.status).toHaveText('ready');
  await lab.stepOnce();
});

for (const [width, colorScheme] of [
  [1280, 'light'],
  [360, 'dark'],
] as const) {
  test(`all unfolded at ${width} pixels, ${colorScheme}: nothing sideways, and axe finds nothing serious`, async ({
    lab,
    page,
  }) => {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    await lab.open(tiny);
    await lab.stepOnce();
    for (const summary of await page.getByTestId('experiments').locator('summary').all()) await summary.click();
    await lab.button('Race').click();
    await expect(page.getByTestId('race')).not.toHaveAttribute('data-points', /^[01]$/);
    await lab.button('Hold the race').click();
    await page.getByTestId('fields').scrollIntoViewIfNeeded();
    await page
      .getByRole('button', { name: /^Look at unit/ })
      .first()
      .click();
    await expect(page.getByTestId('exciting').first()).toBeVisible();
    const sideways = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(sideways).toBeLessThanOrEqual(0);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
  });
}
