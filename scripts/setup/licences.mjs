// What we build on: from where, under which licence, and pinned. A fast cousin of `cargo deny check bans licenses sources` and
// `npm audit`, for every `npm test`; those two need the network and run where the page is published.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Plain, root } from './run.mjs';

const read = (file) => readFileSync(path.join(root, file), 'utf8');

/** Licences that deny.toml allows, and those more that tools bring, of which nothing is published. */
const allowed = new Set(
  /^allow = \[([^\]]*)\]/m
    .exec(read('deny.toml'))[1]
    .match(/"([^"]+)"/g)
    .map((name) => name.slice(1, -1)),
);
const ofTools = new Set([...allowed, ...['0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC0-1.0', 'ISC']]);
for (const name of ['NCSA', 'MPL-2.0', 'Python-2.0', 'CC-BY-4.0', 'MIT-0']) ofTools.add(name);

/** Whether an SPDX expression can be met with these licences. */
export function satisfied(expression, licences) {
  // Cargo's older spelling of "or" is a slash.
  const words = expression.replaceAll('/', ' OR ').match(/\(|\)|[^\s()]+/g) ?? [];
  const atom = () => {
    const word = words.shift();
    if (word === '(') {
      const inner = either();
      words.shift();
      return inner;
    }
    const exception = words[0] === 'WITH' ? ` ${words.splice(0, 2).join(' ')}` : '';
    // A permission on top of a licence takes nothing away from it.
    return licences.has(word) || licences.has(`${word}${exception}`);
  };
  const both = () => {
    let all = atom();
    while (words[0] === 'AND') {
      words.shift();
      all = atom() && all;
    }
    return all;
  };
  const either = () => {
    let any = both();
    while (words[0] === 'OR') {
      words.shift();
      any = both() || any;
    }
    return any;
  };
  return either();
}

/** The index of Rust's own registry, and no other. */
const registry = /^registry\+https:\/\/github\.com\/rust-lang\//;

function crates(manifest, licences) {
  const args = ['metadata', '--locked', '--format-version', '1', '--manifest-path', manifest];
  const text = execFileSync('cargo', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  const faults = [];
  for (const { name, version, license, source, dependencies } of JSON.parse(text).packages) {
    if (source !== null && !registry.test(source)) faults.push(`${name} ${version} comes from ${source}`);
    if (source === null) {
      for (const { name: other, req, path: beside } of dependencies)
        if (req === '*' && !beside) faults.push(`${name} takes any version of ${other}`);
    } else if (!license || !satisfied(license, licences))
      faults.push(`${name} ${version} is under ${license ?? 'no named licence'}`);
  }
  return faults;
}

function packages() {
  const faults = [];
  for (const [place, one] of Object.entries(JSON.parse(read('package-lock.json')).packages)) {
    if (!place || one.link) continue;
    const name = `${place.replace(/^.*node_modules\//, '')} ${one.version}`;
    if (!one.integrity) faults.push(`${name} is not pinned by a hash`);
    const licences = one.dev || one.devOptional ? ofTools : allowed;
    if (!one.license || !satisfied(one.license, licences))
      faults.push(`${name} is under ${one.license ?? 'no named licence'}`);
  }
  return faults;
}

/** Throws a list of what is not as it should be. */
export function checkDependencies() {
  const faults = [...crates('Cargo.toml', allowed), ...crates(path.join('fuzz', 'Cargo.toml'), ofTools), ...packages()];
  if (faults.length) throw new Plain(`Dependencies are not as deny.toml allows:\n  ${faults.join('\n  ')}`);
}
