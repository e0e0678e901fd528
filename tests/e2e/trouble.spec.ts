import { digits, expect, small, test } from './lab';
import { filled } from './safetensors';

test('a worker that dies is replaced, says so, and goes on from the last checkpoint', async ({ lab, page }) => {
  await lab.open(small);
  await lab.button('Train').click();
  await expect.poll(() => lab.step()).toBeGreaterThan(3);
  // What is said to be paused has stopped, and is safe.
  await lab.pause();
  const held = await lab.step();

  await page.workers()[0]!.evaluate(() => {
    setTimeout(() => {
      throw new Error('planted by a test');
    });
  });
  await expect(lab.alert.first()).toContainText(/restarted/);
  await expect(lab.status).toHaveText('paused');
  await lab.button('Step').click();
  await expect.poll(() => lab.step()).toBe(held + 1);
  await lab.button('Clear').click();
  await lab.draw(digits['1']!);
  await expect(lab.prediction).toHaveText(/^\d$/);
});

test('what is said to be paused learns no more', async ({ lab, page }) => {
  await lab.open(small);
  for (let round = 0; round < 3; round++) {
    await lab.button('Train').click();
    const before = await lab.step();
    await expect.poll(() => lab.step()).toBeGreaterThan(before);
    const said = await page.evaluate(async () => {
      const at = (id: string): HTMLElement => document.querySelector<HTMLElement>(`[data-testid=${id}]`)!;
      [...document.querySelectorAll('button')].find((button) => button.textContent?.includes('Pause'))!.click();
      // In the very moment the page says it, not when a test next looks.
      while (at('status').textContent?.trim() !== 'paused') await new Promise(requestAnimationFrame);
      const step = at('progress').dataset.step;
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      return [step, at('progress').dataset.step];
    });
    expect(said[1]).toBe(said[0]);
  }
});

test('a worker that dies while it learns loses little of what it learned', async ({ lab, page }) => {
  await lab.open(small);
  await lab.button('Train').click();
  await expect.poll(() => lab.step(), { timeout: 60_000 }).toBeGreaterThan(3);
  // So many milliseconds of learning before it dies, however long a busy machine takes for them, this much was learned.
  await lab.learns(2_000);
  const before = await lab.step();
  await lab.learns(3_500);
  await page.workers()[0]!.evaluate(() => {
    setTimeout(() => {
      throw new Error('planted by a test');
    });
  });
  await expect(lab.alert.first()).toContainText(/restarted/);
  await expect(lab.status).toHaveText('paused');
  expect(await lab.step()).toBeGreaterThanOrEqual(before);
});

test('pretrained weights that cannot be fetched are named, and the page works without them', async ({ lab, page }) => {
  await page.route('**/*.safetensors', (route) => route.fulfill({ status: 404, body: 'Not found' }));
  await lab.open();
  await expect(lab.alert.first()).toContainText(/pretrained weights/i);
  await lab.stepOnce();
});

test("the core's module that cannot be fetched is said in words", async ({ lab, page }) => {
  await page.route('**/*.wasm', (route) => route.fulfill({ status: 404, body: 'Not found' }));
  await page.goto('./');
  await expect(lab.status).toHaveText('error');
  await expect(lab.alert.first()).not.toBeEmpty();
});

test.describe('past the service worker', () => {
  test.use({ serviceWorkers: 'block' });

  test('a part of the page that cannot be fetched is said in words, and the rest goes on', async ({ lab, page }) => {
    await lab.open();
    await page.route(/assets\/Ask-[^/]*\.js$/, (route) => route.abort());
    await page.getByRole('button', { name: /^Ask it/ }).click();
    await expect(lab.alert).toContainText('This part of the page could not be loaded.');
    await lab.stepOnce();
    await page.unroute(/assets\/Ask-[^/]*\.js$/);
    await page.getByRole('button', { name: 'Load the page anew' }).click();
    await page.getByRole('button', { name: /^Ask it/ }).click();
    await expect(page.getByTestId('what-if')).toBeVisible();
  });
});

test('a run that diverges stops with an explanation and a way back', async ({ lab }) => {
  await lab.open(small);
  await lab.stepOnce();
  const { name, bytes } = await lab.save();
  // Weights that are numbers still, and whose goodness is none any more.
  await lab.drop([{ name, bytes: filled(bytes, 'layers.1.weight', 1e30) }]);
  await expect(lab.status).toHaveText('ready');
  await lab.button('Step').click();
  await expect(lab.alert.first()).toContainText(/infinite|not a number|NaN|diverge/i);
  await expect(lab.status).toHaveText('error');
  await lab.button('Start over').or(lab.button('Restart')).first().click();
  await expect(lab.status).toHaveText('ready');
  await lab.stepOnce();
});

test('a rate that breaks a run is said, and one button takes the run back to before', async ({ lab, page }) => {
  await lab.open(small);
  await lab.button('Train').click();
  await expect.poll(() => lab.step(), { timeout: 60_000 }).toBeGreaterThan(20);
  await page.getByRole('button', { name: /^Settings/ }).click();
  const rate = page.getByLabel('Rate ε', { exact: true });
  await rate.fill('1');
  await rate.press('Enter');
  await expect(lab.alert).toContainText(/dead.*ε = 1 is probably too high/, { timeout: 60_000 });
  await expect(lab.status).toHaveText('paused');
  const broken = await lab.step();
  await page.keyboard.press('Escape');
  await lab.alert.getByRole('button', { name: /^Go back to batch/ }).click();
  await expect.poll(() => lab.step()).toBeLessThan(broken);
  expect(new URL(page.url()).searchParams.get('rate')).toBeNull();
  // It learns again: pairs are told apart as before, and nothing is said.
  await lab.button('Train').click();
  await expect.poll(() => lab.step(), { timeout: 60_000 }).toBeGreaterThan(broken);
  await expect(lab.alert).toHaveCount(0);
  for (const { separated } of await lab.layers()) expect(separated).toBeGreaterThan(0.5);
});

test('a run that was begun at a rate that breaks it is begun again at the recommended one', async ({ lab, page }) => {
  await lab.open({ ...small, rate: 1 });
  await lab.button('Train').click();
  await expect(lab.alert).toContainText(/dead/, { timeout: 60_000 });
  await page.getByRole('button', { name: 'Start over with ε = 0.02' }).click();
  await expect(lab.status).toHaveText('ready');
  expect(new URL(page.url()).searchParams.get('rate')).toBeNull();
});
