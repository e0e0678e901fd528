// `npm run bench`: how fast the page's engines train, in Chromium, on the core's builds as the page uses them. Prints a JSON line
// for each engine and shape; FF_BENCH_SECONDS (10) is how long each is measured. With `--peers`, other libraries take the same
// step in the same minute, and how many times as fast ours is follows; `--base FOLDER` does so with the core of an older build.
// `--page` measures the built page instead, as its visitor feels it.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { benchPage } from './bench/page.mjs';
import { ensureBrowser, webgpuFlags } from './setup/browser.mjs';
import { buildWasm } from './setup/build.mjs';
import { installPeers } from './setup/peers.mjs';
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

/** `--peers`, `--page` and `--base FOLDER`. */
function asked(words) {
  const base = words.includes('--base') ? words[words.indexOf('--base') + 1] : undefined;
  const known = words.filter((word) => !['--peers', '--page', '--base'].includes(word) && word !== base);
  if (known.length) throw new Plain(`\`${known[0]}\` is no option of this benchmark: --peers, --page, --base FOLDER.`);
  if (words.includes('--base') && !existsSync(path.join(base ?? '', 'forward_forward_bg.wasm')))
    throw new Plain(`--base wants the folder pkg/ of another build, and ${base ?? 'nothing'} is none.`);
  return { base, peers: words.includes('--peers'), page: words.includes('--page') };
}

/** How many times as fast the first is as each of the others, shape by shape. */
function ratios(results, [first, ...others]) {
  for (const shape of new Set(results.map((result) => result.shape))) {
    const rate = (name) => results.find((r) => r.shape === shape && r.name === name)?.samples_per_second;
    for (const other of others) {
      if (!rate(first) || !rate(other)) continue;
      console.log(`${shape}: ${first} is ${(rate(first) / rate(other)).toFixed(2)} times as fast as ${other}`);
    }
  }
}

await main(async () => {
  const { base, peers, page: whole } = asked(process.argv.slice(2));
  const seconds = Number(process.env.FF_BENCH_SECONDS ?? 10);
  if (!(seconds > 0)) throw new Plain(`FF_BENCH_SECONDS is \`${process.env.FF_BENCH_SECONDS}\`, which is no time.`);
  if (whole) return benchPage(seconds);
  await buildWasm();
  const { chromium } = await import('@playwright/test');
  const folders = {
    '/pkg/': path.join(root, 'pkg'),
    ...(base ? { '/base/': path.resolve(base) } : {}),
    ...(peers ? { '/peers/': await installPeers() } : {}),
    '/': path.join(root, 'scripts', 'bench'),
  };
  const server = await serveFolders(folders, 0, isolation);
  // Software adapters count too: SwiftShader is what a machine without a GPU can compare programs on.
  const browser = await chromium.launch({ executablePath: await ensureBrowser(), args: webgpuFlags });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const cores = await page.evaluate(() => navigator.hardwareConcurrency);
  const several = cores > 2 ? cores - 1 : cores;
  const runners = [
    { name: 'plain, 1 thread', engine: 'cpu', build: 'forward_forward', threads: 1 },
    { name: 'relaxed, 1 thread', engine: 'cpu', build: 'relaxed', threads: 1 },
    ...(cores > 1 ? [{ name: `${several} threads`, engine: 'cpu', build: 'threads', threads: several }] : []),
    { name: 'webgpu', engine: 'webgpu', build: 'relaxed', threads: 1 },
    ...(base
      ? [
          { name: 'base, 1 thread', engine: 'cpu', build: 'forward_forward', folder: '/base/', threads: 1 },
          { name: `base, ${several} threads`, engine: 'cpu', build: 'threads', folder: '/base/', threads: several },
        ]
      : []),
    ...(peers
      ? [
          { name: 'jax-js', file: 'peers/jax.js', device: 'wasm', threads: cores },
          { name: 'jax-js, webgpu', file: 'peers/jax.js', device: 'webgpu', threads: 1 },
          { name: 'TensorFlow.js', file: 'peers/tfjs.js', threads: several },
        ]
      : []),
  ];
  const results = [];
  for (const layers of shapes) {
    const shape = [inputs, ...layers].join('-');
    const wanted = { layers, batch, images: 2000, warmUp: seconds / 5, seconds };
    for (const { name, ...which } of runners) {
      const measured = await page.evaluate((w) => window.measure(w), { ...wanted, ...which });
      const { engine, samples, seconds: took } = measured;
      const rate = samples / took;
      const result = {
        name,
        engine: engine.kind,
        adapter: engine.name,
        threads: engine.threads ?? which.threads,
        shape,
        batch,
        steps: samples / batch,
        seconds: Number(took.toFixed(3)),
        samples_per_second: Number(rate.toFixed(1)),
        // Five products of D·N multiply-adds a sample: positive, neutral and negative pass, and two halves of the gradient.
        gflops: Number(((10 * weights(layers) * rate) / 1e9).toFixed(2)),
      };
      results.push(result);
      console.log(JSON.stringify(result));
    }
  }
  // As much as MNIST: what memory that takes, and how long all test images are.
  const most = runners[cores > 1 ? 2 : 1];
  for (const layers of shapes) {
    const { name, ...which } = most;
    const wanted = { layers, batch, images: 60_000, test: 10_000, warmUp: seconds / 5 };
    const measured = await page.evaluate((w) => window.measure(w), { ...wanted, ...which });
    const took = `${measured.samples} test images read by goodness in ${measured.seconds.toFixed(2)} s`;
    const shape = [inputs, ...layers].join('-');
    console.log(
      `${shape}, ${name}: ${took}; ${measured.megabytes.toFixed(0)} MB of WebAssembly's memory with 70,000 images`,
    );
  }
  const ours = cores > 1 ? `${several} threads` : 'relaxed, 1 thread';
  ratios(results, [ours, 'base, 1 thread', 'jax-js', 'TensorFlow.js']);
  ratios(results, ['relaxed, 1 thread', 'base, 1 thread']);
  ratios(results, ['plain, 1 thread', 'base, 1 thread']);
  ratios(results, [`${several} threads`, `base, ${several} threads`]);
  ratios(results, ['webgpu', 'jax-js, webgpu']);
  await browser.close();
  server.close();
});
