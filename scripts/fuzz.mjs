// `npm run fuzz`: hostile input for everything that reads what other people write, as much of it as one has time for.
//
//   npm run fuzz                                  ten million inputs a Rust target, 100,000 a TypeScript one
//   npm run fuzz -- --inputs 1e6 --seed 7         fewer, from another seed; TypeScript's get a hundredth of them
//   npm run fuzz -- --minutes 5 strokes settings  two targets, at most five minutes each

import { parseArgs } from 'node:util';
import { buildTargets, makeSeeds, runTarget, runTypeScript, rustTargets } from './setup/fuzz.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { main, Plain } from './setup/run.mjs';
import { ensureRust } from './setup/rust.mjs';

const typescript = 'typescript';

function chosen() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { inputs: { type: 'string' }, minutes: { type: 'string' }, seed: { type: 'string', default: '1' } },
  });
  const number = (name, otherwise) => {
    if (values[name] === undefined) return otherwise;
    const value = Number(values[name]);
    if (!(value > 0)) throw new Plain(`--${name} is \`${values[name]}\`, and should be a number above 0.`);
    return value;
  };
  const names = [...rustTargets, typescript];
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown) throw new Plain(`There is no target \`${unknown}\`. The targets are ${names.join(', ')}.`);
  return {
    inputs: Math.round(number('inputs', 10_000_000)),
    minutes: number('minutes', undefined),
    seed: Math.round(number('seed', 1)),
    targets: positionals.length ? positionals : names,
  };
}

await main(async () => {
  const { inputs, minutes, seed, targets } = chosen();
  const rust = targets.filter((name) => name !== typescript);
  const results = [];
  if (rust.length) {
    await ensureRust();
    const programs = await buildTargets();
    await makeSeeds(programs, true);
    for (const name of rust) {
      console.log(`\n━━ ${name}`);
      results.push(await runTarget(programs, name, { inputs, minutes, seed, keep: true }));
    }
  }
  if (targets.includes(typescript)) {
    await ensurePackages();
    console.log(`\n━━ ${typescript}`);
    await runTypeScript(Math.ceil(inputs / 100), seed);
  }
  console.log('\ntarget          inputs   kept  inputs a second  peak MB of the process');
  for (const { name, inputs, found, peak, seconds } of results) {
    const columns = [inputs.toLocaleString('en').padStart(12), String(found).padStart(6)];
    columns.push(
      Math.round(inputs / seconds)
        .toLocaleString('en')
        .padStart(16),
      String(peak).padStart(23),
    );
    console.log(name.padEnd(10) + columns.join(' '));
  }
});
