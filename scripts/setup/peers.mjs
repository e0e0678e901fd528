// Libraries that others train with in a browser, for `npm run bench -- --peers` alone: they are no dependencies of the project.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run, say, tools } from './run.mjs';

const packages = {
  '@jax-js/jax': '0.1.25',
  '@tensorflow/tfjs-core': '4.22.0',
  '@tensorflow/tfjs-backend-wasm': '4.22.0',
};

/** Installs them into .tools/ unless they are there; answers with the folder that holds them. */
export async function installPeers() {
  const folder = path.join(tools, 'peers');
  const modules = path.join(folder, 'node_modules');
  if (Object.keys(packages).every((name) => existsSync(path.join(modules, name, 'package.json')))) return modules;
  say('Installing the peers to measure against');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: packages }));
  const npm = process.env.npm_execpath;
  const words = ['install', '--no-audit', '--no-fund', '--ignore-scripts'];
  if (npm) await run(process.execPath, [npm, ...words], { cwd: folder });
  else await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', words, { cwd: folder });
  return modules;
}
