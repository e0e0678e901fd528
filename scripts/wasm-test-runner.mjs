// Cargo's runner for wasm32 tests: wasm-bindgen-test-runner serves the tests, and the browser found by
// setup/browser.mjs opens them. It needs no WebDriver, whose version would have to match the browser's.

import { spawn } from 'node:child_process';
import { chromium } from '@playwright/test';
import { ensureBrowser, webgpuFlags } from './setup/browser.mjs';
import { main, Plain } from './setup/run.mjs';

const minutes = Number(process.env.FF_WASM_TEST_MINUTES ?? 5);

/** Starts serving the tests; the address, or undefined when the file holds none. */
function serve(args) {
  const env = {
    ...process.env,
    NO_HEADLESS: '1',
    WASM_BINDGEN_USE_BROWSER: '1',
    WASM_BINDGEN_TEST_ADDRESS: '127.0.0.1:0',
  };
  const server = spawn('wasm-bindgen-test-runner', args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  process.on('exit', () => server.kill());
  return new Promise((resolve, reject) => {
    let text = '';
    server.stdout.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      const address = /available at (http:\S+)\n/.exec(text);
      if (address) resolve(address[1]);
    });
    server.on('error', (error) => reject(new Plain(`wasm-bindgen-test-runner could not be started: ${error.message}`)));
    server.on('close', (code) => {
      process.stdout.write(text);
      if (code === 0) resolve(undefined);
      else reject(new Plain(`wasm-bindgen-test-runner exited with ${code}.`));
    });
  });
}

await main(async () => {
  const address = await serve(process.argv.slice(2));
  if (!address) return;
  const browser = await chromium.launch({ executablePath: await ensureBrowser(), args: webgpuFlags });
  const page = await browser.newPage();
  page.on('console', (message) => console.error(`[${message.type()}] ${message.text()}`));
  page.on('pageerror', (error) => console.error(error));
  await page.goto(address);
  const output = page.locator('#output');
  const ended = await page
    .waitForFunction(() => document.querySelector('#output').textContent.includes('test result: '), undefined, {
      timeout: minutes * 60_000,
    })
    .catch(() => undefined);
  const text = await output.textContent();
  console.log(text);
  await browser.close();
  if (!ended) throw new Plain(`The tests had not ended after ${minutes} minutes.`);
  if (!text.includes('test result: ok')) throw new Plain('Some tests failed.');
  process.exit(0);
});
