// `npm test`: everything that must hold, one stage after another. `npm test -- clippy e2e` runs the named stages only, and
// `npm test -- --fast` those that need no build for the browser.

import { readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { ensureBrowser, ensureFirefox } from './setup/browser.mjs';
import { buildSite } from './setup/build.mjs';
import { buildTargets, makeSeeds, runTarget, rustTargets } from './setup/fuzz.mjs';
import { checkDependencies } from './setup/licences.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { main, Plain, root, run, runPackage } from './setup/run.mjs';
import { ensureVulkan } from './setup/vulkan.mjs';
import { ensureWebKit } from './setup/webkit.mjs';
import { ensureLints, ensureRust, ensureWasmTools } from './setup/rust.mjs';

const isFast = process.argv.includes('--fast');
const reports = path.join(root, 'target', 'reports');
const wasm32 = ['--target', 'wasm32-unknown-unknown', '--no-default-features', '--features', 'gpu'];
const wasmRunner = {
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: `node ${path.join('scripts', 'wasm-test-runner.mjs')}`,
};

/** A stage answers with `{ passed, failed, skipped }`, or with nothing where it is one check that holds. */
const stages = {
  'set-up': async () => {
    await ensureRust();
    await ensureLints();
    await ensurePackages();
    await ensureVulkan();
    if (isFast) return;
    await ensureWasmTools();
    process.env.FF_CHROMIUM = await ensureBrowser();
    process.env.FF_FIREFOX = await ensureFirefox();
  },
  rustfmt: async () => {
    await run('cargo', ['fmt', '--check']);
    await run('cargo', ['fmt', '--check', '--manifest-path', path.join('fuzz', 'Cargo.toml')]);
  },
  dependencies: async () => checkDependencies(),
  prettier: () => runPackage('prettier', ['--check', '.']),
  'clippy-native': () => run('cargo', ['clippy', '--locked', '--all-targets', '--', '-D', 'warnings']),
  'clippy-wasm32': () =>
    run('cargo', [
      'clippy',
      '--locked',
      ...wasm32,
      '--lib',
      '--test',
      'web',
      '--test',
      'web_gpu',
      '--',
      '-D',
      'warnings',
    ]),
  cargo: () => cargoTests(['--locked', '--no-fail-fast']),
  'plain-cargo': plainCargo,
  wasm: () => cargoTests(['--locked', '--no-fail-fast', ...wasm32, '--test', 'web', '--test', 'web_gpu'], wasmRunner),
  // The same arithmetic with fused multiply-adds, as the builds for newer browsers have it.
  'wasm-relaxed': () =>
    cargoTests(['--locked', ...wasm32, '--test', 'web'], {
      ...wasmRunner,
      RUSTFLAGS: '-C target-feature=+simd128,+relaxed-simd',
    }),
  'wasm-firefox': () =>
    cargoTests(['--locked', ...wasm32, '--test', 'web_gpu'], { ...wasmRunner, FF_TEST_BROWSER: 'firefox' }),
  build: buildSite,
  'svelte-check': () => runPackage('svelte-check', ['--fail-on-warnings']),
  // www/ is svelte-check's; these are the configuration, the service worker and the end-to-end tests.
  tsc: async () => {
    for (const project of [
      'tsconfig.node.json',
      'www/service',
      'tests/e2e',
      'tests/firefox',
      'tests/webkit',
      'tests/fuzz',
    ])
      await runPackage('tsc', ['--noEmit', '-p', project]);
  },
  vitest: () => vitest('vitest', []),
  fuzz,
  e2e,
  firefox: () => vitest('firefox', ['--config', 'tests/firefox/vitest.config.ts']),
  webkit: async () => {
    await ensureWebKit();
    return vitest('webkit', ['--config', 'tests/webkit/vitest.config.ts']);
  },
};

/** Hostile input for about two minutes, the same in every run; `npm run fuzz` takes as long as one likes. */
async function fuzz() {
  const programs = await buildTargets();
  const count = { passed: 0, failed: 0, skipped: 0 };
  await makeSeeds(programs, false);
  // Each takes one core.
  const waiting = [...rustTargets];
  const one = async () => {
    for (let name = waiting.shift(); name; name = waiting.shift()) {
      try {
        await runTarget(programs, name, { inputs: 100_000, seed: 1, keep: false });
        count.passed++;
      } catch (error) {
        console.error(error instanceof Plain ? error.message : error);
        count.failed++;
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, one));
  const typescript = await reported(
    'fuzz',
    'vitest',
    (file) => [
      'run',
      ...['--config', 'tests/fuzz/vitest.config.ts', '--reporter=default', '--reporter=json'],
      `--outputFile.json=${file}`,
    ],
    () => ({ FUZZ_INPUTS: '2000' }),
    vitestCount,
  );
  for (const what of Object.keys(count)) count[what] += typescript[what];
  return count;
}

/** What a Rust engineer tries first: each must work at once on a fresh clone, and without a warning. */
async function plainCargo() {
  for (const words of ['build --release', 'test --release --no-run', 'bench --no-run', 'doc --no-deps']) {
    const text = await run('cargo', [...words.split(' '), '--locked'], { keep: true });
    if (/^warning/m.test(text)) throw new Plain(`\`cargo ${words}\` warns.`);
  }
}

async function cargoTests(args, env) {
  const text = await run('cargo', ['test', ...args], { keep: true, env }).catch((error) => {
    if (error.output === undefined) throw error;
    console.error(error.message);
    return `${error.output}\nstopped`;
  });
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const [, passed, failed, ignored] of text
    .replaceAll(/\x1b\[[\d;]*m/g, '')
    .matchAll(/^test result: .*?(\d+) passed; (\d+) failed; (\d+) ignored/gm)) {
    count.passed += Number(passed);
    count.failed += Number(failed);
    count.skipped += Number(ignored);
  }
  // Stopped without a test to blame: it did not compile, or a test took its process down.
  if (text.endsWith('stopped')) count.failed ||= 1;
  return count;
}

/** Runs a test program of npm that also writes a report in JSON, and reads that. */
async function reported(name, program, args, env, read) {
  const file = path.join(reports, `${name}.json`);
  rmSync(file, { force: true });
  const failure = await runPackage(program, args(file), { env: env(file) }).then(
    () => undefined,
    (error) => error,
  );
  let count;
  try {
    count = read(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw failure ?? new Plain(`${name} wrote no report.`);
  }
  if (failure) count.failed ||= 1;
  return count;
}

function vitest(name, more) {
  return reported(
    name,
    'vitest',
    (file) => ['run', ...more, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    () => ({}),
    vitestCount,
  );
}

const vitestCount = (report) => ({
  passed: report.numPassedTests,
  failed: report.numFailedTests,
  skipped: report.numPendingTests + report.numTodoTests,
});

function e2e() {
  return reported(
    'e2e',
    'playwright',
    () => ['test', '--reporter=list,json'],
    (file) => ({ PLAYWRIGHT_JSON_OUTPUT_FILE: file, CI: '1' }),
    ({ stats, errors }) => ({
      passed: stats.expected,
      failed: stats.unexpected + stats.flaky + errors.length,
      skipped: stats.skipped,
    }),
  );
}

const counted = ['cargo', 'wasm', 'wasm-relaxed', 'wasm-firefox', 'vitest', 'fuzz', 'e2e', 'firefox', 'webkit'];
/** What tests the built page. */
/** What a person at work runs after each change: no browser and no WebAssembly. */
const fast = ['rustfmt', 'prettier', 'clippy-native', 'cargo', 'svelte-check', 'tsc', 'vitest'];

const onBuild = ['fuzz', 'e2e', 'firefox', 'webkit'];

async function runStage(name) {
  const began = Date.now();
  console.log(`\n━━ ${name}`);
  let count;
  try {
    const answer = await stages[name]();
    count = counted.includes(name) ? answer : { passed: 1, failed: 0, skipped: 0 };
    if (count.passed + count.failed === 0) {
      console.error(`${name} ran no tests at all.`);
      count.failed = 1;
    }
  } catch (error) {
    console.error(error instanceof Plain ? error.message : error);
    count = { passed: 0, failed: 1, skipped: 0 };
  }
  const result = { name, ...count, seconds: (Date.now() - began) / 1000 };
  console.log(line(result));
  return result;
}

function line({ name, passed, failed, skipped, seconds }) {
  const mark = failed ? '✗' : '✓';
  const left = skipped ? `, ${skipped} skipped` : '';
  return `${mark} ${name.padEnd(14)} ${passed} passed, ${failed} failed${left}  ${seconds.toFixed(1)} s`;
}

await main(async () => {
  const names = Object.keys(stages);
  const chosen = process.argv.slice(2).filter((word) => word !== '--fast');
  const known = (word) => names.some((name) => name.includes(word));
  const unknown = chosen.find((word) => !known(word));
  if (unknown) throw new Plain(`There is no stage \`${unknown}\`. The stages are ${names.join(', ')}.`);
  const wanted = (name) =>
    name === 'set-up' ||
    (isFast && fast.includes(name)) ||
    (!isFast && !chosen.length) ||
    chosen.some((word) => name.includes(word)) ||
    (name === 'build' && onBuild.some((stage) => chosen.includes(stage)));

  process.env.FORCE_COLOR ??= process.stdout.isTTY ? '1' : '0';
  process.env.CARGO_TERM_COLOR ??= process.stdout.isTTY ? 'always' : 'never';

  const began = Date.now();
  const results = [];
  const held = () => results.every((result) => !result.failed || !['set-up', 'build'].includes(result.name));
  for (const name of names.filter(wanted)) {
    if (onBuild.includes(name) && !held()) {
      console.error(`\n${name} cannot run without the build.`);
      results.push({ name, passed: 0, failed: 1, skipped: 0, seconds: 0 });
      continue;
    }
    results.push(await runStage(name));
    if (name === 'set-up' && !held()) break;
  }

  const total = (what) => results.reduce((sum, result) => sum + result[what], 0);
  const left = names.filter((name) => !wanted(name));
  console.log(`\n━━ summary\n${results.map(line).join('\n')}`);
  if (left.length) console.log(`not asked for: ${left.join(', ')}`);
  console.log(`\n${((Date.now() - began) / 60_000).toFixed(1)} minutes, ${total('skipped')} skipped`);
  console.log(`${total('passed')} passed, ${total('failed')} failed`);
  if (total('failed')) process.exitCode = 1;
});
