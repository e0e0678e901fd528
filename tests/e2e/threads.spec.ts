import type { Page } from '@playwright/test';
import { digits, expect, Lab, small, test } from './lab';

const cores = (page: Page): Promise<number> => page.evaluate(() => navigator.hardwareConcurrency);

/** The header says that there is one thread and why, and the page does everything on it. */
async function worksOnOne(lab: Lab, page: Page, why: RegExp): Promise<void> {
  await lab.open(small);
  const engine = page.getByTestId('engine');
  await expect(engine).toHaveAttribute('data-threads', '1');
  await expect(engine).toContainText(why);
  await lab.stepOnce();
  await lab.button('Clear').click();
  await lab.draw(digits['1']!);
  await expect(lab.prediction).toHaveText(/^\d$/);
  expect(await page.evaluate(() => performance.getEntriesByType('navigation').length)).toBe(1);
}

test('a plain host is enough for threads, from the first visit on, which loads twice at most', async ({
  lab,
  page,
}) => {
  let loads = 0;
  page.on('load', () => loads++);
  await lab.open(small);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  const all = await cores(page);
  const threads = all <= 2 ? all : Math.min(all - 1, 16);
  const engine = page.getByTestId('engine');
  await expect(engine).toHaveAttribute('data-threads', String(threads));
  await expect(engine).toContainText(threads > 1 ? `${threads} threads` : '1 thread: this machine shows one core');
  await lab.stepOnce();
  expect(loads).toBeLessThanOrEqual(2);
  await page.reload();
  await expect(lab.status).toHaveText('ready');
  expect(loads).toBeLessThanOrEqual(3);
});

test('one core is one thread', async ({ lab, page }) => {
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { value: 1 }));
  await worksOnOne(lab, page, /1 thread: this machine shows one core/);
});

test('a browser that shares no memory is one thread', async ({ lab, page }) => {
  await page.addInitScript(() => {
    delete (globalThis as { SharedArrayBuffer?: unknown }).SharedArrayBuffer;
  });
  await worksOnOne(lab, page, /1 thread: this browser shares no memory/);
});

test('a window without service workers is one thread', async ({ lab, page }) => {
  await page.addInitScript(() => {
    delete (Navigator.prototype as { serviceWorker?: unknown }).serviceWorker;
  });
  await worksOnOne(lab, page, /1 thread: no service worker in this window/);
});

test('a service worker that is refused is one thread', async ({ lab, page }) => {
  await page.addInitScript(() => {
    ServiceWorkerContainer.prototype.register = () => Promise.reject(new DOMException('blocked', 'SecurityError'));
  });
  await worksOnOne(lab, page, /1 thread: its service worker is blocked/);
});

test('a page that stays unisolated is loaded twice and not for ever', async ({ lab, page }) => {
  await page.addInitScript(() => Object.defineProperty(globalThis, 'crossOriginIsolated', { value: false }));
  let loads = 0;
  page.on('load', () => loads++);
  await worksOnOne(lab, page, /1 thread: /);
  expect(loads).toBeLessThanOrEqual(2);
});

test('a run comes out the same, to the bit, on one thread and on two', async ({ browser, baseURL }) => {
  const saved: Buffer[] = [];
  for (const number of [1, 2]) {
    const page = await browser.newPage(baseURL === undefined ? {} : { baseURL });
    await page.addInitScript(
      (value) => Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { value }),
      number,
    );
    const lab = new Lab(page, undefined);
    await lab.open(small);
    await expect(page.getByTestId('engine')).toHaveAttribute('data-threads', String(number));
    for (let step = 0; step < 3; step++) await lab.stepOnce();
    const { bytes } = await lab.save();
    // Behind the header, which names the same things in any order.
    saved.push(bytes.subarray(8 + Number(bytes.readBigUInt64LE(0))));
    await page.close();
  }
  expect(saved[0]!.equals(saved[1]!)).toBe(true);
});

test('a thread that traps is a crash that the page gets over', async ({ lab, page }) => {
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { value: 2 }));
  await lab.open(small);
  await lab.button('Train').click();
  await expect.poll(() => lab.step()).toBeGreaterThan(3);
  await lab.pause();
  const held = await lab.step();
  void page
    .workers()[0]!
    .evaluate(async () => {
      const files = performance.getEntriesByType('resource').map(({ name }) => name);
      const glue = files.find((name) => /\/threads-[^/]*\.js$/.test(name));
      const core = (await import(glue!)) as { trap_in_pool(): void };
      core.trap_in_pool();
    })
    .catch(() => undefined);
  await expect(lab.alert.first()).toContainText(/restarted/);
  await expect(lab.status).toHaveText('paused');
  await expect(page.getByTestId('engine')).not.toHaveAttribute('data-threads', '1');
  await lab.button('Step').click();
  await expect.poll(() => lab.step()).toBe(held + 1);
});
