// `npm run bench`: how fast the page's engines train, in Chromium, in one worker. Prints a JSON line for each engine and
// shape; FF_BENCH_SECONDS (10) is how long each is measured.

import path from 'node:path';
import { ensureBrowser, webgpuFlags } from './setup/browser.mjs';
import { buildWasm } from './setup/build.mjs';
import { main, Plain, root } from './setup/run.mjs';
import { serveFolders } from './setup/static.mjs';

const inputs = 784;
const batch = 100;
const engines = ['cpu', 'webgpu'];
const shapes = [
  [500, 500, 500],
  [2000, 2000, 2000, 2000],
];

/** Σ D·N over the layers: the weights, biases aside. */
function weights(layers) {
  return layers.reduce((sum, units, i) => sum + (i ? layers[i - 1] : inputs) * units, 0);
}

await main(async () => {
  const seconds = Number(process.env.FF_BENCH_SECONDS ?? 10);
  if (!(seconds > 0)) throw new Plain(`FF_BENCH_SECONDS is \`${process.env.FF_BENCH_SECONDS}\`, which is no time.`);
  await buildWasm();
  const { chromium } = await import('@playwright/test');
  const server = await serveFolders({ '/pkg/': path.join(root, 'pkg'), '/': path.join(root, 'scripts', 'bench') });
  // Software adapters count too: SwiftShader is what a machine without a GPU can compare programs on.
  const browser = await chromium.launch({ executablePath: await ensureBrowser(), args: webgpuFlags });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  for (const wish of engines) {
    for (const layers of shapes) {
      const wanted = { engine: wish, layers, batch, images: 2000, warmUp: seconds / 5, seconds };
      const { engine, samples, seconds: took } = await page.evaluate((w) => window.measure(w), wanted);
      const rate = samples / took;
      const result = {
        engine: engine.kind,
        adapter: engine.name,
        shape: [inputs, ...layers].join('-'),
        batch,
        steps: samples / batch,
        seconds: Number(took.toFixed(3)),
        samples_per_second: Number(rate.toFixed(1)),
        // Five products of D·N multiply-adds a sample: positive, neutral and negative pass, and two halves of the gradient.
        gflops: Number(((10 * weights(layers) * rate) / 1e9).toFixed(2)),
      };
      console.log(JSON.stringify(result));
    }
  }
  await browser.close();
  server.close();
});
