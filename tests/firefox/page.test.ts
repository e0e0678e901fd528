// The built page in Firefox: that its modules, its worker and its WebGPU do there what they do in Chromium, where everything
// else is tested.

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchFirefox } from '../../scripts/setup/browser.mjs';
import { root } from '../../scripts/setup/run.mjs';
import { serveFolders, untrustedAddress } from '../../scripts/setup/static.mjs';
import { attribute, button, drawOne, open, step, stepOnce, waitForStatus } from './lab';

let server: Server;
let browser: Browser;

beforeAll(async () => {
  server = await serveFolders({ '/some/folder/': path.join(root, 'dist') });
  browser = await launchFirefox();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

const start = (settings: Record<string, string>) =>
  open(browser, `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/folder/`, settings);

test('trains and reads on WebGPU', async () => {
  const { page, complaints } = await start({ engine: 'webgpu' });
  await page.waitForSelector('[data-testid=engine][data-engine=webgpu]', { timeout: 240_000 });
  await stepOnce(page);
  await drawOne(page);
  await page.waitForFunction(() => document.querySelector('[data-testid=prediction]')?.textContent?.trim() === '1');
  expect(complaints).toEqual([]);
  await page.close();
});

test('automatic stays on the CPU where the adapter only imitates a GPU', async () => {
  const { page, complaints } = await start({ layers: '40,30', weights: 'random' });
  // Firefox keeps the adapter's name to itself, but not this.
  const imitation = await page.evaluate(async () => {
    const { gpu } = navigator as unknown as { gpu: { requestAdapter(): Promise<{ info: object } | null> } };
    const info: { isFallbackAdapter?: boolean } | undefined = (await gpu.requestAdapter())?.info;
    return info?.isFallbackAdapter;
  });
  const reason = imitation ? 'imitates a GPU' : 'GFLOP';
  await page.waitForSelector(`[data-testid=engine][title*="${reason}"]`);
  if (imitation) expect(await attribute(page, 'engine', 'data-engine')).toBe('cpu');
  await stepOnce(page);
  expect(await attribute(page, 'progress', 'data-step')).toBe('1');
  expect(complaints).toEqual([]);
  await page.close();
});

test('a reload in mid-run offers to go on, and goes on', async () => {
  const { page, complaints } = await start({ layers: '100,100', weights: 'random', engine: 'cpu' });
  await button(page, 'Train').click();
  await expect.poll(() => step(page), { timeout: 120_000 }).toBeGreaterThan(20);
  await button(page, 'Pause').click();
  await waitForStatus(page, 'paused');
  const kept = await step(page);
  await page.reload();
  await page.waitForSelector('[data-testid=kept]');
  await button(page, 'Go on with it').click();
  await page.waitForSelector('[data-testid=kept]', { hidden: true });
  await expect.poll(() => step(page), { timeout: 120_000 }).toBeGreaterThanOrEqual(kept);
  await stepOnce(page);
  expect(complaints).toEqual([]);
  await page.close();
});

test('a digit is drawn and read over plain http by address', async () => {
  const plain = await serveFolders({ '/lab/': path.join(root, 'dist') }, 0, {}, untrustedAddress());
  const { port } = plain.address() as AddressInfo;
  const { page, complaints } = await open(browser, `http://${untrustedAddress()}:${port}/lab/`, {});
  expect(await page.evaluate(() => [isSecureContext, 'getCoalescedEvents' in PointerEvent.prototype])).toEqual([
    false,
    false,
  ]);
  await drawOne(page);
  await page.waitForFunction(() => document.querySelector('[data-testid=prediction]')?.textContent?.trim() === '1');
  await stepOnce(page);
  expect(complaints).toEqual([]);
  await page.close();
  plain.close();
});
