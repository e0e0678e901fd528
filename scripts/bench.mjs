// `npm run bench`: how fast the page's engines train, in Chromium, on the core's builds as the page uses them. Prints a JSON line
// for each engine and shape; FF_BENCH_SECONDS (10) is how long each is measured.

import path from 'node:path';
import { ensureBrowser, webgpuFlags } from './setup/browser.mjs';
import { buildWasm } from './setup/build.mjs';
import { main, Plain, root } from './setup/run.mjs';
import { serveFolders } from './setup/static.mjs';

const inputs = 784;
const batch = 100;
const shapes = [
  [500, 500, 500],
  [2000, 2000, 2000, 2000],
];
const isolation = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

/** Σ D·N over the layers: the weights, biases aside. */
function weights(layers) {
  return layers.reduce((sum, units, i) => sum + (i ? layers[i - 1] : inputs) * units, 0);
}

await main(async () => {
  const seconds = Number(process.env.FF_BENCH_SECONDS ?? 10);
  if (!(seconds > 0)) throw new Plain(`FF_BENCH_SECONDS is \`${process.env.FF_BENCH_SECONDS}\`, which is no time.`);
  await buildWasm();
  const { chromium } = await import('@playwright/test');
  const folders = {
    '/pkg/': path.join(root, 'pkg'),
    '/': path.join(root, 'scripts', 'bench'),
  };
  const server = await serveFolders(folders, 0, isolation);
  // Software adapters count too: SwiftShader is what a machine without a GPU can compare programs on.
  const browser = await chromium.launch({ executablePath: await ensureBrowser(), args: webgpuFlags });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const cores = await page.evaluate(() => navigator.hardwareConcurrency);
  const ours = [
    { engine: 'cpu', build: 'forward_forward', threads: 1 },
    { engine: 'cpu', build: 'relaxed', threads: 1 },
    ...(cores > 1 ? [{ engine: 'cpu', build: 'threads', threads: cores > 2 ? cores - 1 : cores }] : []),
    { engine: 'webgpu', build: 'relaxed', threads: 1 },
  ];
  for (const layers of shapes) {
    const shape = [inputs, ...layers].join('-');
    const report = (line, samples, took) => {
      const rate = samples / took;
      const result = {
        ...line,
        shape,
        batch,
        steps: samples / batch,
        seconds: Number(took.toFixed(3)),
        samples_per_second: Number(rate.toFixed(1)),
        // Five products of D·N multiply-adds a sample: positive, neutral and negative pass, and two halves of the gradient.
        gflops: Number(((10 * weights(layers) * rate) / 1e9).toFixed(2)),
      };
      console.log(JSON.stringify(result));
    };
    const wanted = { layers, batch, images: 2000, warmUp: seconds / 5, seconds };
    for (const which of ours) {
      const { engine, samples, seconds: took } = await page.evaluate((w) => window.measure(w), { ...wanted, ...which });
      report({ engine: engine.kind, adapter: engine.name, build: which.build, threads: engine.threads }, samples, took);
    }
  }
  await browser.close();
  server.close();
});
