import { expect, small, test } from './lab';

test('everything is alive before anyone presses anything', async ({ lab, page }) => {
  await lab.open();
  for (const layer of await page.getByTestId('layer').all()) {
    await expect(layer).toHaveAttribute('data-positive-goodness', /\d/);
    await expect(layer).toHaveAttribute('data-separated', /\d/);
  }
  for (const layer of await lab.layers()) expect(layer.positive).toBeGreaterThan(layer.negative);
  await expect(page.getByTestId('negative').first()).toBeVisible();
  await expect(page.getByTestId('negative').first()).toHaveAttribute('data-kind', 'label');
  await expect(lab.testError).toHaveAttribute('data-goodness', /\d/);
  // And nothing was learned for it.
  expect(await lab.step()).toBe(0);
  await expect(lab.status).toHaveText('ready');
});

test('taught from nothing, it begins to read: test errors keep coming, and fall', async ({ lab, page }) => {
  test.setTimeout(180_000);
  await lab.open();
  await expect(lab.testError).toHaveAttribute('data-goodness', /\d/, { timeout: 60_000 });
  await page.evaluate(() => {
    const seen: number[] = [];
    const error = document.querySelector('[data-testid=test-error]')!;
    // A run that begins has no error yet, and none is not 0 %.
    new MutationObserver(() => {
      const now = error.getAttribute('data-goodness');
      if (now !== null) seen.push(Number(now));
    }).observe(error, { attributeFilter: ['data-goodness'] });
    Object.assign(window, { errorsSeen: seen });
  });
  await lab.button('Teach it from nothing').click();
  await expect(lab.status).toHaveText('training');
  await expect.poll(() => lab.error(), { timeout: 120_000 }).toBeLessThan(30);
  const errorsSeen = () => page.evaluate(() => (window as unknown as { errorsSeen: number[] }).errorsSeen);
  // It began at chance, though the shipped weights were there before.
  expect(Math.max(...(await errorsSeen()))).toBeGreaterThan(70);
  // A fast machine reads well already at the second.
  await expect.poll(async () => (await errorsSeen()).length).toBeGreaterThanOrEqual(3);
  expect(page.url()).toContain('weights=random');
  await expect(lab.testError).toHaveAttribute('data-images', /^[1-9]/);
  await lab.pause();
  expect(lab.complaints).toEqual([]);
});

test('taught from nothing again, the same seed gives the same beginning', async ({ lab, page }) => {
  await lab.open(small);
  await expect(lab.testError).toHaveAttribute('data-goodness', /\d/, { timeout: 60_000 });
  const look = () => lab.layers();
  const first = await look();
  await lab.stepOnce();
  const one = await look();
  expect(one).not.toEqual(first);
  await page.getByTestId('speed').getByText('one batch').click();
  await lab.button('Teach it from nothing').click();
  await expect(lab.progress).toHaveAttribute('data-step', '1');
  await expect.poll(look).toEqual(one);
});

test('one batch is one batch, slow motion goes on slowly, real time does not', async ({ lab, page }) => {
  await lab.open(small);
  const speed = page.getByTestId('speed');
  await expect(speed).toHaveRole('radiogroup');
  await expect(speed.getByRole('radio')).toHaveCount(3);
  await expect(lab.testError).toHaveAttribute('data-goodness', /\d/, { timeout: 60_000 });
  await speed.getByText('one batch').click();
  await lab.button('Train').click();
  await expect(lab.progress).toHaveAttribute('data-step', '1');
  await expect(lab.status).toHaveText('paused');

  // By keyboard to slow motion.
  await speed.getByRole('radio', { name: 'one batch' }).focus();
  await page.keyboard.press('ArrowLeft');
  await expect(speed.getByRole('radio', { name: 'slow motion' })).toBeChecked();
  await lab.button('Train').click();
  await expect.poll(() => lab.step()).toBeGreaterThan(2);
  const [began, at] = [await page.evaluate(() => performance.now()), await lab.step()];
  await expect.poll(() => lab.step()).toBeGreaterThan(at + 2);
  const [ended, then] = [await page.evaluate(() => performance.now()), await lab.step()];
  // Never faster than a batch in 0.7 s; how much slower is the machine's affair.
  expect(then - at).toBeLessThanOrEqual(1 + (ended - began) / 600);

  await speed.getByText('real time').click();
  await expect.poll(() => lab.step()).toBeGreaterThan(then + 50);
  // Turned to one batch in mid-run, it rests.
  await speed.getByText('one batch').click();
  await expect(lab.status).toHaveText('paused');
});

test('a finished run offers ten more epochs', async ({ lab }) => {
  test.setTimeout(180_000);
  await lab.open({ layers: '10,10', weights: 'random', batch: 1000, epochs: 1 });
  await lab.button('Train').click();
  await expect(lab.status).toHaveText('finished', { timeout: 150_000 });
  const at = await lab.step();
  await lab.button('Ten more epochs').click();
  await expect.poll(() => lab.step()).toBeGreaterThan(at);
  await expect(lab.progress).toContainText('of 11');
});
