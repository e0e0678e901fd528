import type { Page, Worker } from '@playwright/test';

/** Chooses an engine in the settings. */
export async function chooseEngine(page: Page, engine: string): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByLabel('Engine', { exact: true }).selectOption(engine);
  await page.keyboard.press('Escape');
}

/** The worker's: remembers the device that it opened last. */
export function watchDevices(): void {
  const scope = globalThis as unknown as { GPUAdapter?: { prototype: any }; device?: unknown };
  const adapter = scope.GPUAdapter?.prototype;
  if (!adapter) return;
  const { requestDevice } = adapter;
  adapter.requestDevice = async function (...given: unknown[]) {
    const device = await requestDevice.apply(this, given);
    scope.device = device;
    return device;
  };
}

/** The device the page's worker opens from now on, so that a test can take it away. */
export const watchDevice = (worker: Worker): Promise<void> => worker.evaluate(watchDevices);

/** Takes away the device the worker opened last. */
export const loseDevice = (worker: Worker): Promise<void> =>
  worker.evaluate(() => (globalThis as unknown as { device: { destroy(): void } }).device.destroy());
