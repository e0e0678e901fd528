// The built page in WebKit, which no other test runs in: that it starts there, reads a drawing, and learns.

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { root } from '../../scripts/setup/run.mjs';
import { serveFolders, untrustedAddress } from '../../scripts/setup/static.mjs';
import { startWebKit } from '../../scripts/setup/webkit.mjs';
import { WebKit } from './driver';

let server: Server;
let driver: Awaited<ReturnType<typeof startWebKit>>;
let page: WebKit;

beforeAll(async () => {
  server = await serveFolders({ '/some/folder/': path.join(root, 'dist') });
  driver = await startWebKit();
});

afterAll(() => {
  driver?.close();
  server?.close();
});

beforeEach(async () => {
  page = await WebKit.open(driver.address, driver.browser);
});

afterEach(() => page?.close());

const attribute = (testId: string, name: string): string =>
  `return document.querySelector('[data-testid=${testId}]')?.getAttribute('${name}') ?? null`;
const text = (testId: string): string =>
  `return document.querySelector('[data-testid=${testId}]')?.textContent ?? null`;
const alerts = `return [...document.querySelectorAll('[role=alert]')].map((alert) => alert.textContent).join()`;

/** Opens the page with these settings and waits until it can be used. */
async function open(settings: Record<string, string>, host: Server = server): Promise<void> {
  const { address, port } = host.address() as AddressInfo;
  await page.goto(`http://${address}:${port}/some/folder/?${new URLSearchParams(settings).toString()}`);
  await page.until(attribute('status', 'data-status'), 'ready');
  expect(await page.evaluate(alerts)).toBe('');
}

/** Draws a seven, and waits until it is read. */
async function drawSeven(): Promise<void> {
  await page.press('Clear');
  await page.until(text('prediction'), '–');
  const [left, top, side] = (await page.evaluate(
    `const box = document.querySelector('canvas[data-testid=draw-pad]').getBoundingClientRect();
     return [box.left, box.top, box.width];`,
  )) as [number, number, number];
  const at = (x: number, y: number): [number, number] => [left + x * side, top + y * side];
  await page.stroke([at(0.28, 0.2), at(0.5, 0.2), at(0.72, 0.2), at(0.6, 0.5), at(0.52, 0.68), at(0.46, 0.84)]);
  await page.until(text('prediction'), '7');
}

test('a drawing is read', async () => {
  await open({});
  await drawSeven();
});

test('a drawing is read over plain http by address', async () => {
  const plain = await serveFolders({ '/some/folder/': path.join(root, 'dist') }, 0, {}, untrustedAddress());
  await open({}, plain);
  expect(await page.evaluate('return isSecureContext')).toBe(false);
  await drawSeven();
  expect(await page.evaluate(alerts)).toBe('');
  plain.close();
});

test('a drawing is read where a browser tells nothing of moves in between, as Safari before 18.2', async () => {
  await open({});
  await page.evaluate('delete PointerEvent.prototype.getCoalescedEvents');
  expect(await page.evaluate(`return 'getCoalescedEvents' in PointerEvent.prototype`)).toBe(false);
  await drawSeven();
});

test('a run learns', async () => {
  await open({ layers: '50,50', weights: 'random', batch: '50', seed: '7', epochs: '1000' });
  await page.press('Step');
  await page.until(attribute('progress', 'data-step'), '1', 240);
  await page.press('Train');
  await page.until(
    `return Number(document.querySelector('[data-testid=progress]').getAttribute('data-step')) > 300`,
    true,
    240,
  );
  await page.press('Pause');
  await page.until(attribute('status', 'data-status'), 'paused');
  const separated = (await page.evaluate(
    `return [...document.querySelectorAll('[data-testid=layer]')].map((layer) => Number(layer.getAttribute('data-separated')))`,
  )) as number[];
  expect(separated).toHaveLength(2);
  // Layers that have learned nothing tell half of the pairs apart.
  for (const share of separated) expect(share).toBeGreaterThan(0.6);
  expect(await page.evaluate(alerts)).toBe('');
});
