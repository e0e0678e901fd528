// The builds: src/ → pkg/ (WebAssembly and its bindings, three times) and www/ → dist/ (the static site). Each is left alone
// when nothing it is made from has changed.

import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { unlessFresh } from './fresh.mjs';
import { ensurePackages } from './packages.mjs';
import { Plain, root, run, runPackage, say } from './run.mjs';
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
 * Builds pkg/: release WebAssembly by wasm-pack, made smaller and faster by binaryen's wasm-opt. Says whether any was. All at
 * the same time, each in a folder of its own: what optimises a whole program uses one core.
 */
export async function buildWasm() {
  await ensurePackages();
  await ensureRust();
  await ensureRustSource();
  await ensureWasmTools();
  const done = await Promise.allSettled(builds.map(buildOne));
  const failed = done.find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
  return done.some(({ value }) => value);
}

function buildOne({ name, targetFeatures, linkArguments = [], optFeatures, cargo = [], env = {} }) {
  const inputs = [
    'Cargo.toml',
    'Cargo.lock',
    'build.rs',
    '.cargo',
    'src',
    'shaders',
    'package-lock.json',
    'scripts/setup/build.mjs',
  ];
  const wasm = `pkg/${name}_bg.wasm`;
  const outputs = [`pkg/${name}.js`, `pkg/${name}.d.ts`, wasm];
  return unlessFresh(`wasm-${name}`, { inputs, outputs }, async () => {
    say(`Building the core to WebAssembly: ${name}`);
    const made = path.join(root, 'target', 'pkg', name);
    const where = ['--target', 'web', '--out-dir', made, '--out-name', name, '--no-pack'];
    const flags = [
      `-C target-feature=${targetFeatures.map((feature) => `+${feature}`).join(',')}`,
      ...linkArguments.map((argument) => `-C link-arg=${argument}`),
    ];
    await run(
      'wasm-pack',
      [
        // It asks its registry for a newer version of itself at every build, and warns where that cannot be reached.
        '--log-level',
        'error',
        'build',
        '--profile',
        'wasm',
        '--mode',
        'no-install',
        ...where,
        '--',
        '--locked',
        ...cargo,
      ],
      { env: { ...env, RUSTFLAGS: flags.join(' '), CARGO_TARGET_DIR: path.join(root, 'target', 'builds', name) } },
    );
    const features = optFeatures.map((feature) => `--enable-${feature}`);
    const whole = path.join(made, path.basename(wasm));
    await runPackage('wasm-opt', [whole, '-o', whole, '-O3', ...features]);
    mkdirSync(path.join(root, 'pkg'), { recursive: true });
    for (const file of readdirSync(made))
      if (file.startsWith(name)) cpSync(path.join(made, file), path.join(root, 'pkg', file));
  });
}

/** Builds dist/: the page with its assets, ready for any static host and any folder on it. */
export async function buildSite() {
  await buildWasm();
  if (!existsSync(path.join(root, 'index.html'))) throw new Plain('index.html is missing: there is no page to build.');
  const inputs = ['index.html', 'www', 'assets', 'pkg', 'vite.config.ts', 'svelte.config.js', 'tsconfig.json'];
  return unlessFresh('site', { inputs: [...inputs, 'package-lock.json'], outputs: ['dist'] }, async () => {
    say('Building the page');
    await runPackage('vite', ['build']);
  });
}
