import type { Page, Worker } from '@playwright/test';
import { ensureBrowser, webgpuFlags } from '../../scripts/setup/browser.mjs';
import { digits, expect, small, test } from './lab';

// A software adapter, where there is no other: slow, but WebGPU.
test.use({ launchOptions: { executablePath: await ensureBrowser(), args: webgpuFlags } });

/** Finding the fastest kernels takes a software adapter a while, and longer on a machine that is busy otherwise. */
const TUNING = 240_000;
test.describe.configure({ timeout: 2 * TUNING });
const tiny = { ...small, layers: '40,30' };

async function choose(page: Page, engine: string): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByLabel('Engine', { exact: true }).selectOption(engine);
  await page.keyboard.press('Escape');
}

/** The device the page's worker opens from now on, so that a test can take it away. */
async function watchDevice(worker: Worker): Promise<void> {
  await worker.evaluate(() => {
    const scope = globalThis as unknown as { GPUAdapter: { prototype: any }; device?: unknown };
    const { requestDevice } = scope.GPUAdapter.prototype;
    scope.GPUAdapter.prototype.requestDevice = async function (...given: unknown[]) {
      const device = await requestDevice.apply(this, given);
      scope.device = device;
      return device;
    };
  });
}

test('trains and reads on WebGPU when the address asks for it', async ({ lab, page }) => {
  await lab.open({ engine: 'webgpu' });
  await expect(page.getByTestId('engine')).toHaveAttribute('data-engine', 'webgpu', { timeout: TUNING });
  await lab.stepOnce();
  await lab.draw(digits['7']!);
  await expect(lab.prediction).toHaveText('7');
  expect(lab.complaints).toEqual([]);
});

test('automatic stays on the CPU where the adapter only imitates a GPU, and says why', async ({ lab, page }) => {
  await lab.open(tiny);
  const engine = page.getByTestId('engine');
  await expect(engine).toHaveAttribute('title', /imitates a GPU|no WebGPU|GFLOP/);
  await expect(engine).toHaveAttribute('data-engine', 'cpu');
});

test('a run goes over to WebGPU and back, and on from a lost GPU', async ({ lab, page }) => {
  await lab.open({ ...tiny, engine: 'cpu' });
  const engine = page.getByTestId('engine');
  await lab.stepOnce();
  await lab.stepOnce();
  await choose(page, 'webgpu');
  await expect(engine).toHaveAttribute('data-engine', 'webgpu', { timeout: TUNING });
  await lab.stepOnce();
  expect(await lab.step()).toBe(3);
  await choose(page, 'cpu');
  await expect(engine).toHaveAttribute('data-engine', 'cpu');

  const [worker] = page.workers();
  await watchDevice(worker!);
  await choose(page, 'webgpu');
  await expect(engine).toHaveAttribute('data-engine', 'webgpu', { timeout: TUNING });
  await lab.button('Train').click();
  await expect.poll(() => lab.step()).toBeGreaterThan(6);
  await worker!.evaluate(() => (globalThis as unknown as { device: { destroy(): void } }).device.destroy());
  await expect(lab.alert).toContainText('on the CPU engine');
  await expect(engine).toHaveAttribute('data-engine', 'cpu');
  const rescued = await lab.step();
  await expect.poll(() => lab.step()).toBeGreaterThan(rescued);
  await expect(lab.status).toHaveText('training');
});
