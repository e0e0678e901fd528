// The page in frames of other people's pages, as they write them: where it can work it works, and otherwise it says why not.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { root } from '../../scripts/setup/run.mjs';
import { serveFolders } from '../../scripts/setup/static.mjs';
import { digits, expect, Lab, test } from './lab';

const SMALL = 'layers=30,30&weights=random&seed=5';

/** A host that lets everybody have its files, as GitHub Pages does, and one that says nothing of that. */
const hosts: Record<'open' | 'plain', string> = { open: '', plain: '' };
const servers: Server[] = [];
/** Where lessons are, which is another site: browsers tell these two names of one machine apart. */
let lessons = '';
/** What the lessons' site answers to each path. */
const pages = new Map<string, string>();
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

test.beforeAll(async () => {
  for (const host of ['open', 'plain'] as const) {
    const headers = host === 'open' ? { 'access-control-allow-origin': '*' } : {};
    const server = await serveFolders({ '/lab/': path.join(root, 'dist') }, 0, headers);
    servers.push(server);
    hosts[host] = `http://127.0.0.1:${portOf(server)}/lab/`;
  }
  const server = createServer((request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html>${pages.get(request.url!) ?? ''}`),
  );
  servers.push(server.listen(0, '127.0.0.1'));
  await new Promise((resolve) => server.once('listening', resolve));
  lessons = `http://localhost:${portOf(server)}`;
});
test.afterAll(() => servers.forEach((server) => server.close()));

/** Opens a lesson with a frame of these attributes, at `query` of a host; what is in the frame. */
async function lesson(page: Page, attributes: string, query: string, host: keyof typeof hosts = 'open') {
  pages.set(
    '/lesson',
    `<title>Lesson</title>
    <iframe title="Lab" width="640" height="480" ${attributes} src="${hosts[host]}?${query}"></iframe>`,
  );
  await page.goto(`${lessons}/lesson`);
  return page.frameLocator('iframe');
}

for (const attributes of [
  'sandbox="allow-scripts"',
  'sandbox="allow-scripts allow-popups"',
  'sandbox="allow-scripts allow-same-origin"',
  'credentialless',
  '',
])
  test.describe(`<iframe ${attributes}>`, () => {
    test('a drawing is read in it', async ({ lab, page }) => {
      const frame = await lesson(page, attributes, 'embed=goodness');
      await expect(frame.getByTestId('status')).toHaveText('ready');
      await frame.getByRole('button', { name: 'Clear' }).click();
      const box = (await frame.locator('canvas[data-testid=draw-pad]').boundingBox())!;
      const [first, ...rest] = digits['1']![0]!.map(
        ([x, y]) => [box.x + x * box.width, box.y + y * box.height] as const,
      );
      await page.mouse.move(...first!);
      await page.mouse.down();
      for (const to of rest) await page.mouse.move(...to, { steps: 5 });
      await page.mouse.up();
      await expect(frame.getByTestId('prediction')).toHaveText('1');
      expect(lab.complaints).toEqual([]);
    });

    test('a network learns in it', async ({ lab, page }) => {
      const frame = await lesson(page, attributes, `embed=layers&${SMALL}`);
      await frame.getByRole('button', { name: 'Train' }).click();
      await expect(frame.getByText(/[1-9][\d,]* images/).first()).toBeVisible();
      await frame.getByRole('button', { name: 'Pause' }).click();
      await expect(frame.getByTestId('status')).toHaveText('paused');
      await expect(frame.getByRole('alert')).toHaveCount(0);
      expect(lab.complaints).toEqual([]);
    });

    test('pictures in colour are read in it', async ({ lab, page }) => {
      const frame = await lesson(page, attributes, 'embed=goodness&data=objects');
      await expect(frame.getByTestId('prediction')).toHaveText(/^[a-z]+$/);
      expect(lab.complaints).toEqual([]);
    });
  });

test('a frame in a frame that is sandboxed works as well', async ({ lab, page }) => {
  pages.set('/middle', `<iframe width="600" height="440" src="${hosts.open}?embed=curve&${SMALL}"></iframe>`);
  pages.set('/lesson', '<iframe width="640" height="480" sandbox="allow-scripts" src="/middle"></iframe>');
  await page.goto(`${lessons}/lesson`);
  const frame = page.frameLocator('iframe').frameLocator('iframe');
  await frame.getByRole('button', { name: 'Train' }).click();
  await expect(frame.getByText(/[1-9][\d,]* images/).first()).toBeVisible();
  expect(lab.complaints).toEqual([]);
});

test('the whole page works in a window that a sandboxed frame opened, and says that nothing is kept', async ({
  page,
}) => {
  const frame = await lesson(page, 'sandbox="allow-scripts allow-popups"', `embed=curve&${SMALL}`);
  await expect(frame.getByTestId('status')).toHaveText('ready');
  const opening = page.waitForEvent('popup');
  await frame.getByRole('link', { name: /whole page/ }).click();
  const lab = new Lab(await opening, undefined);
  await expect(lab.status).toHaveText('ready');
  // Such a window has as little of its own as the frame.
  expect(await lab.page.evaluate(() => self.origin)).toBe('null');
  await expect(lab.page.getByTestId('engine')).toContainText(/1 thread: in a window without an origin/);
  await lab.button('Train').click();
  await expect(lab.alert).toContainText(/does not keep the run: it allows this page no storage/);
  await expect(lab.alert.locator('p')).toHaveCount(1);
  await lab.pause();
  await lab.button('New seed').click();
  await expect(lab.page).toHaveURL(/seed=\d{2,}/);
  await lab.stepOnce();
  expect(lab.breaches).toEqual([]);
});

test('a worker that dies in a sandboxed frame is replaced there', async ({ page }) => {
  const frame = await lesson(page, 'sandbox="allow-scripts"', `embed=layers&${SMALL}`);
  await frame.getByRole('button', { name: 'Train' }).click();
  await expect(frame.getByText(/[1-9][\d,]* images/).first()).toBeVisible();
  await page.workers()[0]!.evaluate(() => {
    setTimeout(() => {
      throw new Error('planted by a test');
    });
  });
  await expect(frame.getByRole('alert')).toContainText(/restarted/);
  await frame.getByRole('button', { name: 'Train' }).click();
  await expect(frame.getByTestId('status')).toHaveText('training');
});

test('where the host lets no such frame have its scripts, that is said, with the address of the whole page', async ({
  page,
}) => {
  const frame = await lesson(page, 'sandbox="allow-scripts"', `embed=goodness&${SMALL}`, 'plain');
  const sentence = frame.getByRole('alert');
  await expect(sentence).toContainText(/no origin of its own, .*allow-same-origin.*Access-Control-Allow-Origin/);
  await expect(sentence.getByRole('link')).toHaveAttribute('href', `${hosts.plain}?${SMALL}`);
  await expect(sentence.getByRole('link')).toHaveText(`${hosts.plain}?${SMALL}`);
});

test('a frame that runs no scripts says so, with a way to the page', async ({ page }) => {
  const frame = await lesson(page, 'sandbox', `embed=goodness&${SMALL}`);
  await expect(frame.locator('noscript')).toBeVisible();
  await expect(frame.locator('noscript a')).toBeVisible();
  await expect(frame.locator('#unstarted')).toBeHidden();
});
