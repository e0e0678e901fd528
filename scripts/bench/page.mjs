// What a visitor feels of the built page: how soon it is ready, how soon and how often the test error comes when it is taught
// from nothing and what measuring costs, and the longest gaps between frames while it trains and somebody looks around.

import { chromium } from '@playwright/test';
import path from 'node:path';
import { browserFlags, ensureBrowser } from '../setup/browser.mjs';
import { buildSite } from '../setup/build.mjs';
import { root } from '../setup/run.mjs';
import { serveFolders } from '../setup/static.mjs';

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** In the page, from its beginning: every gap between frames, and every test error when it is shown. */
function watch() {
  globalThis.gaps = [];
  let last;
  const frame = (now) => {
    if (last !== undefined) globalThis.gaps.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  globalThis.figures = [];
  let shown;
  new MutationObserver(() => {
    const figure = document.querySelector('[data-testid=test-error]');
    // The number of the newest is part of the name: two figures in a row may be the same.
    const name = figure && `${figure.dataset.goodness} ${figure.dataset.softmax} ${figure.dataset.took}`;
    if (!(figure?.dataset.goodness || figure?.dataset.softmax) || name === shown) return;
    shown = name;
    globalThis.figures.push({
      at: performance.now(),
      error: Number(figure.dataset.goodness),
      took: Number(figure.dataset.took),
    });
  }).observe(document, { subtree: true, attributes: true, childList: true });
}

/** Opens the page as somebody who was never here; `query` are its settings. */
async function visit(browser, address, query = '') {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.addInitScript(watch);
  await page.goto(address + query);
  await page.locator('[data-testid=status][data-status=ready]').waitFor();
  // Random weights need not read anything yet.
  if (!query) await page.locator('[data-testid=prediction]').filter({ hasText: /^\d$/ }).waitFor();
  return { page, ready: await page.evaluate(() => performance.now()) };
}

const button = (page, name) => page.getByRole('button', { name, exact: true });

/** The gaps between frames while `work` is done, as a line. */
async function frames(page, name, work) {
  await page.evaluate(() => (globalThis.gaps = []));
  await work();
  const gaps = await page.evaluate(() => globalThis.gaps);
  const most = Math.max(...gaps);
  console.log(
    `${name}: ${gaps.length} frames, longest gap ${most.toFixed(0)} ms, ${gaps.filter((gap) => gap > 50).length} over 50 ms`,
  );
}

async function teach(page, seconds) {
  const began = await page.evaluate(() => {
    globalThis.figures = [];
    const teach = [...document.querySelectorAll('button')].find((one) => one.textContent === 'Teach it from nothing');
    teach.click();
    return performance.now();
  });
  await page.waitForTimeout(1000 * seconds);
  const figures = await page.evaluate(() => globalThis.figures);
  const [first] = figures;
  const gaps = figures.slice(1).map((figure, i) => figure.at - figures[i].at);
  const took = figures.reduce((sum, figure) => sum + figure.took, 0);
  const span = figures.at(-1).at - began;
  console.log(
    `taught from nothing: first test error after ${((first.at - began) / 1000).toFixed(2)} s, then every ` +
      `${(median(gaps) / 1000).toFixed(2)} s (at most ${(Math.max(...gaps) / 1000).toFixed(2)}); ` +
      `measuring took ${((100 * took) / span).toFixed(1)} % of ${(span / 1000).toFixed(0)} s; ` +
      `${figures.at(-1).error.toFixed(1)} % at last`,
  );
}

/** Measures the page itself, each visit with an empty cache. */
export async function benchPage(seconds) {
  await buildSite();
  const server = await serveFolders({ '/': path.join(root, 'dist') });
  const address = `http://127.0.0.1:${server.address().port}/`;
  const browser = await chromium.launch({ executablePath: await ensureBrowser(), args: browserFlags });
  const ready = [];
  for (let i = 0; i < 9; i++) {
    const { page, ready: after } = await visit(browser, address);
    ready.push(after);
    await page.close();
  }
  console.log(`ready after ${(median(ready) / 1000).toFixed(2)} s, the median of ${ready.length} first visits`);

  for (const recipe of ['supervised', 'unsupervised', 'recurrent', 'backprop']) {
    const { page } = await visit(browser, address, `?recipe=${recipe}&weights=random`);
    await button(page, 'Train').waitFor();
    const after = await page.evaluate(async () => {
      globalThis.figures = [];
      const began = performance.now();
      [...document.querySelectorAll('button')].find((one) => one.textContent.trim().endsWith('Train')).click();
      // A figure from before the first batch, if it is still under way, is no point of the way.
      const step = () => Number(document.querySelector('[data-testid=progress]').dataset.step);
      while (performance.now() < began + 60_000 && !globalThis.figures.some(({ step }) => step > 0)) {
        globalThis.figures.forEach((figure) => (figure.step ??= step()));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const first = globalThis.figures.find(({ step }) => step > 0);
      return first && first.at - began;
    });
    const when = after ? `${(after / 1000).toFixed(1)} s after Train` : 'not within a minute';
    console.log(`${recipe}: first point of its curve ${when}`);
    await page.close();
  }

  const { page } = await visit(browser, address);
  await teach(page, seconds);
  await frames(page, 'training', () => page.waitForTimeout(1000 * seconds));

  await frames(page, 'a tour while it trains', async () => {
    await page.evaluate(() => (location.hash = '#tour-1'));
    for (let stop = 1; stop <= 8; stop++) {
      await page.locator(`[data-testid=tour][data-stop="${stop}"]`).waitFor();
      await page.waitForTimeout(1_000);
      await button(page, stop < 8 ? 'Next' : 'Finish').click();
    }
  });

  await frames(page, 'Follow one picture while it trains', async () => {
    await page.getByRole('button', { name: 'Follow one picture' }).first().click();
    await page.getByTestId('station').first().waitFor();
    await page.waitForTimeout(1000 * seconds);
  });
  await page.getByRole('button', { name: 'Follow one picture' }).first().click();

  // Five runs besides the present one, each with a curve of its own.
  for (let run = 0; run < 5; run++) {
    await button(page, 'New seed').click();
    await button(page, 'Train').click();
    await page.waitForFunction(() => {
      const { dataset } = document.querySelector('[data-testid=progress]');
      return Number(dataset.step) > 150;
    });
    await page.waitForTimeout(2_000);
  }
  await page.evaluate(() => document.querySelector('[data-testid=run]')?.scrollIntoView());
  const runs = await page.getByTestId('run').count();
  await frames(page, `a comparison of ${runs} runs while it trains`, () => page.waitForTimeout(1000 * seconds));
  await browser.close();
  server.close();
}
