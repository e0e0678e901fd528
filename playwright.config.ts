import { defineConfig } from '@playwright/test';
import { browserFlags, ensureBrowser, webgpuFlags } from './scripts/setup/browser.mjs';
import type { EngineOption } from './tests/e2e/lab';

const port = Number(process.env.FF_E2E_PORT ?? 4180);
// Not the root: the page must work in any folder of a host.
const folder = '/some/folder/';
const executablePath = await ensureBrowser();

export default defineConfig<{ engine: EngineOption }>({
  testDir: 'tests/e2e',
  snapshotPathTemplate: 'tests/e2e/pictures/{arg}{ext}',
  fullyParallel: true,
  // Each page trains on a core of its own; more workers than cores would only measure the waiting.
  workers: 2,
  forbidOnly: Boolean(process.env.CI),
  // Patience, and no bound of speed: with sixteen processes waiting for two cores a page takes half a minute to be ready.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  reporter: 'list',
  use: {
    baseURL: `http://127.0.0.1:${port}${folder}`,
    viewport: { width: 1280, height: 800 },
    launchOptions: { executablePath, args: browserFlags },
    // Recording what every page said and was, in case a test fails, costs a sixth of the time: `--trace on` records a test that did.
    trace: 'off',
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'page' },
    {
      // What a run does, once more with every run on the GPU engine.
      name: 'webgpu',
      testMatch: ['training', 'drawing', 'files', 'trouble'].map((name) => `${name}.spec.ts`),
      timeout: 360_000,
      use: { engine: 'webgpu', launchOptions: { executablePath, args: webgpuFlags } },
    },
  ],
  webServer: {
    command: `node scripts/serve-dist.mjs ${port} ${folder}`,
    url: `http://127.0.0.1:${port}${folder}`,
    reuseExistingServer: false,
  },
});
