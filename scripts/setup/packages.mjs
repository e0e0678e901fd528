// npm's side of the set-up.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root, run, say } from './run.mjs';

/** Whether node_modules holds what package-lock.json asks for (packages for other systems may be absent). */
export function packagesInstalled() {
  const held = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(held)) return false;
  const present = JSON.parse(readFileSync(held, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(
    ([place, { version, optional }]) =>
      place === '' || (present[place] ? present[place].version === version : optional),
  );
}

/** Installs the packages of package-lock.json unless they are there. */
export async function ensurePackages() {
  if (packagesInstalled()) return;
  say('Installing npm packages');
  const npm = process.env.npm_execpath;
  if (npm) await run(process.execPath, [npm, 'ci', '--no-audit', '--no-fund']);
  else await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['ci', '--no-audit', '--no-fund']);
}
