// `npm run soak`: uses the page at random for a while and looks for what grows. `npm run soak -- --minutes 60 --seed 1`
// writes docs/soak.csv, docs/soak.svg and the table in docs/reliability.md. `--run QUERY` trains the run of such an address, MNIST
// from FF_MNIST_DIR, leaves it alone, and writes nothing.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Visit } from './soak/visit.mjs';
import { table, plot, trend } from './soak/report.mjs';
import { buildSite } from './setup/build.mjs';
import { checkMnistFolder } from './setup/port.mjs';
import { main, Plain, root } from './setup/run.mjs';

const columns = ['second', 'heap', 'wasm', 'buffers', 'nodes', 'elements', 'gap', 'engine', 'console'];

/** Into docs/. */
function write(rows, told) {
  const docs = (name) => path.join(root, 'docs', name);
  writeFileSync(docs('soak.csv'), [columns, ...rows.map((row) => columns.map((name) => row[name]))].join('\n') + '\n');
  writeFileSync(docs('soak.svg'), plot(rows));
  const file = docs('reliability.md');
  const marked = /(<!-- soak -->\n)[^]*(<!-- \/soak -->)/;
  writeFileSync(file, readFileSync(file, 'utf8').replace(marked, `$1\n${told}\n\n$2`));
}

await main(async () => {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      run: { type: 'string' },
      built: { type: 'boolean', default: false },
    },
  });
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  if (!(minutes > 0)) throw new Plain(`--minutes is \`${values.minutes}\`, which is no time.`);
  if (!Number.isInteger(seed)) throw new Plain(`--seed is \`${values.seed}\`, and should be a whole number.`);
  checkMnistFolder();
  if (!values.built) await buildSite();

  const alone = values.run !== undefined;
  const visit = await Visit.begin(seed, values.run);
  const rows = [];
  try {
    await (alone ? visit.train() : visit.seeEverything());
    const until = Date.now() + 60_000 * minutes;
    let due = 0;
    while (Date.now() < until) {
      await (alone ? visit.watch() : visit.act());
      if (Date.now() < due) continue;
      due = Date.now() + 5_000;
      rows.push(await visit.measure());
      console.log(columns.map((name) => `${name} ${rows.at(-1)[name]}`).join('  '));
    }
  } finally {
    await visit.end();
  }

  const told = table(rows, { minutes: (rows.at(-1).second - rows[0].second) / 60, seed, actions: visit.actions });
  console.log(`\n${told}`);
  if (!alone) write(rows, told);
  const grown = ['heap', 'wasm', 'buffers', 'nodes'].filter((name) => trend(rows, name).grows);
  const { console: lines } = rows.at(-1);
  if (lines) throw new Plain(`The page wrote ${lines} lines on the console.`);
  if (grown.length) throw new Plain(`It grows: ${grown.join(', ')}.`);
});
