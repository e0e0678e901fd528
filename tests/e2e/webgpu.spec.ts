import type { Worker } from '@playwright/test';
import { ensureBrowser, webgpuFlags } from '../../scripts/setup/browser.mjs';
import { chooseEngine, loseDevice, watchDevice } from './gpu-faults';
import { digits, expect, small, test } from './lab';

const executablePath = await ensureBrowser();
// A software adapter, where there is no other: slow, but WebGPU.
test.use({ launchOptions: { executablePath, args: webgpuFlags } });

/** Finding the fastest kernels takes a software adapter a while, and longer on a machine that is busy otherwise. */
const TUNING = 240_000;
test.describe.configure({ timeout: 2 * TUNING });
const tiny = { ...small, layers: '40,30' };

/** Devices of the page's worker have no memory for buffers of more than 100 kB until the answer is called. */
async function fillMemory(worker: Worker): Promise<() => Promise<void>> {
  await worker.evaluate(() => {
    const scope = globalThis as unknown as Record<
      'GPUDevice' | 'GPUUncapturedErrorEvent' | 'GPUOutOfMemoryError',
      any
    > & {
      createBuffer: unknown;
    };
    const { prototype } = scope.GPUDevice;
    const createBuffer = (scope.createBuffer = prototype.createBuffer);
    prototype.createBuffer = function (wanted: { size: number }) {
      if (wanted.size > 100_000) {
        const error = new scope.GPUOutOfMemoryError('planted by a test');
        queueMicrotask(() => this.dispatchEvent(new scope.GPUUncapturedErrorEvent('uncapturederror', { error })));
      }
      return createBuffer.call(this, wanted);
    };
  });
  return () =>
    worker.evaluate(() => {
      const scope = globalThis as unknown as { GPUDevice: any; createBuffer: unknown };
      scope.GPUDevice.prototype.createBuffer = scope.createBuffer;
    });
}

/** Has the page's worker wait longer for its adapter, so that there is something to see on a fast one too. */
async function slowDown(worker: Worker, milliseconds: number): Promise<void> {
  await worker.evaluate((pause) => {
    const { prototype } = (globalThis as unknown as { GPUBuffer: { prototype: any } }).GPUBuffer;
    const { mapAsync } = prototype;
    prototype.mapAsync = async function (...given: unknown[]) {
      await mapAsync.apply(this, given);
      await new Promise((resolve) => setTimeout(resolve, pause));
    };
  }, milliseconds);
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
  await chooseEngine(page, 'webgpu');
  await expect(engine).toHaveAttribute('data-engine', 'webgpu', { timeout: TUNING });
  await lab.stepOnce();
  expect(await lab.step()).toBe(3);
  await chooseEngine(page, 'cpu');
  await expect(engine).toHaveAttribute('data-engine', 'cpu');

  const [worker] = page.workers();
  const enough = await fillMemory(worker!);
  await chooseEngine(page, 'webgpu');
  await expect(lab.alert).toContainText('has no memory left for this network');
  await expect(engine).toHaveAttribute('data-engine', 'cpu');
  await lab.stepOnce();
  expect(await lab.step()).toBe(4);
  await lab.button('Dismiss').click();
  await chooseEngine(page, 'cpu');
  await enough();

  await watchDevice(worker!);
  await chooseEngine(page, 'webgpu');
  await expect(engine).toHaveAttribute('data-engine', 'webgpu', { timeout: TUNING });
  await lab.button('Train').click();
  await expect.poll(() => lab.step()).toBeGreaterThan(6);
  // Lost once, it is opened anew; lost again within a minute, it cannot be relied on.
  for (const [place, kind] of [
    ['a fresh device', 'webgpu'],
    ['the CPU engine', 'cpu'],
  ] as const) {
    await loseDevice(worker!);
    await expect(lab.alert.filter({ hasText: `on ${place}` })).toBeVisible();
    await expect(engine).toHaveAttribute('data-engine', kind);
    const rescued = await lab.step();
    await expect.poll(() => lab.step()).toBeGreaterThan(rescued);
    await expect(lab.status).toHaveText('training');
  }
});

test('while kernels are timed for WebGPU the run goes on and drawings are read', async ({ lab, page }) => {
  await lab.open({ engine: 'cpu' });
  const engine = page.getByTestId('engine');
  const search = async (): Promise<number> => Number(await engine.getAttribute('data-search'));
  await lab.stepOnce();
  await lab.button('Train').click();
  await slowDown(page.workers()[0]!, 250);
  await chooseEngine(page, 'webgpu');
  await expect.poll(search).toBeLessThan(1);
  await expect(engine).toContainText(/timing WebGPU’s kernels, \d+ %/);
  const [step, share] = [await lab.step(), await search()];
  await lab.draw(digits['7']!);
  await expect(lab.prediction).toHaveText('7');
  await expect.poll(() => lab.step()).toBeGreaterThan(step);
  const later = await search();
  expect(later).toBeGreaterThan(share);
  expect(later).toBeLessThan(1);
  await expect(engine).toHaveAttribute('data-engine', 'cpu');
  await expect(engine).toHaveAttribute('data-engine', 'webgpu', { timeout: TUNING });
  await expect(engine).toHaveAttribute('data-search', '1');
  await expect(engine).toContainText('WebGPU · ');
});
