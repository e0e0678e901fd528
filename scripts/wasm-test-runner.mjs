// Cargo's runner for wasm32 tests: wasm-bindgen-test-runner serves the tests, and the browser found by
// setup/browser.mjs opens them: Chromium, or Firefox with FF_TEST_BROWSER=firefox. It needs no WebDriver, whose version would
// have to match the browser's.

import { spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { chromium } from '@playwright/test';
import { ensureBrowser, launchFirefox, webgpuFlags } from './setup/browser.mjs';
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

const launch = {
  chromium: async () => chromium.launch({ executablePath: await ensureBrowser(), args: webgpuFlags }),
  firefox: launchFirefox,
};

await main(async () => {
  const name = process.env.FF_TEST_BROWSER ?? 'chromium';
  if (!launch[name]) {
    throw new Plain(`FF_TEST_BROWSER is \`${name}\`; choose one of ${Object.keys(launch).join(', ')}.`);
  }
  const address = await serve(process.argv.slice(2));
  if (!address) return;
  const browser = await launch[name]();
  const page = await browser.newPage();
  page.on('console', (message) => console.error(`[${message.type()}] ${message.text()}`));
  page.on('pageerror', (error) => console.error(error));
  await page.goto(address);
  const read = () => page.evaluate(() => document.querySelector('#output').textContent);
  const end = Date.now() + minutes * 60_000;
  let text = await read();
  while (!text.includes('test result: ') && Date.now() < end) {
    await setTimeout(250);
    text = await read();
  }
  console.log(text);
  await browser.close();
  if (!text.includes('test result: ')) throw new Plain(`The tests had not ended after ${minutes} minutes.`);
  if (!text.includes('test result: ok')) throw new Plain('Some tests failed.');
  process.exit(0);
});
