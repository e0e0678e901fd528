import { digits, expect, small, test } from './lab';
import { filled } from './safetensors';

test('a worker that dies is replaced, says so, and goes on from the last checkpoint', async ({ lab, page }) => {
  await lab.open(small);
  await lab.button('Train').click();
  await expect.poll(() => lab.step()).toBeGreaterThan(3);
  // Pausing takes a checkpoint.
  const held = await lab.pause();

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
  await lab.open(small);
  await lab.stepOnce();
  const { name, bytes } = await lab.save();
  // Weights that are numbers still, and whose goodness is none any more.
  await lab.drop([{ name, bytes: filled(bytes, 'layers.1.weight', 1e30) }]);
  await lab.button('Step').click();
  await expect(lab.alert.first()).toContainText(/infinite|not a number|NaN|diverge/i);
  await expect(lab.status).toHaveText('error');
  await lab.button('Start over').or(lab.button('Restart')).first().click();
  await expect(lab.status).toHaveText('ready');
  await lab.stepOnce();
});
