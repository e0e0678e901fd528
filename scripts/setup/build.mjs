// The two builds: src/ → pkg/ (WebAssembly and its bindings) and www/ → dist/ (the static site). Both are left alone
// when nothing they are made from has changed.

import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { unlessFresh } from './fresh.mjs';
import { ensurePackages } from './packages.mjs';
import { Plain, root, run, runPackage, say } from './run.mjs';
import { ensureRust, ensureWasmTools } from './rust.mjs';

const wasm = 'pkg/forward_forward_bg.wasm';

// What rustc 1.95 may use in a module for this target, and the +simd128 of .cargo/config.toml.
const wasmFeatures = [
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

/** Builds pkg/: release WebAssembly by wasm-pack, made smaller and faster by binaryen's wasm-opt. */
export async function buildWasm() {
  await ensurePackages();
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
  return unlessFresh('wasm', { inputs, outputs: ['pkg'] }, async () => {
    await ensureRust();
    await ensureWasmTools();
    say('Building the core to WebAssembly');
    rmSync(path.join(root, 'pkg'), { recursive: true, force: true });
    const where = ['--target', 'web', '--out-dir', 'pkg', '--out-name', 'forward_forward', '--no-pack'];
    // It asks its registry for a newer version of itself at every build, and warns where that cannot be reached.
    await run('wasm-pack', [
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
    ]);
    const features = wasmFeatures.map((feature) => `--enable-${feature}`);
    await runPackage('wasm-opt', [wasm, '-o', wasm, '-O3', ...features]);
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
