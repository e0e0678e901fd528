// Finding a Chromium to test and measure in, or installing Debian's.

import { existsSync } from 'node:fs';
import { findProgram, installDebian, output, Plain, say } from './run.mjs';

/** Headless, contained as a test machine allows, and silent towards the network. */
export const browserFlags = ['--no-sandbox', '--disable-background-networking', '--disable-component-update'];

/** Also offers WebGPU where there is no graphics hardware, imitated on the CPU. */
export const webgpuFlags = [...browserFlags, '--enable-unsafe-webgpu'];

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

function find() {
  const named = process.env.FF_CHROMIUM;
  if (named) {
    if (output(named, ['--version']) === undefined) throw new Plain(`FF_CHROMIUM names ${named}, which does not run.`);
    return named;
  }
  const candidates = [...names.map(findProgram), ...places.filter((place) => existsSync(place))];
  // A name may be a stub that only tells how to install the real one.
  return candidates.find((file) => file && output(file, ['--version']) !== undefined);
}

/** The path of a Chromium or Chrome; FF_CHROMIUM overrides what is found. */
export async function ensureBrowser() {
  const found = find();
  if (found) return found;
  say("No Chromium was found: installing Debian's");
  await installDebian(['chromium']);
  const now = find();
  if (now) return now;
  throw new Plain('No Chromium was found. Install Chromium or Chrome, or name one in FF_CHROMIUM.');
}
