// `npm run bench`: how fast the page's engines train, in Chromium, on the core's builds as the page uses them. Prints a JSON line
// for each engine and shape; FF_BENCH_SECONDS (10) is how long each is measured.
//
// `npm run bench -- --peers` also installs other libraries that train in a browser, into .tools/peers, and measures the same
// products on them (scripts/bench/peers.js); from then on every bench does, in the same browser, and prints the ratios.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureBrowser, webgpuFlags } from './setup/browser.mjs';
import { buildWasm } from './setup/build.mjs';
import { main, Plain, root, run, say, tools } from './setup/run.mjs';
import { serveFolders } from './setup/static.mjs';

const inputs = 784;
const batch = 100;
const shapes = [
  [500, 500, 500],
  [2000, 2000, 2000, 2000],
];
const isolation = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
const peers = { '@jax-js/jax': '0.1.25', '@tensorflow/tfjs': '4.22.0', '@tensorflow/tfjs-backend-wasm': '4.22.0' };
const peersFolder = path.join(tools, 'peers');

/** Σ D·N over the layers: the weights, biases aside. */
function weights(layers) {
  return layers.reduce((sum, units, i) => sum + (i ? layers[i - 1] : inputs) * units, 0);
}

async function installPeers() {
  say('Installing the peers to measure beside into .tools/peers');
  mkdirSync(peersFolder, { recursive: true });
  writeFileSync(path.join(peersFolder, 'package.json'), '{ "private": true }\n');
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const wanted = Object.entries(peers).map(([name, version]) => `${name}@${version}`);
  await run(npm[0], [...npm.slice(1), 'install', '--no-audit', '--no-fund', ...wanted], { cwd: peersFolder });
  const { build } = await import('vite');
  await build({
    configFile: false,
    logLevel: 'error',
    root: peersFolder,
    base: './',
    build: {
      target: 'es2022',
      outDir: 'dist',
      lib: { entry: path.join(root, 'scripts', 'bench', 'peers.js'), formats: ['es'], fileName: 'peers' },
    },
    resolve: {
      alias: Object.keys(peers).map((name) => ({
        find: name,
        replacement: path.join(peersFolder, 'node_modules', name),
      })),
    },
  });
}

await main(async () => {
  const seconds = Number(process.env.FF_BENCH_SECONDS ?? 10);
  if (!(seconds > 0)) throw new Plain(`FF_BENCH_SECONDS is \`${process.env.FF_BENCH_SECONDS}\`, which is no time.`);
  if (process.argv.includes('--peers')) await installPeers();
  await buildWasm();
  const { chromium } = await import('@playwright/test');
  const folders = {
    '/pkg/': path.join(root, 'pkg'),
    '/peers/': path.join(peersFolder, 'dist'),
    '/tfjs/': path.join(peersFolder, 'node_modules', '@tensorflow', 'tfjs-backend-wasm', 'dist'),
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
  const others = existsSync(path.join(peersFolder, 'dist', 'peers.js')) ? ['jax-js', 'tensorflow.js'] : [];
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
      return result.gflops;
    };
    const wanted = { layers, batch, images: 2000, warmUp: seconds / 5, seconds };
    let best = 0;
    for (const which of ours) {
      const { engine, samples, seconds: took } = await page.evaluate((w) => window.measure(w), { ...wanted, ...which });
      const gflops = report(
        { engine: engine.kind, adapter: engine.name, build: which.build, threads: engine.threads },
        samples,
        took,
      );
      if (engine.kind === 'cpu') best = Math.max(best, gflops);
    }
    for (const peer of others) {
      const {
        threads,
        samples,
        seconds: took,
      } = await page.evaluate((w) => window.measurePeer(w), { ...wanted, inputs, peer });
      const gflops = report({ peer, threads }, samples, took);
      console.log(
        JSON.stringify({ shape, ratio: `our fastest on the CPU : ${peer}`, is: Number((best / gflops).toFixed(2)) }),
      );
    }
  }
  await browser.close();
  server.close();
});
