import { expect, test } from './lab';

const tiny = { layers: '40,30', batch: 20, weights: 'random', epochs: 1000, seed: 3, engine: 'cpu' };

// What comes of a run of each recipe: whom it shows, by what it reads, and how it is explained.
for (const [recipe, reads, kind, explained] of [
  ['supervised', ['goodness', 'softmax'], 'label', 'Two ways to read a digit'],
  ['unsupervised', ['softmax'], 'hybrid', 'Two pictures in one'],
  ['recurrent', ['goodness', 'softmax'], 'label', 'A still video'],
  ['backprop', ['softmax'], undefined, 'Forward once, and back'],
] as const) {
  test(`${recipe}: a short run learns, is measured and reads what is drawn`, async ({ lab, page }) => {
    await lab.open({ ...tiny, recipe });
    await expect(page.getByTestId('recipe')).toHaveAttribute('data-recipe', recipe);
    await expect(page.getByRole('heading', { name: explained })).toBeAttached();
    await lab.button('Train').click();
    for (const by of reads) await expect(lab.testError).toHaveAttribute(`data-${by}`, /^\d/);
    // What it does not read by has no figure, not even one to come.
    await expect(lab.testError.getByText('goodness')).toHaveCount(reads.length - 1);
    await expect.poll(() => lab.step()).toBeGreaterThan(20);
    await lab.pause();
    await expect(lab.prediction).toHaveText(/^\d$/);
    if (kind) await expect(page.locator(`[data-testid=negative][data-kind=${kind}]`).first()).toBeAttached();
    const layers = await lab.layers();
    if (recipe === 'backprop') expect(layers.map((layer) => layer.separated)).toEqual([0, 0]);
    else for (const layer of layers) expect(layer.positive).toBeGreaterThan(0);
  });
}

test('another recipe begins without a reload, and the run that is left can be gone back to', async ({ lab, page }) => {
  await lab.open(tiny);
  await page.evaluate(() => (document.title = 'the same page'));
  await lab.stepOnce();
  await lab.stepOnce();
  const choose = async (name: string) => {
    await page.getByRole('button', { name: /^Recipe/ }).click();
    await lab.button(name).click();
  };
  await choose('Unsupervised');
  await expect(page.getByTestId('recipe')).toHaveAttribute('data-recipe', 'unsupervised');
  await expect(page).toHaveURL(/recipe=unsupervised/);
  expect(await lab.step()).toBe(0);
  await choose('Supervised');
  await expect(page.getByTestId('recipe')).toHaveAttribute('data-recipe', 'supervised');
  await expect(lab.progress).toHaveAttribute('data-step', '2');
  await lab.stepOnce();
  expect(await lab.step()).toBe(3);
  expect(await page.title()).toBe('the same page');
});

test('going over to another recipe asks the browser for no sizes and styles, for which it would lay the page out at once', async ({
  lab,
  page,
}) => {
  await lab.open(tiny);
  await page.setViewportSize({ width: 1280, height: 2000 });
  await lab.stepOnce();
  const menu = page.getByRole('button', { name: /^Recipe/ });
  const go = async (name: string, recipe: string) => {
    await menu.click();
    await lab.button(name).click();
    await expect(page.getByTestId('recipe')).toHaveAttribute('data-recipe', recipe);
    await expect(lab.prediction).toHaveText(/^\d$/);
  };
  // What is fetched, and asked for once, has been by then.
  await expect(page.locator('.u-over')).toHaveCount(2);
  await go('Recurrent', 'recurrent');
  await menu.click();
  await page.evaluate(() => {
    const asked: string[] = [];
    Object.assign(window, { asked });
    const watch = (of: object, name: string): void => {
      const was = Object.getOwnPropertyDescriptor(of, name);
      if (!was) throw new Error(`there is no ${name}`);
      const note = (): void => void asked.push(`${name} ${new Error().stack?.split('\n').slice(3, 5).join('')}`);
      const { get, value } = was as { get?: () => unknown; value?: (...given: unknown[]) => unknown };
      Object.defineProperty(of, name, {
        ...was,
        ...(get && {
          get() {
            note();
            return get.call(this);
          },
        }),
        ...(value && {
          value(...given: unknown[]) {
            note();
            return value.apply(this, given);
          },
        }),
      });
    };
    watch(window, 'getComputedStyle');
    for (const name of ['clientWidth', 'clientHeight', 'scrollWidth', 'scrollHeight', 'getBoundingClientRect'])
      watch(Element.prototype, name);
    for (const name of ['offsetWidth', 'offsetHeight', 'offsetLeft', 'offsetTop']) watch(HTMLElement.prototype, name);
  });
  await page.evaluate(() =>
    document.querySelector<HTMLButtonElement>('[data-testid=recipe] [aria-label=Supervised]')?.click(),
  );
  // No locator that looks whether something can be seen: that asks, too.
  await page.waitForFunction(
    () =>
      document.querySelector('[data-testid=recipe]')?.getAttribute('data-recipe') === 'supervised' &&
      document.querySelectorAll('.u-over').length === 2 &&
      document.querySelector('[data-testid=progress]')?.getAttribute('data-step') === '1',
  );
  expect(await page.evaluate(() => (window as unknown as { asked: string[] }).asked)).toEqual([]);
});

test('the mask is painted and goodness answers at once', async ({ lab, page }) => {
  await lab.open({ ...tiny, recipe: 'unsupervised' });
  await lab.stepOnce();
  const workshop = page.getByRole('region', { name: /reject/i });
  await workshop.scrollIntoViewIfNeeded();
  // The bits, six blurs, and the cut.
  await expect(workshop.locator('.steps canvas')).toHaveCount(8);
  const goodness = page.getByTestId('hybrid-goodness');
  await expect(goodness).toContainText(/L1 \d/);
  const before = await goodness.textContent();
  const mask = page.getByTestId('mask');
  await mask.scrollIntoViewIfNeeded();
  const box = (await mask.boundingBox())!;
  await page.mouse.move(box.x + 2, box.y + box.height / 2);
  await page.mouse.down();
  for (const y of [0.3, 0.5, 0.7]) {
    await page.mouse.move(box.x + 2, box.y + y * box.height);
    await page.mouse.move(box.x + box.width - 2, box.y + y * box.height, { steps: 12 });
  }
  await page.mouse.up();
  await expect(goodness).not.toHaveText(before!);
  await workshop.getByRole('button', { name: 'Put back' }).click();
  await expect(goodness).toHaveText(before!);
  // And by keyboard.
  await mask.focus();
  for (let i = 0; i < 8; i++) await page.keyboard.press('Shift+ArrowRight');
  await expect(workshop.getByRole('button', { name: 'Put back' })).toBeEnabled();
  for (const row of ['ArrowUp', 'ArrowLeft', 'ArrowDown', 'ArrowDown'])
    for (let i = 0; i < 10; i++) await page.keyboard.press(`Shift+${row}`);
  await expect(goodness).not.toHaveText(before!);
});

test('the recurrent net’s claims are played step by step', async ({ lab, page }) => {
  await lab.open({ ...tiny, recipe: 'recurrent', steps: 6, settled: '2-4', damping: 0.1, previous: 'normalised' });
  await expect(lab.alert).toHaveCount(0);
  const table = page.getByTestId('goodness-by-step');
  await table.scrollIntoViewIfNeeded();
  await expect(table.locator('tr[data-label]')).toHaveCount(10);
  await expect(table.locator('tr[data-label="3"] td')).toHaveCount(6);
  const slider = page.getByRole('slider', { name: 'Time step on show' });
  await slider.fill('2');
  await expect(page.getByTestId('leader')).toHaveAttribute('data-step', '2');
  await lab.button('Play the steps').click();
  await expect(page.getByTestId('leader')).toHaveAttribute('data-step', '6');
  await expect(lab.button('Play the steps')).toBeVisible();
});

test('any unit of any layer shows what excites it', async ({ lab, page }) => {
  await lab.open(tiny);
  await lab.stepOnce();
  const fields = page.getByTestId('fields');
  await fields.scrollIntoViewIfNeeded();
  await expect(fields.getByRole('img', { name: /Weights of the 10 labels/ })).toHaveCount(7);
  const names = (): Promise<(string | null)[]> =>
    fields.getByRole('button', { name: /^Look at unit/ }).evaluateAll((all) => all.map((one) => one.ariaLabel));
  const first = await names();
  await lab.button('Units of less use').click();
  await expect.poll(async () => (await names()).some((name) => first.includes(name))).toBe(false);
  await fields.getByRole('combobox').selectOption('2');
  await fields
    .getByRole('button', { name: /^Look at unit/ })
    .first()
    .click();
  await expect(page.getByTestId('exciting')).toHaveCount(7);
  await fields.getByRole('textbox').fill('30');
  await expect(fields.getByRole('status')).toContainText('the unit must be a whole number from 0 to 29');
  await fields.getByRole('textbox').fill('29');
  await fields.getByRole('textbox').press('Enter');
  await expect(page.getByTestId('unit')).toHaveAttribute('data-unit', '29');
  await expect(page.getByTestId('exciting')).toHaveCount(7);
  const activities = await page
    .getByTestId('exciting')
    .evaluateAll((all) => all.map((one) => Number((one as HTMLElement).dataset.activity)));
  expect(activities).toEqual([...activities].sort((a, b) => b - a));
});
