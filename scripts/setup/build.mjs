// The builds: src/ → pkg/ (WebAssembly and its bindings, three times) and www/ → dist/ (the static site). A build is skipped
// when its inputs and outputs have not changed since it last ran.

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { isFresh, unlessFresh } from './fresh.mjs';
import { ensurePackages, packagesInstalled } from './packages.mjs';
import { Plain, root, run, runPackage, say, showSteps } from './run.mjs';
import { ensureRust, ensureRustSource, ensureWasmTools } from './rust.mjs';

// What rustc 1.95 may use in a module for this target.
const plainFeatures = [
  'simd',
  'bulk-memory',
  'bulk-memory-opt',
  'call-indirect-overlong',
  'multivalue',
  'mutable-globals',
  'nontrapping-float-to-int',
  'reference-types',
  'sign-ext',
];

// Memory that threads share is imported, because each has an instance of its own, and so is its size's limit.
const sharedMemory = ['--shared-memory', '--max-memory=2147483648', '--import-memory'];
// What wasm-bindgen starts a thread's own variables with.
const threadLocals = ['__wasm_init_tls', '__tls_size', '__tls_align', '__tls_base'].map((name) => `--export=${name}`);

/** The core, once for each kind of browser; www/worker/builds.ts says which is for whom. */
const builds = [
  { name: 'forward_forward', targetFeatures: ['simd128'], optFeatures: plainFeatures },
  {
    name: 'relaxed',
    targetFeatures: ['simd128', 'relaxed-simd'],
    optFeatures: [...plainFeatures, 'relaxed-simd'],
  },
  {
    name: 'threads',
    targetFeatures: ['simd128', 'relaxed-simd', 'atomics', 'bulk-memory', 'mutable-globals'],
    linkArguments: [...sharedMemory, ...threadLocals],
    optFeatures: [...plainFeatures, 'relaxed-simd', 'threads'],
    // The standard library as it is shipped knows no threads on this target: it is built anew, from its own sources, which
    // the stable compiler does if it is told that we know what we do.
    cargo: ['--features', 'threads', '-Z', 'build-std=panic_abort,std'],
    env: { RUSTC_BOOTSTRAP: '1' },
  },
];

/**
 * Which of the builds the browser on this machine takes: the one with threads where there is more than one core, and
 * otherwise the one with fused multiply-adds. See `buildFor` in www/worker/builds.ts.
 */
const buildOfThisMachine = () => (availableParallelism() > 1 ? 'threads' : 'relaxed');

/**
 * Builds pkg/: release WebAssembly by wasm-pack, optimised by binaryen's wasm-opt. With `names`, only these builds. Returns
 * whether any build ran. All run at the same time, each in a folder of its own, because link-time optimisation of a whole
 * program uses one core only.
 */
export async function buildWasm(names) {
  const wanted = builds.filter(({ name }) => !names || names.includes(name));
  await ensurePackages();
  await ensureRust();
  await ensureRustSource();
  const stale = wanted.filter((build) => !isFresh(stampOf(build), describe(build)));
  if (stale.length === 0) return false;
  // The compiler's last phase leaves a core idle: the tools, which are needed only after it, are built meanwhile.
  await all([ensureWasmTools(), ...stale.map(compile)]);
  await all(stale.map(finish));
  return true;
}

/** Waits for all of `promises`, also when one fails, so that no child process is left running; then throws the first error. */
async function all(promises) {
  const done = await Promise.allSettled(promises);
  const failed = done.find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
}

const stampOf = ({ name }) => `wasm-${name}`;

/** What a build is made from and what it makes, for its stamp. */
function describe({ name }) {
  const sources = ['Cargo.toml', 'Cargo.lock', 'build.rs', '.cargo', 'src', 'shaders'];
  return {
    inputs: [...sources, 'package-lock.json', 'scripts/setup/build.mjs'],
    outputs: [`pkg/${name}.js`, `pkg/${name}.d.ts`, `pkg/${name}_bg.wasm`, 'pkg/tables.json'],
  };
}

/** What cargo is started with: by us, and by wasm-pack, which must find the same compiled already. */
const cargoArguments = ({ cargo = [] }) => ['--locked', ...cargo];

function cargoEnvironment({ name, targetFeatures, linkArguments = [], env = {} }) {
  const flags = [
    `-C target-feature=${targetFeatures.map((feature) => `+${feature}`).join(',')}`,
    ...linkArguments.map((argument) => `-C link-arg=${argument}`),
  ];
  return { ...env, RUSTFLAGS: flags.join(' '), CARGO_TARGET_DIR: path.join(root, 'target', 'builds', name) };
}

/** The compiler's part of a build. */
async function compile(build) {
  say(`Compiling the core: ${build.name}`);
  const target = ['--profile', 'wasm', '--target', 'wasm32-unknown-unknown'];
  await run('cargo', ['build', '--quiet', '--lib', ...target, ...cargoArguments(build)], {
    env: cargoEnvironment(build),
  });
}

/** The rest of a build: the bindings, by wasm-pack, and wasm-opt. */
function finish(build) {
  const { name, optFeatures } = build;
  return unlessFresh(stampOf(build), describe(build), async () => {
    const made = path.join(root, 'target', 'pkg', name);
    const where = ['--target', 'web', '--out-dir', made, '--out-name', name, '--no-pack'];
    // At its default log level wasm-pack asks its registry for a newer version of itself, and warns where it cannot.
    const quiet = ['--log-level', 'error'];
    await run(
      'wasm-pack',
      [...quiet, 'build', '--profile', 'wasm', '--mode', 'no-install', ...where, '--', ...cargoArguments(build)],
      { env: cargoEnvironment(build) },
    );
    const features = optFeatures.map((feature) => `--enable-${feature}`);
    const whole = path.join(made, `${name}_bg.wasm`);
    await runPackage('wasm-opt', [whole, '-o', whole, '-O3', ...features]);
    mkdirSync(path.join(root, 'pkg'), { recursive: true });
    for (const file of readdirSync(made))
      if (file.startsWith(name)) cpSync(path.join(made, file), path.join(root, 'pkg', file));
    await writeTables(path.join(root, 'pkg', name));
  });
}

/** Writes the core's tables of settings and recipes where the page reads them. */
async function writeTables(build) {
  const core = await import(pathToFileURL(`${build}.js`).href);
  const module = readFileSync(`${build}_bg.wasm`);
  // Node before version 22 has relaxed SIMD behind a flag.
  if (!WebAssembly.validate(module)) setFlagsFromString('--experimental-wasm-relaxed-simd');
  core.initSync({ module });
  // The core counts in 32-bit floats; 0.02 comes out of it as 0.0199999996.
  const tidy = (_, value) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(7)) : value;
  writeFileSync(path.join(root, 'pkg', 'tables.json'), JSON.stringify(core.tables(), tidy));
}

const site = {
  inputs: [
    'index.html',
    'www',
    'assets',
    'pkg',
    'vite.config.ts',
    'svelte.config.js',
    'tsconfig.json',
    'package-lock.json',
  ],
  outputs: ['dist'],
};

/** Builds dist/ from pkg/: the page with its assets, ready for any static host and any folder on it. Returns whether it ran. */
function bundle() {
  if (!existsSync(path.join(root, 'index.html'))) throw new Plain('index.html is missing: there is no page to build.');
  return unlessFresh('site', site, async () => {
    say('Building the page');
    await runPackage('vite', ['build']);
  });
}

/** Builds dist/ with all builds of the core. Returns whether anything had to be built. */
export async function buildSite() {
  await buildWasm();
  return bundle();
}

/**
 * Builds a dist/ that works in the browser on this machine, showing each step: with a single build of the core if it is
 * missing. Returns the names of the builds that are still missing, for other browsers and for publishing.
 */
export async function buildSiteForThisMachine() {
  const missing = () => builds.filter((build) => !isFresh(stampOf(build), describe(build))).map(({ name }) => name);
  const stale = missing();
  const first = stale.filter((name) => name === buildOfThisMachine());
  // A page must not meet a core of another version: vite.config.ts takes the builds that are there.
  for (const build of builds.filter(({ name }) => stale.includes(name)))
    for (const file of describe(build).outputs) rmSync(path.join(root, file), { force: true });
  const steps = [];
  if (!packagesInstalled()) steps.push(['Installing npm packages', '10 s', ensurePackages]);
  if (first.length) steps.push(['Compiling the core, and the tools for it', '3 min', () => buildWasm(first)]);
  if (first.length || !isFresh('site', site)) steps.push(['Building the page', '5 s', bundle]);
  await showSteps(steps);
  return missing();
}
