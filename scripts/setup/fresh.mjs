// Knowing whether a build is still that of its inputs: a stamp holds the digest of what went in and of what came out.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, tools } from './run.mjs';

function* files(entry) {
  const full = path.join(root, entry);
  if (!existsSync(full)) return;
  if (!statSync(full).isDirectory()) return yield entry;
  for (const name of readdirSync(full).sort()) yield* files(`${entry}/${name}`);
}

/** A digest of files and folders, by name and content. */
function digest(entries) {
  const hash = createHash('sha256');
  for (const entry of entries) {
    for (const file of files(entry))
      hash
        .update(`${file}\0`)
        .update(readFileSync(path.join(root, file)))
        .update('\0');
  }
  return hash.digest('hex');
}

/**
 * Runs `build` unless `outputs` are still what it made of `inputs` (files and folders below the root) and of
 * `settings` (anything else it depends on). Says whether it ran.
 */
export async function unlessFresh(name, { inputs, outputs, settings = '' }, build) {
  const stamp = path.join(tools, 'stamps', name);
  const before = `${settings}\n${digest(inputs)}`;
  const now = () => `${before}\n${digest(outputs)}\n`;
  if (
    outputs.every((o) => existsSync(path.join(root, o))) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === now()
  ) {
    return false;
  }
  rmSync(stamp, { force: true });
  await build();
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, now());
  return true;
}
