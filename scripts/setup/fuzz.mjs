// Building the fuzz targets and running them under libFuzzer: for `npm run fuzz` and the stage of `npm test`.

import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { output, Plain, root, run, runPackage } from './run.mjs';

const folder = path.join(root, 'target', 'fuzz');
/** Inputs that once brought something down, each replayed at the start of every run. */
const regressions = path.join(root, 'fuzz', 'regressions');

/** What reads something that other people write, the targets of fuzz/Cargo.toml, and the most bytes of an input to each. */
const longest = {
  idx: 4096,
  gzip: 512,
  // Six files of a picture each, in an archive.
  cifar: 29_696,
  checkpoint: 2560,
  settings: 1024,
  rules: 512,
  strokes: 1024,
};
export const rustTargets = Object.keys(longest);

/**
 * libFuzzer's counters. A stable compiler offers them; a sanitizer of addresses it does not, and the core has next to no
 * `unsafe` for one to find fault with.
 */
const coverage = [
  '-Cpasses=sancov-module',
  '-Cllvm-args=-sanitizer-coverage-level=4',
  '-Cllvm-args=-sanitizer-coverage-inline-8bit-counters',
  '-Cllvm-args=-sanitizer-coverage-pc-table',
  '-Cllvm-args=-sanitizer-coverage-trace-compares',
].join(' ');

/** Builds all targets; answers with the folder of their programs. */
export async function buildTargets() {
  const host = /^host: (\S+)/m.exec(output('rustc', ['-vV']) ?? '')?.[1];
  if (!host) throw new Plain('rustc does not say what it builds for.');
  const args = ['build', '--release', '--locked', '--manifest-path', path.join('fuzz', 'Cargo.toml')];
  // With --target named, build scripts and macros go without the counters.
  await run('cargo', [...args, '--target', host, '--target-dir', folder], { env: { RUSTFLAGS: coverage } });
  return path.join(folder, host, 'release');
}

const corporaOf = (keep) => path.join(folder, keep ? 'corpus' : 'short');

/** Makes anew what all targets start from; without `keep` what earlier runs found is forgotten. */
export async function makeSeeds(programs, keep) {
  const corpora = corporaOf(keep);
  if (!keep) rmSync(corpora, { recursive: true, force: true });
  await run(path.join(programs, 'seeds'), [corpora]);
}

/**
 * Runs one target; answers with what libFuzzer counted. It starts from the seeds and what once crashed; with `keep` also from
 * what earlier runs found, and leaves what it finds.
 */
export async function runTarget(programs, name, { inputs, minutes, seed, keep }) {
  const corpus = path.join(corporaOf(keep), name);
  const crashes = path.join(folder, 'crashes', name);
  mkdirSync(crashes, { recursive: true });
  const known = path.join(regressions, name);
  const began = Date.now();
  const text = await run(
    path.join(programs, name),
    [
      corpus,
      ...(existsSync(known) ? [known] : []),
      ...(inputs === undefined ? [] : [`-runs=${inputs}`]),
      ...(minutes === undefined ? [] : [`-max_total_time=${Math.round(60 * minutes)}`]),
      `-seed=${seed}`,
      `-max_len=${longest[name]}`,
      '-timeout=20',
      '-rss_limit_mb=1024',
      '-print_final_stats=1',
      '-verbosity=0',
      `-artifact_prefix=${crashes}${path.sep}`,
    ],
    { keep: true },
  ).catch((error) => {
    if (error.output === undefined) throw error;
    throw new Plain(
      `The fuzz target ${name} did not end well; an input that brought it down lies in ${crashes}. ${error.message}`,
    );
  });
  const figure = (stat) => Number(new RegExp(`^stat::${stat}:\\s*(\\d+)`, 'm').exec(text)?.[1]);
  return {
    name,
    inputs: figure('number_of_executed_units'),
    found: figure('new_units_added'),
    peak: figure('peak_rss_mb'),
    seconds: (Date.now() - began) / 1000,
  };
}

/** Runs TypeScript's targets under fast-check, each with this many inputs. */
export const runTypeScript = (inputs, seed, more = []) =>
  runPackage('vitest', ['run', '--config', 'tests/fuzz/vitest.config.ts', ...more], {
    env: { FUZZ_INPUTS: String(inputs), FUZZ_SEED: String(seed) },
  });
