// Somebody who tries everything, in an order that a seed decides.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium } from '@playwright/test';
import { ensureBrowser, webgpuFlags } from '../setup/browser.mjs';
import { root } from '../setup/run.mjs';
import { serveFolders } from '../setup/static.mjs';

/** A small generator of numbers from 0 to 1 (mulberry32): the same seed, the same visit. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A folder with a small made-up MNIST, as it would lie beside the page. */
function mnistFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), 'soak-mnist-'));
  const header = (...numbers) => {
    const bytes = Buffer.alloc(4 * numbers.length);
    numbers.forEach((number, i) => bytes.writeUInt32BE(number, 4 * i));
    return bytes;
  };
  for (const [name, count] of [
    ['train', 2_000],
    ['t10k', 500],
  ]) {
    const pixels = Buffer.alloc(784 * count);
    for (let i = 0; i < count; i++) pixels.fill(255, 784 * i + 56 * (i % 10) + 116, 784 * i + 56 * (i % 10) + 140);
    const labels = Buffer.from(Array.from({ length: count }, (_, i) => i % 10));
    const write = (kind, bytes) => writeFileSync(path.join(folder, `${name}-${kind}-ubyte.gz`), gzipSync(bytes));
    write('images-idx3', Buffer.concat([header(0x803, count, 28, 28), pixels]));
    write('labels-idx1', Buffer.concat([header(0x801, count), labels]));
  }
  return folder;
}

/** In the worker, from its beginning: which memory WebAssembly has, and how many buffers of a GPU there are. */
function countInWorker() {
  const { instantiate, instantiateStreaming } = WebAssembly;
  const keep = (made) => {
    globalThis.soakMemory = (made.instance ?? made).exports.memory ?? globalThis.soakMemory;
    return made;
  };
  WebAssembly.instantiate = (...given) => instantiate(...given).then(keep);
  WebAssembly.instantiateStreaming = (...given) => instantiateStreaming(...given).then(keep);
  globalThis.soakBuffers = 0;
  const device = globalThis.GPUDevice?.prototype;
  if (!device) return;
  const { createBuffer, destroy: destroyDevice } = device;
  const { destroy } = globalThis.GPUBuffer.prototype;
  const living = new WeakMap();
  device.createBuffer = function (...given) {
    const buffer = createBuffer.apply(this, given);
    living.set(buffer, this);
    globalThis.soakBuffers++;
    this.soakOwn = (this.soakOwn ?? 0) + 1;
    return buffer;
  };
  globalThis.GPUBuffer.prototype.destroy = function () {
    const owner = living.get(this);
    if (owner?.soakOwn) {
      living.delete(this);
      owner.soakOwn--;
      globalThis.soakBuffers--;
    }
    return destroy.call(this);
  };
  // A device takes its buffers with it.
  device.destroy = function () {
    globalThis.soakBuffers -= this.soakOwn ?? 0;
    this.soakOwn = 0;
    return destroyDevice.call(this);
  };
}

/** What is chosen from the menus, by how its button begins. */
const dataSets = [/^MNIST\b(?! from)/, /^Pen strokes/, /^Coloured objects/];
const recipes = [/^Supervised/, /^Unsupervised/, /^Recurrent/, /^Backprop/, /^Windows, m/];

export class Visit {
  actions = 0;
  #lines = 0;
  #done = [];

  /** Opens the page: with a small run to begin with, or with that of an address's `query`, over real MNIST where there is one. */
  static async begin(seed, query) {
    const visit = new Visit();
    visit.random = random(seed);
    visit.folder = mnistFolder();
    const mnist = (query !== undefined && process.env.FF_MNIST_DIR) || visit.folder;
    visit.server = await serveFolders({ '/mnist/': mnist, '/': path.join(root, 'dist') });
    visit.browser = await chromium.launch({ executablePath: await ensureBrowser(), args: webgpuFlags });
    const page = (visit.page = await visit.browser.newPage({ viewport: { width: 1280, height: 800 } }));
    page.setDefaultTimeout(120_000);
    page.on('console', (message) => {
      visit.#lines++;
      console.log(`the page says: ${message.text()}`);
    });
    page.on('pageerror', (error) => {
      visit.#lines++;
      console.log(`the page fails: ${error}`);
    });
    // Before the worker's own first line: later, the memory would have been made already.
    await page.route(/assets\/[^/]*\.js$/, async (route) => {
      const response = await route.fetch();
      const text = await response.text();
      const isWorker = !text.includes('document.');
      await route.fulfill({ response, body: isWorker ? `(${countInWorker})();\n${text}` : text });
    });
    await page.addInitScript(() => {
      globalThis.soakGap = 0;
      // What the page's own scripts, styles and layout took of a long frame: without it, the wait was somebody else's.
      globalThis.soakFrames = [];
      new PerformanceObserver((list) => {
        for (const { duration, blockingDuration, scripts } of list.getEntries())
          globalThis.soakFrames.push(
            `${Math.round(duration)} ms, ${Math.round(blockingDuration)} blocked` +
              scripts.map((one) => `, ${Math.round(one.duration)} ${one.sourceFunctionName || one.invoker}`).join(''),
          );
      }).observe({ type: 'long-animation-frame' });
      globalThis.soakLast = performance.now();
      const frame = (now) => {
        globalThis.soakGap = Math.max(globalThis.soakGap, now - globalThis.soakLast);
        globalThis.soakLast = now;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
    const { port } = visit.server.address();
    const small = 'layers=100,100,100&weights=random&batch=50&epochs=1000&engine=cpu';
    await page.goto(`http://127.0.0.1:${port}/?${query ?? small}`);
    await page.locator('[data-testid=status][data-status=ready]').waitFor();
    visit.session = await page.context().newCDPSession(page);
    await visit.session.send('Performance.enable');
    // From here on what is not there will not come.
    page.setDefaultTimeout(5_000);
    return visit;
  }

  #pick(all) {
    return all[Math.floor(this.random() * all.length)];
  }

  /** Presses a button if it is there to be pressed. */
  async #press(name) {
    const button = this.page.getByRole('button', { name }).filter({ visible: true }).first();
    if ((await button.count()) && (await button.isEnabled())) await button.click({ timeout: 10_000 });
  }

  async #draw() {
    await this.#press('Clear');
    // Nobody draws on pictures in colour.
    const [pad] = await this.page.locator('canvas[data-testid=draw-pad]').all();
    const box = await pad?.boundingBox();
    if (!box || box.y < 0) return;
    const at = () => [
      box.x + box.width * (0.2 + 0.6 * this.random()),
      box.y + box.height * (0.2 + 0.6 * this.random()),
    ];
    await this.page.mouse.move(...at());
    await this.page.mouse.down();
    for (let i = 0; i < 4; i++) await this.page.mouse.move(...at(), { steps: 5 });
    await this.page.mouse.up();
  }

  async #inMenu(menu, work) {
    await this.page.evaluate(() => scrollTo(0, 0));
    await this.#press(menu);
    // What a menu holds comes a moment after it.
    await this.page.waitForTimeout(300);
    await work();
    await this.page.keyboard.press('Escape');
  }

  async #dismiss() {
    for (const one of await this.page.getByRole('button', { name: 'Dismiss' }).all())
      await one.click({ timeout: 5_000 });
  }

  /** What is gone by the time it is pressed, a person would not press either. */
  async #attempt(thing) {
    await thing().catch((failure) => {
      if (!/Timeout/.test(String(failure))) throw failure;
      console.log(`not pressed: ${String(failure).split('\n')[0]}`);
      return this.page.keyboard.press('Escape');
    });
  }

  /** Opens every part of the page once, with each recipe on each kind of data: what is built only once is there afterwards. */
  async seeEverything() {
    const { page } = this;
    for (const menu of ['Settings', /^Weights/]) await this.#inMenu(menu, async () => undefined);
    for (const data of dataSets) {
      await this.#inMenu(/^Data/, () => this.#press(data));
      for (const recipe of recipes) {
        await this.#inMenu(/^Recipe/, () => this.#press(recipe));
        await this.#press('Train');
        for (const panel of await page.locator('details:not([open]) > summary').filter({ visible: true }).all()) {
          // One that opens may take another's place.
          await this.#attempt(() => panel.click({ timeout: 2_000 }));
          await page.waitForTimeout(200);
        }
        await this.#attempt(() => this.#draw());
        await page.waitForTimeout(1_000);
        await this.#attempt(() => this.#dismiss());
      }
    }
    this.began = Date.now();
    // What was slow until here does not count.
    await this.measure();
  }

  /** Begins to train, and to count. */
  async train() {
    await this.page.getByRole('button', { name: 'Train' }).click({ timeout: 60_000 });
    this.began = Date.now();
    await this.measure();
  }

  /** Leaves it alone for a while. */
  async watch() {
    await this.page.waitForTimeout(1_000);
  }

  /** Does one thing, and looks at it for a moment. */
  async act() {
    this.actions++;
    const { page } = this;
    const option = (label, value) => page.getByLabel(label, { exact: true }).selectOption(value, { timeout: 10_000 });
    const press = (name) => [`press ${name}`, () => this.#press(name)];
    const things = [
      press('Train'),
      press('Train'),
      press('Pause'),
      press('Step'),
      press('Restart'),
      press(/new seed/i),
      ['draw', () => this.#draw()],
      ['draw', () => this.#draw()],
      ['engine', () => this.#inMenu('Settings', () => option('Engine', this.#pick(['cpu', 'webgpu', 'auto'])))],
      ['negatives', () => this.#inMenu('Settings', () => option('Negatives', 'random'))],
      ['data', () => this.#inMenu(/^Data/, () => this.#press(this.#pick(dataSets)))],
      ['weights', () => this.#inMenu(/^Weights/, async () => undefined)],
      ['recipe', () => this.#inMenu(/^Recipe/, () => this.#press(this.#pick(recipes)))],
      ['wheel', () => page.mouse.wheel(0, 1_000 * (this.random() - 0.5))],
      [
        'panel',
        async () => {
          const panel = this.#pick(await page.locator('summary').all());
          if (panel) await panel.click({ timeout: 10_000 });
        },
      ],
      ['dismiss', () => this.#dismiss()],
    ];
    const [name, thing] = this.#pick(things);
    this.#done.push(name);
    await this.#attempt(thing);
    await page.waitForTimeout(200 + 800 * this.random());
  }

  /** What there is now, after a collection of garbage; and the longest gap since the last time, collections apart. */
  async measure() {
    const [gap, engine, elements, frames] = await this.page.evaluate(() => [
      globalThis.soakGap,
      document.querySelector('[data-testid=engine]').dataset.engine,
      document.getElementsByTagName('*').length,
      globalThis.soakFrames.splice(0),
    ]);
    const done = this.#done.splice(0);
    if (gap > 100)
      console.log(
        `${Math.round(gap)} ms without a frame; done: ${done.join(', ')}; long frames: ${frames.join(' | ')}`,
      );
    const engines = new Set([this.engine ?? engine, engine]);
    this.engine = engine;
    await this.session.send('HeapProfiler.collectGarbage');
    const { metrics } = await this.session.send('Performance.getMetrics');
    const metric = (name) => metrics.find((one) => one.name === name).value;
    const [worker] = this.page.workers();
    const [wasm, buffers] = await worker.evaluate(() => {
      if (!globalThis.soakMemory) throw new Error('The memory of WebAssembly was not found.');
      return [globalThis.soakMemory.buffer.byteLength, globalThis.soakBuffers];
    });
    // The collection was the measurement's, and so is the frame that waited for it.
    await this.page.evaluate(() => {
      globalThis.soakGap = 0;
      globalThis.soakLast = performance.now();
    });
    return {
      second: Math.round((Date.now() - this.began) / 1000),
      heap: metric('JSHeapUsedSize'),
      wasm,
      buffers,
      nodes: metric('Nodes'),
      elements,
      gap: Math.round(gap),
      engine: [...engines].join(' to '),
      console: this.#lines,
    };
  }

  async end() {
    await this.browser.close();
    this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
