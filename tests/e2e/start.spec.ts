// A page that cannot start is never blank: it says in a sentence what is wrong and what to do.

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from '@playwright/test';
import { gunzipSync } from 'node:zlib';
import { root } from '../../scripts/setup/run.mjs';
import { expect, small, test } from './lab';

// What a page has kept would not be what its host sends.
test.use({ serviceWorkers: 'block' });

const sentence = (page: Page) => page.locator('#unstarted');

/** What the host answers for files of this kind, of which it has `body` and would send it as `type`. */
type Spoilt = (answer: { body: Buffer; type: string }) => { status?: number; body?: string | Buffer; type?: string };

const spoil = (page: Page, files: RegExp, how: Spoilt) =>
  page.route(files, async (route) => {
    const response = await route.fetch();
    const type = response.headers()['content-type'] ?? '';
    const { status = 200, ...sent } = how({ body: await response.body(), type });
    // As some hosts do, which makes browsers believe the type.
    const headers = { 'content-type': sent.type ?? type, 'x-content-type-options': 'nosniff' };
    await route.fulfill({ status, headers, body: sent.body ?? (await response.body()) });
  });

test('opened from the disk it says how to open it', async ({ page }) => {
  await page.goto(pathToFileURL(path.join(root, 'dist', 'index.html')).href);
  await expect(sentence(page)).toHaveText(
    /could not start: it was opened from the disk, .*open it through a web server: npm start,/,
  );
  await expect(sentence(page)).toBeVisible();
});

const SCRIPTS = {
  'the first script': /assets\/start-[^/]*\.js$/,
  'the modules': /assets\/(index|before)-[^/]*\.js$/,
  'what the modules import': /assets\/before-[^/]*\.js$/,
  'the page itself': /assets\/page-[^/]*\.js$/,
  'its styles': /assets\/page-[^/]*\.css$/,
  'all scripts': /\.js$/,
};

for (const [what, files] of Object.entries(SCRIPTS))
  for (const [how, spoilt, said] of [
    [
      'sent as plain text',
      () => ({ type: 'text/plain' }),
      /sends its file assets\/[\w.-]+ as text\/plain; .*text\/(javascript|css)/,
    ],
    [
      'missing',
      () => ({ status: 404, body: 'Not found', type: 'text/plain' }),
      /its file assets\/[\w.-]+ is not there .*404.* copy all of dist\//,
    ],
    [
      'another page',
      () => ({ body: '<!doctype html><title>Home</title>', type: 'text/html' }),
      /sends its file assets\/[\w.-]+ as text\/html/,
    ],
  ] as const)
    test(`${what}, ${how}: that is said`, async ({ lab, page }) => {
      await spoil(page, files, spoilt);
      await page.goto('./');
      if (what === 'the first script') await expect(lab.status).toHaveText('ready');
      // Where not even that runs, what index.html says has to do.
      else if (what === 'all scripts')
        await expect(sentence(page)).toHaveText(/not started yet.*npm start.*every file of dist\/.*text\/javascript/s);
      else await expect(sentence(page)).toHaveText(said);
      await expect(sentence(page)).toBeVisible({ visible: what !== 'the first script' });
    });

test('files that do not arrive are named', async ({ page }) => {
  await page.route(/assets\/page-[^/]*\.js$/, (route) => route.abort());
  await page.goto('./');
  await expect(sentence(page)).toHaveText(
    /its file assets\/page-[\w.-]+ could not be fetched; .*online.*reload the page/,
  );
});

test('a script that fails before the page is there says what it failed of', async ({ page }) => {
  await spoil(page, /assets\/page-[^/]*\.js$/, () => ({ body: 'throw new Error("planted by a test");' }));
  await page.goto('./');
  await expect(sentence(page)).toHaveText(/could not start: planted by a test/);
});

test('a script that the browser does not understand is said to be that', async ({ page }) => {
  await spoil(page, /assets\/page-[^/]*\.js$/, () => ({ body: 'const new = "syntax";' }));
  await page.goto('./');
  await expect(sentence(page)).toHaveText(
    /does not understand its scripts \(.*SyntaxError.*\); use a current Chrome, Edge, Firefox or Safari/,
  );
});

for (const [what, lack, said] of [
  [
    'WebAssembly',
    () => void Reflect.deleteProperty(globalThis, 'WebAssembly'),
    /runs no WebAssembly.*allow it for this page/,
  ],
  ['SIMD', () => void (WebAssembly.validate = () => false), /no SIMD in WebAssembly; use a current/],
  [
    'what unpacks the core',
    () => void Reflect.deleteProperty(globalThis, 'DecompressionStream'),
    /too old \(it has no DecompressionStream\); use a current/,
  ],
  [
    'modules',
    () => void Reflect.deleteProperty(HTMLScriptElement.prototype, 'noModule'),
    /this browser is too old; use a current/,
  ],
] as const)
  test(`a browser without ${what} is told so`, async ({ page }) => {
    await page.addInitScript(lack);
    // Which would run them all the same.
    if (what === 'modules') await spoil(page, /\.js$/, ({ body }) => (body.includes('noModule') ? {} : { body: '' }));
    await page.goto('./', { waitUntil: 'commit' });
    await expect(sentence(page)).toHaveText(said);
    await expect(sentence(page)).toBeVisible();
  });

test('a page that starts shows no sentence, not even on the way', async ({ lab, page }) => {
  await page.addInitScript(() => {
    const scope = globalThis as unknown as { seen: string[] };
    scope.seen = [];
    addEventListener('DOMContentLoaded', () => {
      const look = (): void => {
        const sentence = document.getElementById('unstarted');
        if (sentence?.checkVisibility({ visibilityProperty: true })) scope.seen.push(sentence.innerText);
        if (sentence) requestAnimationFrame(look);
      };
      look();
    });
  });
  await lab.open(small);
  await expect(sentence(page)).toHaveCount(0);
  expect(await page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen)).toEqual([]);
  // What fails later is not for a sentence about starting.
  await page.evaluate(() => void Promise.reject(new Error('planted by a test')));
  await lab.stepOnce();
});

test.describe('the part that computes', () => {
  const WORKER = /assets\/index-[^/]*\.js$/;
  const worker = async (page: Page, how: Spoilt): Promise<void> => {
    await page.route(WORKER, async (route) => {
      // The page's own first module has the same name.
      const own = (await (await route.fetch()).text()).length < 10_000;
      if (own) return route.fallback();
      const { status = 200, body = '', type = 'text/javascript' } = how({ body: Buffer.of(), type: '' });
      await route.fulfill({ status, body, contentType: type });
    });
  };

  for (const [how, spoilt, said] of [
    [
      'is missing',
      () => ({ status: 404 }),
      /could not be started \(its script .*index-[\w-]+\.js does not run: the host must have it and send it as text\/javascript/,
    ],
    [
      'is sent as plain text',
      () => ({ type: 'text/plain', body: 'hello' }),
      /its script .* does not run: .* text\/javascript/,
    ],
    [
      'is not understood',
      () => ({ body: 'const new = "syntax";' }),
      /its script .* does not run: .*the browser must be a current one/,
    ],
    [
      'fails',
      () => ({ body: 'throw new Error("planted by a test");' }),
      /could not be started \(.*planted by a test\)/,
    ],
  ] as const)
    test(`${how}: that is said`, async ({ lab, page }) => {
      await worker(page, spoilt);
      await page.goto('./');
      await expect(lab.alert).toContainText(said);
      await expect(lab.status).toHaveText('error');
      await expect(lab.button('Reload the page')).toBeVisible();
    });

  for (const [how, spoilt, said] of [
    [
      'is missing',
      () => ({ status: 404 }),
      /_bg-[\w-]+\.wasm is not there, the host answers 404: all of dist\/ belongs on it\. Reload/,
    ],
    [
      'is another page',
      () => ({ body: '<!doctype html>', type: 'text/html' }),
      /_bg-[\w-]+\.wasm, sent as text\/html, arrived damaged or is something else.*copy dist\//,
    ],
    [
      'is cut short',
      ({ body }) => ({ body: body.subarray(0, body.length / 2) }),
      /_bg-[\w-]+\.wasm, sent as .*, arrived damaged/,
    ],
    [
      'is damaged',
      ({ body }) => ({ body: Buffer.concat([body.subarray(0, 5_000), Buffer.alloc(5_000), body.subarray(10_000)]) }),
      /_bg-[\w-]+\.wasm, sent as .*, arrived damaged/,
    ],
  ] as [string, Spoilt, RegExp][])
    test(`its module ${how}: that is said`, async ({ lab, page }) => {
      await spoil(page, /\.wasm$/, spoilt);
      await page.goto('./');
      await expect(lab.alert).toContainText(said);
      await expect(lab.status).toHaveText('error');
    });

  for (const [how, spoilt] of [
    ['of no type that anybody knows', () => ({ type: 'application/octet-stream' })],
    ['unpacked on the way', ({ body }) => ({ body: gunzipSync(body) })],
  ] as [string, Spoilt][])
    test(`its module, ${how}, works`, async ({ lab, page }) => {
      await spoil(page, /\.wasm$/, spoilt);
      await lab.open(small);
      await lab.stepOnce();
    });
});

test.describe('with a service worker', () => {
  test.use({ serviceWorkers: 'allow' });

  test('threads whose script does not load are done without', async ({ lab, page, context }) => {
    await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { value: 2 }));
    await context.route(/assets\/thread-[^/]*\.js$/, (route) => route.fulfill({ status: 404 }));
    await lab.open(small);
    await expect(page.getByTestId('engine')).toHaveAttribute('data-threads', '1');
    await lab.stepOnce();
  });
});
