import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serveFolders } from '../../scripts/setup/static.mjs';
import { digits, expect, files, kept, small, test } from './lab';

test('works without a network after the first visit, drawings and training included', async ({
  lab,
  page,
  context,
}) => {
  await lab.open();
  await kept(page);
  await context.setOffline(true);
  // Another address of the same page, for the same weights.
  await page.goto(`./?${new URLSearchParams({ epochs: '9' })}`);
  await expect(lab.status).toHaveText('ready');
  await lab.draw(digits['7']!);
  await expect(lab.prediction).toHaveText('7');
  await lab.stepOnce();
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  // Parts that are fetched only when they are wanted were kept with the rest.
  await page.getByRole('button', { name: /^Ask it/ }).click();
  await expect(page.getByTestId('what-if')).toBeVisible();
  await page.getByText('Layers that do not wait').click();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(page.getByRole('textbox', { name: /layers/i })).toBeVisible();
});

test('keeps one build of the core and no other', async ({ lab, page }) => {
  await lab.open(small);
  await kept(page);
  expect((await files(page)).filter((file) => file.endsWith('.wasm'))).toHaveLength(1);
});

test('keeps the weights for objects once they were wanted', async ({ lab, page, context }) => {
  const weights = async () => (await files(page)).filter((file) => file.includes('pretrained-objects-')).length;
  await lab.open();
  await kept(page);
  expect(await weights()).toBe(0);
  await page.goto('./?recipe=local-min');
  await expect(lab.status).toHaveText('ready');
  await expect.poll(weights).toBe(1);
  await context.setOffline(true);
  await page.reload();
  await expect(lab.status).toHaveText('ready');
  await expect(page.getByRole('button', { name: /^Weights/ })).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(page).not.toHaveURL(/weights=random/);
});

test('can be installed', async ({ lab, page }) => {
  await lab.open(small);
  const address = await page.locator('link[rel=manifest]').evaluate((link: HTMLLinkElement) => link.href);
  const manifest = (await (await page.request.get(address)).json()) as {
    name: string;
    start_url: string;
    display: string;
    icons: { src: string }[];
  };
  expect(manifest).toMatchObject({ name: 'Forward-Forward Lab', display: 'standalone' });
  expect(new URL(manifest.start_url, address).pathname).toBe(new URL(page.url()).pathname);
  for (const { src } of manifest.icons) expect((await page.request.get(new URL(src, address).href)).ok()).toBe(true);
});

test('a newer version is offered, waits while a run is under way, and keeps it', async ({ lab, page }) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'forward-forward-'));
  await cp('dist', folder, { recursive: true });
  const server = await serveFolders({ '/lab/': folder });
  try {
    const query = new URLSearchParams(Object.entries(small).map(([name, value]) => [name, String(value)]));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/lab/?${query}`);
    await expect(lab.status).toHaveText('ready');
    await kept(page);
    await lab.button('Train').click();
    await expect.poll(() => lab.step()).toBeGreaterThan(3);

    await appendFile(path.join(folder, 'sw.js'), '\n// another version\n');
    await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
    await expect(lab.alert.first()).toContainText(/newer version/);
    const before = await lab.step();
    await expect.poll(() => lab.step()).toBeGreaterThan(before);
    await expect(lab.status).toHaveText('training');

    const loaded = page.waitForEvent('load');
    await page.getByRole('button', { name: 'Load it' }).click();
    await loaded;
    await expect(lab.status).toHaveText('ready');
    await expect(page.getByText(/go on/i).first()).toBeVisible();
    const waiting = await page.evaluate(async () => Boolean((await navigator.serviceWorker.ready).waiting));
    expect(waiting).toBe(false);
  } finally {
    server.close();
    await rm(folder, { recursive: true });
  }
});
