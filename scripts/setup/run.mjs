// Running programs and speaking to the person at the terminal.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants, homedir, setPriority } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
/** Tools this project installs for itself; nothing of the person's own is overwritten. */
export const tools = path.join(root, '.tools');

/** Something the person must do or know; shown as its sentence alone, without a stack. */
export class Plain extends Error {}

export function say(text) {
  console.log(`• ${text}`);
}

const seconds = (since) => Math.round((Date.now() - since) / 1000);
const duration = (time) => (time < 60 ? `${time} s` : `${Math.floor(time / 60)} min ${time % 60} s`);

/**
 * Runs `steps` one after another, each `[what it does, about how long it takes on two cores, work]`. Says which step of how
 * many it is, every half minute that it still runs, and how long it took.
 */
export async function showSteps(steps) {
  for (const [i, [what, about, work]] of steps.entries()) {
    const began = Date.now();
    const head = `[${i + 1}/${steps.length}]`;
    console.log(`${head} ${what} (about ${about} on two cores)`);
    const alive = setInterval(() => console.log(`${head} … ${duration(seconds(began))} of about ${about}`), 30_000);
    try {
      await work();
    } finally {
      clearInterval(alive);
    }
    console.log(`${head} done in ${duration(seconds(began))}`);
  }
}

/** The first of `directories` comes first on the PATH of everything started from now on. */
export function prependPath(...directories) {
  const present = (process.env.PATH ?? '').split(path.delimiter);
  process.env.PATH = [...directories, ...present.filter((d) => !directories.includes(d))].join(path.delimiter);
}

// rustup's default place, for shells that were opened before it was installed.
export const cargoBin = path.join(process.env.CARGO_HOME ?? path.join(homedir(), '.cargo'), 'bin');
if (!findProgram('cargo') && existsSync(cargoBin)) prependPath(cargoBin);

/** Where `name` is found on the PATH, or undefined. */
export function findProgram(name) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  for (const directory of (process.env.PATH ?? '').split(path.delimiter)) {
    for (const ending of endings) {
      const file = path.join(directory, name + ending);
      if (directory && existsSync(file)) return file;
    }
  }
  return undefined;
}

/** What a program prints, trimmed; undefined where it is missing or fails. */
export function output(program, args = []) {
  const done = spawnSync(program, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return done.status === 0 ? done.stdout.trim() : undefined;
}

/** The three numbers in `wasm-pack 0.15.1`, or undefined. */
export function version(text) {
  const found = /(\d+)\.(\d+)\.(\d+)/.exec(text ?? '');
  return found ? found.slice(1).map(Number) : undefined;
}

export function atLeast(found, wanted) {
  if (!found) return false;
  for (let i = 0; i < 3; i++) if (found[i] !== wanted[i]) return found[i] > wanted[i];
  return true;
}

let priority = constants.priority.PRIORITY_NORMAL;

/** Programs started from now on leave the processor to others. */
export function runInBackground() {
  priority = constants.priority.PRIORITY_LOW;
}

const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const child of running) child.kill(signal);
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });
}
process.on('exit', () => running.forEach((child) => child.kill()));

/**
 * Runs a program with its output shown as it comes; throws unless it exits with 0. With `keep` the output is also
 * returned, for counting what it says.
 */
export function run(program, args, { env = {}, keep = false, cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', keep ? 'pipe' : 'inherit', keep ? 'pipe' : 'inherit'],
    });
    running.add(child);
    // A program that could not be started has no pid; its `error` event follows.
    if (child.pid && priority) setPriority(child.pid, priority);
    let text = '';
    if (keep) {
      for (const [stream, shown] of [
        [child.stdout, process.stdout],
        [child.stderr, process.stderr],
      ]) {
        stream.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
          shown.write(chunk);
        });
      }
    }
    child.on('error', (error) => {
      running.delete(child);
      reject(new Plain(`${program} could not be started: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      running.delete(child);
      if (code === 0) return resolve(text);
      const how = signal ? `was ended by ${signal}` : `exited with ${code}`;
      reject(Object.assign(new Plain(`\`${path.basename(program)} ${args.join(' ')}\` ${how}.`), { output: text }));
    });
  });
}

/** The program of an npm package of this project, run by the Node that runs us. */
export function runPackage(name, args, options) {
  const file = path.join(root, 'node_modules', '.bin', name);
  return process.platform === 'win32' ? run(`${file}.cmd`, args, options) : run(file, args, options);
}

/** Installs Debian packages, as root or by sudo without a password; false where neither is possible. */
export async function installDebian(packages) {
  if (!findProgram('apt-get')) return false;
  const asRoot = process.getuid?.() === 0;
  if (!asRoot && output('sudo', ['-n', 'true']) === undefined) return false;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (args) =>
    asRoot ? run('apt-get', args, { env }) : run('sudo', ['-n', '-E', 'apt-get', ...args], { env });
  try {
    await apt(['update', '-qq']);
    await apt(['install', '-y', '-qq', '--no-install-recommends', ...packages]);
    return true;
  } catch (error) {
    say(error.message);
    return false;
  }
}

/** Runs a script's work; a failure is one sentence and a non-zero exit. */
export async function main(work) {
  try {
    checkNode();
    await work();
  } catch (error) {
    console.error(`\n✗ ${error instanceof Plain ? error.message : (error.stack ?? error)}`);
    process.exit(1);
  }
}

function checkNode() {
  const wanted = [20, 19, 0];
  if (atLeast(version(process.version), wanted)) return;
  throw new Plain(
    `Node ${wanted.join('.')} or newer is needed, and this is ${process.version}: see https://nodejs.org.`,
  );
}
