import type { Locator, Page, Worker } from '@playwright/test';
import { ensureBrowser, webgpuFlags } from '../../scripts/setup/browser.mjs';
import { chooseEngine, loseDevice, watchDevice } from './gpu-faults';
import { digits, expect, type Lab, small, test } from './lab';

const executablePath = await ensureBrowser();
// A software adapter, where there is no other: slow, but WebGPU.
test.use({ launchOptions: { executablePath, args: webgpuFlags } });

/** A software adapter compiles and opens slowly on a machine that is busy otherwise. */
const OPENING = 120_000;
test.describe.configure({ timeout: 2 * OPENING });
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

/** Keeps the page's worker waiting for its adapter until the answer is called. */
async function holdBack(worker: Worker): Promise<() => Promise<void>> {
  await worker.evaluate(() => {
    const scope = globalThis as unknown as { GPU: { prototype: any }; letGo: () => void };
    const held = new Promise<void>((resolve) => (scope.letGo = resolve));
    const { prototype } = scope.GPU;
    const { requestAdapter } = prototype;
    prototype.requestAdapter = async function (...given: unknown[]) {
      await held;
      return requestAdapter.apply(this, given);
    };
  });
  return () => worker.evaluate(() => (globalThis as unknown as { letGo: () => void }).letGo());
}

/** A run looks for WebGPU until the answer is called, and another is about to take its place. */
async function beginAnewWhileSearching(lab: Lab, page: Page): Promise<() => Promise<void>> {
  await lab.open({ ...tiny, engine: 'cpu' });
  await lab.stepOnce();
  const letGo = await holdBack(page.workers()[0]!);
  await chooseEngine(page, 'webgpu');
  await expect(page.getByTestId('engine')).toContainText('looking for WebGPU');
  await lab.button('New seed').click();
  return letGo;
}

/** Adapters of the page's worker have no timestamps from now on. */
const hideTimestamps = (worker: Worker): Promise<void> =>
  worker.evaluate(() => {
    const { prototype } = (globalThis as unknown as { GPUSupportedFeatures: { prototype: Set<string> } })
      .GPUSupportedFeatures;
    const { has } = prototype;
    prototype.has = function (name: string) {
      return name !== 'timestamp-query' && has.call(this, name);
    };
  });

/** Counts how devices of the page's worker are asked for kernels: at once, and for some time; where `refused`, the latter in vain. */
async function countKernels(
  worker: Worker,
  refused: boolean,
): Promise<() => Promise<Record<'atOnce' | 'meanwhile', number>>> {
  await worker.evaluate((refused) => {
    const scope = globalThis as unknown as { GPUDevice: { prototype: any }; asked: unknown };
    const asked = { atOnce: 0, meanwhile: 0 };
    scope.asked = asked;
    const { prototype } = scope.GPUDevice;
    const { createComputePipeline, createComputePipelineAsync } = prototype;
    prototype.createComputePipeline = function (wanted: unknown) {
      asked.atOnce++;
      return createComputePipeline.call(this, wanted);
    };
    prototype.createComputePipelineAsync = function (wanted: unknown) {
      asked.meanwhile++;
      if (refused) return Promise.reject(new Error('planted by a test'));
      return createComputePipelineAsync.call(this, wanted);
    };
  }, refused);
  return () => worker.evaluate(() => (globalThis as unknown as { asked: any }).asked);
}

/** Unfolds in the settings where a step's time goes; what is shown there. */
async function stepTime(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByText('Where a step’s time goes').click();
  return page.getByTestId('step-time');
}

// Asked at once, a browser compiles on the thread that draws the page, which then stands still for seconds.
for (const refused of [false, true])
  test(`kernels are compiled ${refused ? 'at once where a browser will not do it meanwhile' : 'meanwhile'}`, async ({
    lab,
    page,
  }) => {
    await lab.open({ ...tiny, engine: 'cpu' });
    const asked = await countKernels(page.workers()[0]!, refused);
    await chooseEngine(page, 'webgpu');
    await expect(page.getByTestId('engine')).toHaveAttribute('data-engine', 'webgpu', { timeout: OPENING });
    await lab.stepOnce();
    await lab.draw(digits['7']!);
    await expect(lab.prediction).not.toHaveText('–');
    const { atOnce, meanwhile } = await asked();
    expect(meanwhile).toBeGreaterThan(5);
    expect(atOnce).toBe(refused ? meanwhile : 0);
  });

test('while kernels are compiled the page says so', async ({ lab, page }) => {
  await lab.open({ ...tiny, engine: 'cpu' });
  await lab.stepOnce();
  await chooseEngine(page, 'webgpu');
  const compiling = page.getByText('kernels are being compiled');
  await expect(compiling).toBeVisible({ timeout: OPENING });
  await expect(page.getByTestId('engine')).toHaveAttribute('data-engine', 'webgpu', { timeout: OPENING });
  await lab.stepOnce();
  await expect(compiling).toBeHidden();
});

test('a run that takes another’s place has its device, and asks for no kernel again', async ({ lab, page }) => {
  await lab.open({ ...tiny, engine: 'cpu' });
  const [worker] = page.workers();
  await watchDevice(worker!);
  await chooseEngine(page, 'webgpu');
  const engine = page.getByTestId('engine');
  await expect(engine).toHaveAttribute('data-engine', 'webgpu', { timeout: OPENING });
  await lab.stepOnce();
  const saved = await lab.save();
  const asked = await countKernels(worker!, false);
  const continued = async (): Promise<void> => {
    await lab.drop([saved]);
    await expect(lab.progress).toHaveAttribute('data-step', '0');
    await expect(engine).toHaveAttribute('data-engine', 'webgpu', { timeout: OPENING });
    await lab.button('Step').click();
    await expect(lab.progress).toHaveAttribute('data-step', '2');
  };
  await continued();
  expect(await asked()).toEqual({ atOnce: 0, meanwhile: 0 });

  // One that is lost by then is of no use to anybody.
  await loseDevice(worker!);
  await continued();
  expect((await asked()).meanwhile).toBeGreaterThan(5);
  expect(lab.complaints).toEqual([]);
});

test('trains and reads on WebGPU when the address asks for it', async ({ lab, page }) => {
  await lab.open({ engine: 'webgpu' });
  await expect(page.getByTestId('engine')).toHaveAttribute('data-engine', 'webgpu', { timeout: OPENING });
  await lab.stepOnce();
  await lab.draw(digits['7']!);
  await expect(lab.prediction).toHaveText('7');

  const told = await stepTime(page);
  await expect(told.getByRole('row', { name: /^update \d/ })).toBeVisible({ timeout: OPENING });
  const shares = await told.locator('td:nth-child(2)').allTextContents();
  expect(shares.reduce((sum, share) => sum + parseFloat(share), 0)).toBeCloseTo(100, 0);
  expect(await lab.step()).toBe(1);
  expect(lab.complaints).toEqual([]);
});

test('activities are stored in half precision where that is asked for, at the cost that is named', async ({
  lab,
  page,
}) => {
  const figures = async (): Promise<number[]> => (await lab.layers()).map((layer) => layer.positive);
  await lab.open({ ...tiny, engine: 'webgpu-f16' });
  const engine = page.getByTestId('engine');
  await expect(engine).toContainText('activities in f16', { timeout: OPENING });
  await lab.stepOnce();
  const half = await figures();
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(page.getByText('it is off by up to 1 part in 2,048')).toBeVisible();
  await page.keyboard.press('Escape');
  await chooseEngine(page, 'webgpu');
  await expect(engine).not.toContainText('f16', { timeout: OPENING });
  await expect(page).toHaveURL(/engine=webgpu(&|$)/);
  await lab.button('Restart').click();
  await expect(lab.progress).toHaveAttribute('data-step', '0');
  await lab.stepOnce();
  const whole = await figures();
  expect(half).toHaveLength(2);
  half.forEach((goodness, i) => {
    expect(goodness).not.toBe(whole[i]);
    expect(goodness / whole[i]!).toBeCloseTo(1, 2);
  });
  expect(lab.complaints).toEqual([]);
});

test('automatic stays on the CPU where the adapter only imitates a GPU, and says why', async ({ lab, page }) => {
  await lab.open(tiny);
  const engine = page.getByTestId('engine');
  await expect(engine).toHaveAttribute('title', /imitates a GPU|no WebGPU|GFLOP/);
  await expect(engine).toHaveAttribute('data-engine', 'cpu');
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(page.getByLabel('Engine', { exact: true })).toBeVisible();
  await expect(page.getByText('Where a step’s time goes')).toHaveCount(0);
});

test('a run goes over to WebGPU and back, and on from a lost GPU', async ({ lab, page }) => {
  await lab.open({ ...tiny, engine: 'cpu' });
  const engine = page.getByTestId('engine');
  await lab.stepOnce();
  await lab.stepOnce();
  const [worker] = page.workers();
  await hideTimestamps(worker!);
  await chooseEngine(page, 'webgpu');
  await expect(engine).toHaveAttribute('data-engine', 'webgpu', { timeout: OPENING });
  await lab.stepOnce();
  expect(await lab.step()).toBe(3);
  await expect(await stepTime(page)).toContainText('no timestamps', { timeout: OPENING });
  await page.keyboard.press('Escape');
  await chooseEngine(page, 'cpu');
  await expect(engine).toHaveAttribute('data-engine', 'cpu');

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
  await expect(engine).toHaveAttribute('data-engine', 'webgpu', { timeout: OPENING });
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

test('a run that takes another’s place is where its engine is wished for', async ({ lab, page }) => {
  const engine = page.getByTestId('engine');
  const letGo = await beginAnewWhileSearching(lab, page);
  await letGo();
  await expect(lab.progress).toHaveAttribute('data-step', '0');
  await expect(engine).toHaveAttribute('data-engine', 'webgpu', { timeout: OPENING });
  await chooseEngine(page, 'cpu');
  await lab.button('New seed').click();
  await expect(engine).toHaveAttribute('data-engine', 'cpu');
  await chooseEngine(page, 'webgpu');
  await expect(engine).toHaveAttribute('data-engine', 'webgpu', { timeout: OPENING });
  // The run before was to be on the CPU.
  await page.goBack();
  await expect(engine).toHaveAttribute('data-engine', 'cpu');
  expect(lab.complaints).toEqual([]);
});

test('an engine that is chosen while a run is opened is for that run', async ({ lab, page }) => {
  const engine = page.getByTestId('engine');
  const letGo = await beginAnewWhileSearching(lab, page);
  await chooseEngine(page, 'cpu');
  await letGo();
  await expect(lab.progress).toHaveAttribute('data-step', '0');
  await expect(page).toHaveURL(/engine=cpu/);
  await expect(engine).toHaveAttribute('data-search', '1');
  await expect(engine).toHaveAttribute('data-engine', 'cpu');
  await lab.stepOnce();
  await expect(engine).toHaveAttribute('data-engine', 'cpu');
  expect(lab.complaints).toEqual([]);
});

test('while WebGPU is looked for the page says so, and the run then goes on there', async ({ lab, page }) => {
  await lab.open({ engine: 'cpu' });
  const engine = page.getByTestId('engine');
  const search = async (): Promise<number> => Number(await engine.getAttribute('data-search'));
  await lab.stepOnce();
  await lab.button('Train').click();
  const letGo = await holdBack(page.workers()[0]!);
  await chooseEngine(page, 'webgpu');
  await expect.poll(search).toBeLessThan(1);
  await expect(engine).toContainText('looking for WebGPU');
  await expect(engine).toHaveAttribute('data-engine', 'cpu');
  await letGo();
  await expect(engine).toHaveAttribute('data-engine', 'webgpu', { timeout: OPENING });
  await expect(engine).toHaveAttribute('data-search', '1');
  await expect(engine).toContainText('WebGPU · ');
  const step = await lab.step();
  await lab.draw(digits['7']!);
  await expect(lab.prediction).toHaveText('7');
  await expect.poll(() => lab.step()).toBeGreaterThan(step);
});
