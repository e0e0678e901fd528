// The page in a Firefox that protects people, that opens it from the disk, or in a frame of somebody else's page.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Frame, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchFirefox } from '../../scripts/setup/browser.mjs';
import { root } from '../../scripts/setup/run.mjs';
import { serveFolders } from '../../scripts/setup/static.mjs';
import { png } from '../e2e/png';
import { alerts, button, open, says, sound, train, waitForStatus } from './lab';

let server: Server;
let browser: Browser | undefined;
const portOf = (one: Server): number => (one.address() as AddressInfo).port;
const address = (): string => `http://127.0.0.1:${portOf(server)}/lab/`;

beforeAll(async () => {
  server = await serveFolders({ '/lab/': path.join(root, 'dist') }, 0, { 'access-control-allow-origin': '*' });
});
afterEach(async () => {
  await browser?.close();
  browser = undefined;
});
afterAll(() => server?.close());

const SMALL = { layers: '40,30', weights: 'random', engine: 'cpu', epochs: '1000' };
const COLOUR = { data: 'objects', layers: '1024,1024', window: '3', engine: 'cpu', weights: 'random' };

/** Drops a red disc on green, as far as a script can. */
async function dropPhotograph(page: Page): Promise<void> {
  const bytes = png(64, 64, (x, y) => (Math.hypot(x - 31.5, y - 31.5) < 24 ? [220, 30, 20, 255] : [0, 160, 60, 255]));
  await page.evaluate((base64) => {
    const dataTransfer = new DataTransfer();
    const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
    dataTransfer.items.add(new File([bytes], 'disc.png', { type: 'image/png' }));
    document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }));
  }, bytes.toString('base64'));
}

const pictureName = (page: Page): Promise<string> =>
  page.evaluate(() => document.querySelector('[data-testid=picture-name]')?.textContent ?? '');

test('where every pixel that is read back is noise, a photograph is not judged, and the rest works', async () => {
  browser = await launchFirefox({ 'privacy.resistFingerprinting': true });
  const { page, complaints } = await open(browser, address(), COLOUR);
  await expect.poll(() => pictureName(page)).toMatch(/from the test set/);
  await dropPhotograph(page);
  await says(page, /protects you by changing the pixels .* else than disc\.png, and does not judge it/);
  expect(await pictureName(page)).toMatch(/from the test set/);
  await page.close();

  // Its clock ticks coarsely: figures are figures all the same.
  const { page: other } = await open(browser, address(), SMALL);
  await train(other);
  await sound(other);
  await button(other, 'Pause').click();
  await waitForStatus(other, 'paused');
  await other.evaluate(() => document.querySelector<HTMLElement>('[aria-label="As PNG"]')!.click());
  await says(other, /changing the pixels of pictures that a page saves.*take the SVG instead/);
  expect(complaints).toEqual([]);
});

test('where canvases are noise and frames of films are not, a photograph is read', async () => {
  browser = await launchFirefox({
    'privacy.fingerprintingProtection': true,
    'privacy.fingerprintingProtection.overrides':
      '+CanvasImageExtractionPrompt,+CanvasExtractionBeforeUserInputIsBlocked',
  });
  const { page, complaints } = await open(browser, address(), COLOUR);
  await dropPhotograph(page);
  await expect.poll(() => pictureName(page)).toBe('disc.png');
  expect(await alerts(page)).toBe('');
  expect(complaints).toEqual([]);
});

test('where nothing may be stored, the page works and says so once', async () => {
  browser = await launchFirefox({ 'network.cookie.cookieBehavior': 2 });
  const { page } = await open(browser, address(), SMALL);
  await train(page);
  await says(page, /^This browser does not keep the run: it allows this page no storage/);
  await sound(page);
  expect((await alerts(page)).split('\n')).toHaveLength(1);
});

/** What the sentence says that is there until the page has started. */
const sentence = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const place = document.querySelector<HTMLElement>('#unstarted');
    return place?.checkVisibility({ visibilityProperty: true }) ? place.innerText : '';
  });

test('opened from the disk it says how to open it', async () => {
  // As it comes; what drives it would let it.
  browser = await launchFirefox({ 'security.fileuri.strict_origin_policy': true });
  const page = await browser.newPage();
  await page.goto(pathToFileURL(path.join(root, 'dist', 'index.html')).href);
  await expect
    .poll(() => sentence(page))
    .toMatch(/could not start: it was opened from the disk, .*open it through a web server: npm start,/);
});

test('without WebAssembly, as where it is switched off for safety, that is said', async () => {
  browser = await launchFirefox({ 'javascript.options.wasm': false });
  const page = await browser.newPage();
  await page.goto(address());
  await expect
    .poll(() => sentence(page), { timeout: 30_000 })
    .toMatch(/runs no WebAssembly here, .*allow it for this page/);
});

for (const sandbox of ['sandbox="allow-scripts"', 'sandbox="allow-scripts allow-same-origin"', ''])
  test(`in <iframe ${sandbox}> of another page a network learns`, async () => {
    const frame = `<iframe width="640" height="480" ${sandbox} src="${address()}?embed=layers&${new URLSearchParams(SMALL)}"></iframe>`;
    const lessons = createServer((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html>${frame}`),
    ).listen(0, '127.0.0.1');
    await new Promise((resolve) => lessons.once('listening', resolve));
    browser = await launchFirefox();
    const page = await browser.newPage();
    page.setDefaultTimeout(120_000);
    await page.goto(`http://localhost:${portOf(lessons)}/`);
    const inside = (await (await page.waitForSelector('iframe'))!.contentFrame()) as Frame;
    await inside.waitForSelector('[data-testid=status][data-status=ready]');
    await inside.locator('::-p-aria([name="Train"][role="button"])').click();
    await inside.waitForFunction(() => /[1-9][\d,]* images/.test(document.body.innerText));
    expect(await inside.evaluate(() => document.querySelectorAll('[role=alert]').length)).toBe(0);
    lessons.close();
  });
