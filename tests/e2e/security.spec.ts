import type { Page } from '@playwright/test';
import { digits, expect, small, test } from './lab';

/** What the page's policy refused, gathered from its first moment on. */
async function watchPolicy(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const scope = globalThis as unknown as { refused: string[] };
    scope.refused = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      scope.refused.push(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`);
    });
  });
  return () => page.evaluate(() => (globalThis as unknown as { refused: string[] }).refused);
}

/** What a planted script would leave behind. */
const broken = (page: Page): Promise<boolean> => page.evaluate(() => 'broken' in globalThis);

/** Serves the page with something slipped into its body, as a careless host or proxy might. */
async function slipIn(page: Page, html: string): Promise<void> {
  await page.route(/\/folder\/(\?|$)/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace('<div id="page">', `${html}$&`) });
  });
}

test('a whole visit asks nothing of strangers and breaks no policy', async ({ lab, page }) => {
  const refused = await watchPolicy(page);
  await lab.open(small);
  await lab.button('Train').click();
  await expect.poll(() => lab.step()).toBeGreaterThan(3);
  await lab.pause();
  await lab.draw(digits['7']!);
  await expect(lab.prediction).toHaveText(/^\d$/);
  for (const menu of [/^Settings/, /^Data/, /^Weights/, /recipe|Supervised/i]) {
    await page.getByRole('button', { name: menu }).first().click();
    await page.keyboard.press('Escape');
  }
  const saved = await lab.save();
  await lab.drop([saved]);
  await expect(lab.status).toHaveText('ready');
  await lab.button('Step').click();
  await expect(lab.status).toHaveText('paused');
  await page.reload();
  await expect(lab.status).toHaveText('ready');
  for (const panel of await page.getByTestId('experiments').locator('summary').all()) await panel.click();
  await page.workers()[0]!.evaluate(() => {
    setTimeout(() => {
      throw new Error('planted by a test');
    });
  });
  await expect(lab.alert.first()).toContainText(/restarted/);

  expect(await refused()).toEqual([]);
  const own = new URL(page.url()).origin;
  const foreign = lab.requests.map((request) => request.url()).filter((address) => !/^(blob|data):/.test(address));
  expect(foreign.filter((address) => new URL(address).origin !== own)).toEqual([]);
});

test.describe('on a page that a careless host has changed', () => {
  // A page that was kept would not be the changed one.
  test.use({ serviceWorkers: 'block' });

  test('scripts that are slipped into the page do not run', async ({ lab, page }) => {
    const refused = await watchPolicy(page);
    const foreign: string[] = [];
    await page.route('https://stranger.example/**', (route) => {
      foreign.push(route.request().url());
      return route.fulfill({ contentType: 'text/javascript', body: 'broken = true' });
    });
    await slipIn(
      page,
      `<script>broken = true</script>
       <img src="nothing.png" onerror="broken = true">
       <style>body { display: none }</style>
       <script src="https://stranger.example/script.js"></script>
       <iframe src="https://stranger.example/frame"></iframe>
       <base href="https://stranger.example/">`,
    );
    await lab.open(small);
    expect(await broken(page)).toBe(false);
    expect(foreign).toEqual([]);
    const directives = (await refused()).map((line) => line.split(':')[0]);
    for (const directive of ['script-src-elem', 'script-src-attr', 'style-src-elem', 'frame-src', 'base-uri'])
      expect(directives).toContain(directive);
    // The page itself is none the worse for it.
    await lab.stepOnce();
    expect(lab.breaches.splice(0).length).toBeGreaterThanOrEqual(5);
  });
});

test('what runs in the page cannot make scripts of text, nor talk to strangers', async ({ lab, page }) => {
  await lab.open(small);
  // As a script of the page's own would do it: what a test evaluates is not held to the policy.
  const said = await page.evaluate(async () => {
    const outcome = async (work: () => unknown): Promise<string> => {
      try {
        await work();
        return 'done';
      } catch (failure) {
        return (failure as Error).name;
      }
    };
    return {
      html: await outcome(() => (document.createElement('div').innerHTML = '<b>bold</b>')),
      script: await outcome(() => (document.createElement('script').textContent = 'broken = true')),
      worker: await outcome(() => new Worker('https://stranger.example/worker.js')),
      // Which a page without an origin may start, and no other.
      blob: await outcome(() => new Worker(URL.createObjectURL(new Blob(['postMessage(1)'])))),
      stranger: await outcome(() => fetch('https://stranger.example/')),
      beside: await outcome(() => fetch('https://cdn.jsdelivr.net/gh/somebody/else.js')),
    };
  });
  expect(said).toEqual({
    html: 'TypeError',
    script: 'TypeError',
    worker: 'TypeError',
    blob: 'TypeError',
    stranger: 'TypeError',
    beside: 'TypeError',
  });
  expect(await broken(page)).toBe(false);
  expect(lab.breaches.splice(0).length).toBeGreaterThanOrEqual(5);
});

test('names of files, addresses and texts of errors are never HTML', async ({ lab, page }) => {
  const refused = await watchPolicy(page);
  const hostile = '<img src=x onerror="broken = true">';
  // Brackets around a value are taken for those around a link, and left out.
  await lab.open({ ...small, negatives: `a${hostile}z`, engine: 'a<b>fast</b>z' });
  await expect(lab.alert.filter({ hasText: `negatives=a${hostile}z` })).toBeVisible();
  await expect(lab.alert.filter({ hasText: 'engine=a<b>fast</b>z' })).toBeVisible();

  await lab.drop([{ name: `${hostile}.txt`, bytes: Buffer.from('hello') }]);
  await expect(lab.alert.filter({ hasText: `${hostile}.txt: is no data` })).toBeVisible();
  await lab.drop([{ name: `${hostile}.safetensors`, bytes: Buffer.from('hello') }]);
  await expect(lab.alert.filter({ hasText: `checkpoint ${hostile}.safetensors` })).toBeVisible();
  // A checkpoint whose own words are hostile.
  await lab.stepOnce();
  const { bytes } = await lab.save();
  const text = bytes.toString('latin1').replace('"forward-forward-lab"', '"<b>onward</b>-lab-1"');
  await lab.drop([{ name: `${hostile.toUpperCase()}.safetensors`, bytes: Buffer.from(text, 'latin1') }]);
  await expect(lab.alert.filter({ hasText: '<b>onward</b>' })).toBeVisible();

  await expect(page.locator('[role=alert] :is(img, b, script)')).toHaveCount(0);
  expect(await broken(page)).toBe(false);
  expect(await refused()).toEqual([]);
});
