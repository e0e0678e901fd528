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

const stampFile = (name) => path.join(tools, 'stamps', name);

const digests = ({ inputs, outputs, settings = '' }) => `${settings}\n${digest(inputs)}\n${digest(outputs)}\n`;

/**
 * Whether `outputs` are still what the build `name` made of `inputs` (files and folders below the root) and of `settings`
 * (anything else it depends on).
 */
export function isFresh(name, what) {
  const stamp = stampFile(name);
  return (
    what.outputs.every((output) => existsSync(path.join(root, output))) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === digests(what)
  );
}

/** Runs `build` unless the build `name` is fresh. Returns whether it ran. */
export async function unlessFresh(name, what, build) {
  if (isFresh(name, what)) return false;
  const before = digest(what.inputs);
  rmSync(stampFile(name), { force: true });
  await build();
  // Inputs that changed while it was built went into it by halves: it stays stale.
  if (digest(what.inputs) !== before) return true;
  mkdirSync(path.dirname(stampFile(name)), { recursive: true });
  writeFileSync(stampFile(name), digests(what));
  return true;
}
