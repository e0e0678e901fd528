// Finding the browsers to test and measure in, or installing Debian's.

import { existsSync } from 'node:fs';
import { findProgram, installDebian, output, Plain, say } from './run.mjs';

/** Pages of Chromium's own for its address bar: it loads them with every new window, which costs each test half a core-second. */
const addressBar = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup'];

/** What Playwright disables. Chromium obeys only the last `--disable-features`, so ours has to repeat it. */
const byPlaywright = [
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
];

/** Headless, contained as a test machine allows, and silent towards the network. */
export const browserFlags = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  `--disable-features=${[...addressBar, ...byPlaywright].join()}`,
];

/** Also offers WebGPU where there is no graphics hardware, imitated on the CPU. */
export const webgpuFlags = [...browserFlags, '--enable-unsafe-webgpu'];

const browsers = {
  chromium: {
    title: 'Chromium or Chrome',
    setting: 'FF_CHROMIUM',
    debian: 'chromium',
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'],
    places: [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ],
  },
  firefox: {
    title: 'Firefox',
    setting: 'FF_FIREFOX',
    debian: 'firefox-esr',
    names: ['firefox-esr', 'firefox'],
    places: ['/Applications/Firefox.app/Contents/MacOS/firefox'],
  },
};

function find({ setting, names, places }) {
  const named = process.env[setting];
  if (named) {
    if (output(named, ['--version']) === undefined) throw new Plain(`${setting} names ${named}, which does not run.`);
    return named;
  }
  const candidates = [...names.map(findProgram), ...places.filter((place) => existsSync(place))];
  // A name may be a stub that only tells how to install the real one.
  return candidates.find((file) => file && output(file, ['--version']) !== undefined);
}

async function ensure(browser) {
  const { title, setting, debian } = browser;
  const found = find(browser);
  if (found) return found;
  say(`No ${title} was found: installing Debian's`);
  await installDebian([debian]);
  const now = find(browser);
  if (now) return now;
  throw new Plain(`No ${title} was found. Install it, or name one in ${setting}.`);
}

/** The path of a Chromium or Chrome; FF_CHROMIUM overrides what is found. */
export const ensureBrowser = () => ensure(browsers.chromium);

/** The path of a Firefox; FF_FIREFOX overrides what is found. */
export const ensureFirefox = () => ensure(browsers.firefox);

/**
 * A headless Firefox, driven over WebDriver BiDi, that offers WebGPU even where there is no graphics hardware; with `preferences`
 * of its `about:config`.
 */
export async function launchFirefox(preferences = {}) {
  const { launch } = await import('puppeteer-core');
  return launch({
    browser: 'firefox',
    executablePath: await ensureFirefox(),
    headless: true,
    // A software adapter is slow, and the page's own waiting is limited by who waits.
    protocolTimeout: 0,
    extraPrefsFirefox: {
      'dom.webgpu.enabled': true,
      'dom.webgpu.workers.enabled': true,
      'gfx.webgpu.ignore-blocklist': true,
      // Where a machine has no other address, the one that stands for any is one that is not localhost.
      'network.socket.ip_addr_any.disabled': false,
      ...preferences,
    },
  });
}
