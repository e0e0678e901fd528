// The built page in Firefox: that its modules, its worker and its WebGPU do there what they do in Chromium, where everything
// else is tested.

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchFirefox } from '../../scripts/setup/browser.mjs';
import { root } from '../../scripts/setup/run.mjs';
import { serveFolders } from '../../scripts/setup/static.mjs';

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

/** Opens the page with these settings; errors on its console are gathered in `complaints`. */
async function open(settings: Record<string, string>): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 800 });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  const { port } = server.address() as AddressInfo;
  await page.goto(`http://127.0.0.1:${port}/some/folder/?${new URLSearchParams(settings).toString()}`);
  await page.waitForSelector('[data-testid=status][data-status=ready]');
  return { page, complaints };
}

const attribute = (page: Page, testId: string, name: string): Promise<string | null | undefined> =>
  page.evaluate((id, a) => document.querySelector(`[data-testid=${id}]`)?.getAttribute(a), testId, name);

const button = (page: Page, name: string) =>
  page.locator(`::-p-aria([name="${name}"][role="button"])`).setTimeout(120_000);

/** Presses Step and waits until the batch is done. */
async function stepOnce(page: Page): Promise<void> {
  const next = Number(await attribute(page, 'progress', 'data-step')) + 1;
  await button(page, 'Step').click();
  await page.waitForSelector(`[data-testid=progress][data-step="${next}"]`, { timeout: 120_000 });
}

/** Draws a one with the mouse. */
async function drawOne(page: Page): Promise<void> {
  await button(page, 'Clear').click();
  const pad = await page.$('canvas[data-testid=draw-pad]');
  const box = await pad?.boundingBox();
  if (!box) throw new Error('The draw pad is not on the screen.');
  const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(0.52, 0.18));
  await page.mouse.down();
  await page.mouse.move(...at(0.5, 0.5), { steps: 5 });
  await page.mouse.move(...at(0.48, 0.82), { steps: 5 });
  await page.mouse.up();
}

test('trains and reads on WebGPU', async () => {
  const { page, complaints } = await open({ engine: 'webgpu' });
  await page.waitForSelector('[data-testid=engine][data-engine=webgpu]', { timeout: 240_000 });
  await stepOnce(page);
  await drawOne(page);
  await page.waitForFunction(() => document.querySelector('[data-testid=prediction]')?.textContent?.trim() === '1');
  expect(complaints).toEqual([]);
  await page.close();
});

test('automatic stays on the CPU where the adapter only imitates a GPU', async () => {
  const { page, complaints } = await open({ layers: '40,30', weights: 'random' });
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
  const { page, complaints } = await open({ layers: '100,100', weights: 'random', engine: 'cpu' });
  await button(page, 'Train').click();
  const step = async () => Number(await attribute(page, 'progress', 'data-step'));
  await expect.poll(step, { timeout: 120_000 }).toBeGreaterThan(20);
  await button(page, 'Pause').click();
  await page.waitForSelector('[data-testid=status][data-status=paused]');
  const kept = await step();
  await page.reload();
  await page.waitForSelector('[data-testid=kept]');
  await button(page, 'Go on with it').click();
  await page.waitForSelector('[data-testid=kept]', { hidden: true });
  await expect.poll(step, { timeout: 120_000 }).toBeGreaterThanOrEqual(kept);
  await stepOnce(page);
  expect(complaints).toEqual([]);
  await page.close();
});
