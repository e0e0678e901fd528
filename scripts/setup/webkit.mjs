// A WebKit to test in: WebKitGTK's own browser and its WebDriver, on a display that nobody looks at.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findProgram, installDebian, Plain, say } from './run.mjs';

const programs = { WebKitWebDriver: 'webkit2gtk-driver', Xvfb: 'xvfb' };

/** Installs what is missing where Debian's packages can be had; says what to install elsewhere. */
export async function ensureWebKit() {
  const missing = () => Object.keys(programs).filter((name) => !findProgram(name));
  if (missing().length === 0) return;
  say(`No ${missing().join(' and no ')} was found: installing Debian's`);
  await installDebian(missing().map((name) => programs[name]));
  const left = missing();
  if (left.length === 0) return;
  throw new Plain(
    `The page is also tested in WebKit, and ${left.join(' and ')} cannot be found. On a Debian they are in the packages ` +
      `${left.map((name) => programs[name]).join(' and ')}; \`npm test -- e2e firefox\` goes without.`,
  );
}

/** What a process prints to `stream` up to a line that matches. */
function said(child, stream, pattern, name) {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      const found = pattern.exec(text);
      if (found) resolve(found);
    });
    child.on('error', (error) => reject(new Plain(`${name} could not be started: ${error.message}`)));
    child.on('close', (code) => reject(new Plain(`${name} ended with ${code}: ${text}`)));
  });
}

/** A port that nobody listens at. */
async function freePort() {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** WebKit's driver at an address of its own; `close` ends it and its display. */
export async function startWebKit() {
  await ensureWebKit();
  const display = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const [, number] = await said(display, display.stdio[3], /^(\d+)\n/, 'Xvfb');
  const port = await freePort();
  const driver = spawn('WebKitWebDriver', ['--host=127.0.0.1', `--port=${port}`], {
    // No accelerated compositing, because there is nothing to accelerate it; and without a language of its own WebKit
    // claims to speak `C`, which its own Intl refuses.
    env: {
      ...process.env,
      DISPLAY: `:${number}`,
      GDK_BACKEND: 'x11',
      WEBKIT_DISABLE_COMPOSITING_MODE: '1',
      LANG: 'en_US.UTF-8',
    },
    stdio: 'ignore',
  });
  let broken;
  driver.on('error', (error) => (broken = new Plain(`WebKitWebDriver could not be started: ${error.message}`)));
  driver.on('exit', (code) => (broken ??= new Plain(`WebKitWebDriver ended with ${code}.`)));
  const close = () => [driver, display].forEach((child) => child.kill());
  process.on('exit', close);
  const address = `http://127.0.0.1:${port}`;
  for (;;) {
    if (broken) throw broken;
    const status = await fetch(`${address}/status`).catch(() => undefined);
    if (status?.ok) return { address, browser: minibrowser(), close };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** WebKitGTK's browser, where its packages put it. */
function minibrowser() {
  const places = ['x86_64-linux-gnu', 'aarch64-linux-gnu', '.'].flatMap((machine) =>
    ['4.1', '4.0', '6.0'].map((version) =>
      version === '6.0'
        ? `/usr/lib/${machine}/webkitgtk-6.0/MiniBrowser`
        : `/usr/lib/${machine}/webkit2gtk-${version}/MiniBrowser`,
    ),
  );
  const found = places.find((place) => existsSync(place)) ?? findProgram('MiniBrowser');
  if (found) return found;
  throw new Plain('WebKitWebDriver is here, but not the MiniBrowser it drives.');
}
