import { digits, expect, small, test } from './lab';

test('a worker that dies is replaced, says so, and goes on from the last checkpoint', async ({ lab, page }) => {
  await lab.open(small);
  await lab.button('Train').click();
  await expect.poll(() => lab.step()).toBeGreaterThan(3);
  // Pausing takes a checkpoint.
  await lab.button('Pause').click();
  await expect(lab.status).toHaveText('paused');
  const held = await lab.step();
  await page.waitForTimeout(500);

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

test('a run that diverges stops with an explanation and a way back', async ({ lab }) => {
  await lab.open({ ...small, rate: 1 });
  await lab.button('Train').click();
  await expect(lab.status).toHaveText('error', { timeout: 45_000 });
  await expect(lab.alert.first()).toContainText(/layer|weights|goodness/i);
  await lab.alert
    .first()
    .getByRole('button', { name: /start over/i })
    .click();
  await expect(lab.status).toHaveText('ready');
});
