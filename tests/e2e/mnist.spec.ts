import type { Page } from '@playwright/test';
import { expect, type Lab, small, test } from './lab';
import {
  type Files,
  gzip,
  images,
  labels,
  names,
  pretendMnist,
  published,
  type Role,
  sha256,
  smallMnist,
} from './mnist-files';

const mirror = 'https://cdn.jsdelivr.net/gh/fgnt/mnist/';
const roles = Object.keys(names) as Role[];

/** Lays files beside the page, as `mnist/*.gz`; what is left out is not there. */
async function beside(page: Page, files: Partial<Record<Role, Buffer>>): Promise<void> {
  await page.route('**/mnist/*.gz', (route) => {
    const role = roles.find((r) => route.request().url().endsWith(`/mnist/${names[r]}.gz`));
    const body = role && files[role];
    return body
      ? route.fulfill({ body, contentType: 'application/gzip' })
      : route.fulfill({ status: 404, body: 'Not found' });
  });
}

const gzipped = (files: Files): Record<Role, Buffer> =>
  Object.fromEntries(roles.map((role) => [role, gzip(files[role])])) as Record<Role, Buffer>;

/** The running session is what it was: its data, its step, and it still trains. */
async function untouched(lab: Lab, step: number): Promise<void> {
  expect(await lab.step()).toBe(step);
  expect(new URL(lab.page.url()).searchParams.get('data')).toBeNull();
  await lab.stepOnce();
}

async function askForMnist(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Data/ }).click();
  await page.getByRole('button', { name: /^MNIST\b(?! from)/ }).click();
}

test.describe('beside the page', () => {
  test.use({ serviceWorkers: 'block' });

  test('MNIST is used, and nothing foreign is asked for', async ({ lab, page }) => {
    await pretendMnist(page);
    await beside(page, gzipped(smallMnist()));
    await lab.open({ ...small, data: 'mnist' });
    await expect(page.getByText(/400/).first()).toBeVisible();
    await lab.stepOnce();
    await expect(lab.testError).toHaveAttribute('data-images', '100');
    expect(lab.requests.filter((request) => request.url().startsWith(mirror))).toEqual([]);
  });

  test('other files under the names of MNIST are not called MNIST', async ({ lab, page }) => {
    await beside(page, gzipped(smallMnist()));
    await lab.open(small);
    await lab.stepOnce();
    await askForMnist(page);
    await expect(lab.alert.first()).toContainText('are not those of MNIST: their SHA-256 differ');
    await untouched(lab, 1);
  });
});

for (const [what, change, said] of [
  ['is cut short', { trainImages: gzip(images(400).subarray(0, 200_000)) }, /train-images/],
  ['is cut short inside its gzip', { trainImages: gzip(images(400)).subarray(0, 600) }, /train-images/],
  ['is of another kind', { trainImages: gzip(images(400, 0x801)) }, /train-images/],
  ['begins with a wrong number', { trainLabels: gzip(labels(400, 0x903)) }, /train-labels/],
  ['has labels for fewer images', { trainLabels: gzip(labels(399)) }, /399/],
] as const) {
  test(`a file beside the page that ${what} is named, and the session goes on`, async ({ lab, page }) => {
    await beside(page, { ...gzipped(smallMnist()), ...change });
    await lab.open(small);
    await lab.stepOnce();
    await askForMnist(page);
    await expect(lab.alert.first()).toContainText(said);
    await untouched(lab, 1);
  });
}

test.describe('from the mirror', () => {
  // It fetches the worker's script past `page.route`, by which these tests tell the worker what to believe.
  test.use({ serviceWorkers: 'block' });

  test.beforeEach(async ({ page }) => {
    await beside(page, {});
  });

  test('a failure is explained, and the session goes on', async ({ lab, page }) => {
    await page.route(`${mirror}**`, (route) => route.abort('connectionrefused'));
    await lab.open(small);
    await lab.stepOnce();
    await askForMnist(page);
    await expect(lab.alert.first()).toContainText('cdn.jsdelivr.net');
    await untouched(lab, 1);
  });

  test("a server's error is named", async ({ lab, page }) => {
    await page.route(`${mirror}**`, (route) => route.fulfill({ status: 503, body: 'busy' }));
    await lab.open(small);
    await askForMnist(page);
    await expect(lab.alert.first()).toContainText('503');
    await untouched(lab, 0);
  });

  test('a file with another hash is refused', async ({ lab, page }) => {
    const files = gzipped(smallMnist());
    await page.route(`${mirror}**`, (route) => {
      const role = roles.find((r) => route.request().url() === `${mirror}${names[r]}.gz`);
      return role
        ? route.fulfill({ body: files[role], headers: { 'access-control-allow-origin': '*' } })
        : route.abort();
    });
    await lab.open(small);
    await lab.stepOnce();
    await askForMnist(page);
    await expect(lab.alert.first()).toContainText('SHA-256');
    await untouched(lab, 1);
  });

  test('a stall is noticed, and can be cancelled before that', async ({ lab, page }) => {
    await page.route(`${mirror}**`, () => undefined);
    await lab.open(small);
    await askForMnist(page);
    await lab.button('Cancel download').click();
    await expect(lab.alert.first()).toContainText(/cancel/i);
    await untouched(lab, 0);

    await askForMnist(page);
    await expect(lab.alert.filter({ hasText: /stall/i })).toBeVisible({ timeout: 40_000 });
    await untouched(lab, 1);
  });

  /** Serves our own small files as if they were MNIST's: the worker is told the hashes it wants to see. */
  async function pretend(page: Page, before = ''): Promise<{ asked: () => number }> {
    await pretendMnist(page);
    const files = smallMnist();
    const packed = gzipped(files);
    let asked = 0;
    await page.route(`${mirror}**`, (route) => {
      asked++;
      const role = roles.find((r) => route.request().url() === `${mirror}${names[r]}.gz`);
      return role
        ? route.fulfill({ body: packed[role], headers: { 'access-control-allow-origin': '*' } })
        : route.abort();
    });
    const hashes = Object.fromEntries(roles.map((role) => [sha256(files[role]), published[role]]));
    const prelude = `{
      const hashes = ${JSON.stringify(hashes)};
      const hex = (bytes) => [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, "0")).join("");
      const digest = crypto.subtle.digest.bind(crypto.subtle);
      crypto.subtle.digest = async (name, bytes) => {
        const real = await digest(name, bytes);
        const wanted = hashes[hex(real)];
        return wanted ? Uint8Array.from(wanted.match(/../g), (h) => parseInt(h, 16)).buffer : real;
      };
      ${before}
    }\n`;
    await page.route(/assets\/(index|worker|laboratory)[^/]*\.js$/, async (route) => {
      const response = await route.fetch();
      const text = await response.text();
      const isWorker = !text.includes('document.');
      await route.fulfill({ response, body: isWorker ? prelude + text : text });
    });
    return { asked: () => asked };
  }

  test('is kept: the second visit asks for nothing', async ({ lab, page }) => {
    const { asked } = await pretend(page);
    await lab.open({ ...small, data: 'mnist' });
    await expect(page.getByText(/400/).first()).toBeVisible();
    expect(asked()).toBe(4);
    await page.reload();
    await expect(lab.status).toHaveText('ready');
    await expect(page.getByText(/400/).first()).toBeVisible();
    expect(asked()).toBe(4);
    await expect(lab.alert).toHaveCount(0);
  });

  test('a full cache is said, and MNIST is used all the same', async ({ lab, page }) => {
    await pretend(page, `Cache.prototype.put = async () => { throw new DOMException("full", "QuotaExceededError"); };`);
    await lab.open({ ...small, data: 'mnist' });
    await expect(page.getByText(/400/).first()).toBeVisible();
    await expect(lab.alert.first()).toContainText(/room|full|space/i);
    await lab.stepOnce();
  });

  test('a browser that keeps nothing downloads anew', async ({ lab, page }) => {
    await pretend(page, `caches.open = async () => { throw new DOMException("no", "SecurityError"); };`);
    await lab.open({ ...small, data: 'mnist' });
    await expect(page.getByText(/400/).first()).toBeVisible();
    await lab.stepOnce();
  });
});
