// The page over plain http by address, as on a school's own host: much that browsers offer over https is missing there.

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { root } from '../../scripts/setup/run.mjs';
import { serveFolders, untrustedAddress } from '../../scripts/setup/static.mjs';
import { digits, expect, test } from './lab';

let server: Server;
test.beforeAll(async () => {
  server = await serveFolders({ '/lab/': path.join(root, 'dist') }, 0, {}, untrustedAddress());
});
test.afterAll(() => server.close());
const address = (query: string): string =>
  `http://${untrustedAddress()}:${(server.address() as AddressInfo).port}/lab/?${query}`;

test('a digit is drawn and read, and a run learns, is kept and compared', async ({ lab, page }) => {
  await page.goto(address('layers=100,100&weights=random&seed=7&batch=50&epochs=1000'));
  await expect(lab.status).toHaveText('ready');
  expect(await page.evaluate(() => [isSecureContext, 'getCoalescedEvents' in PointerEvent.prototype])).toEqual([
    false,
    false,
  ]);
  await lab.button('Train').click();
  await expect.poll(() => lab.step(), { timeout: 60_000 }).toBeGreaterThan(20);
  const step = await lab.pause();
  await expect(page.getByTestId('run')).toHaveCount(1);
  await lab.button('New seed').click();
  await expect(lab.progress).toHaveAttribute('data-step', '0');
  await page.reload();
  await expect(page.getByTestId('kept')).toHaveAttribute('data-step', String(step));
  await lab.button('Go on with it').click();
  await expect(lab.progress).toHaveAttribute('data-step', String(step));
  await page.goto(address(''));
  await expect(lab.status).toHaveText('ready');
  for (const digit of ['7', '3', '1']) {
    await lab.button('Clear').click();
    await expect(lab.prediction).toHaveText('–');
    await lab.draw(digits[digit]!);
    await expect(lab.prediction).toHaveText(digit);
  }
  expect(lab.complaints).toEqual([]);
});

test('what needs https says so or does without', async ({ lab, page }) => {
  await page.goto(address('seed=1&layers=30,30&weights=random'));
  await expect(lab.status).toHaveText('ready');
  await expect(page.getByTestId('engine')).toContainText('the page is not on https');
  await lab.button('Copy link').click();
  await expect(lab.alert.first()).toContainText(/the link is http:.*layers=30,30/);
  await lab.button('Dismiss').click();
  await page.getByRole('button', { name: /^Settings/ }).click();
  await page.getByLabel('Engine').selectOption('webgpu');
  await expect(lab.alert.filter({ hasText: 'WebGPU' }).first()).toBeVisible();
  await page.keyboard.press('Escape');
  await lab.stepOnce();
  expect(lab.complaints).toEqual([]);
});
