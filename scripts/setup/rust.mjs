// Rust's side of the set-up: the compiler, the wasm32 target, a linker, wasm-pack and the wasm-bindgen CLI.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import {
  atLeast,
  findProgram,
  installDebian,
  output,
  Plain,
  prependPath,
  root,
  run,
  say,
  tools,
  version,
} from './run.mjs';

const target = 'wasm32-unknown-unknown';
const wasmPack = { oldest: '0.15.0', installed: '0.15.1' };

/** cargo new enough for Cargo.toml, the wasm32 target, and a C linker for build scripts. */
export async function ensureRust() {
  if (!findProgram('cargo') || !findProgram('rustc')) {
    throw new Plain('Rust was not found. Install it from https://rustup.rs, then run this command again.');
  }
  const wanted = /^rust-version = "([\d.]+)"/m.exec(readFileSync(path.join(root, 'Cargo.toml'), 'utf8'))[1];
  const found = output('rustc', ['--version']);
  if (!found) throw new Plain('rustc does not run. `rustup default stable` gives rustup a compiler.');
  if (!atLeast(version(found), version(`${wanted}.0`))) {
    throw new Plain(`Rust ${wanted} or newer is needed, and this is ${found}. \`rustup update stable\` brings it.`);
  }
  if (!findProgram('cc') && process.platform === 'linux' && !(await installDebian(['build-essential']))) {
    throw new Plain('No C compiler was found to link with. On Debian: `sudo apt-get install build-essential`.');
  }
  const library = output('rustc', ['--print', 'target-libdir', '--target', target]);
  if (!library || !existsSync(library)) {
    if (!findProgram('rustup')) {
      throw new Plain(`The ${target} target is missing and there is no rustup to add it: see https://rustup.rs.`);
    }
    say(`Adding Rust's ${target} target`);
    await run('rustup', ['target', 'add', target]);
  }
}

/** The sources of the standard library, which the build with threads is made with. */
export async function ensureRustSource() {
  const there = () => {
    const sysroot = output('rustc', ['--print', 'sysroot']);
    return sysroot && existsSync(path.join(sysroot, 'lib', 'rustlib', 'src', 'rust', 'library', 'std', 'Cargo.toml'));
  };
  if (there()) return;
  const missing = "The sources of Rust's standard library are missing, of which the build with threads is made";
  if (!findProgram('rustup')) throw new Plain(`${missing}, and there is no rustup to add them: see https://rustup.rs.`);
  say("Adding the sources of Rust's standard library");
  await run('rustup', ['component', 'add', 'rust-src']);
  if (!there()) throw new Plain(`${missing}. \`rustup component add rust-src\` brings them.`);
}

/** What `cargo fmt` and `cargo clippy` need; a minimal rustup profile comes without them. */
export async function ensureLints() {
  if (output('cargo', ['fmt', '--version']) && output('cargo', ['clippy', '--version'])) return;
  say('Adding rustfmt and clippy');
  await run('rustup', ['component', 'add', 'rustfmt', 'clippy']);
}

/** The version of the wasm-bindgen crate in Cargo.lock; its CLI must be the very same. */
function lockedBindgen() {
  const lock = readFileSync(path.join(root, 'Cargo.lock'), 'utf8');
  const found = /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(lock.replaceAll('\r\n', '\n'));
  if (!found) throw new Plain('Cargo.lock names no wasm-bindgen; restore it from version control.');
  return found[1];
}

/** wasm-pack and the wasm-bindgen CLI, from the PATH where they fit and otherwise built into .tools/. */
export async function ensureWasmTools() {
  prependPath(path.join(tools, 'bin'));
  const bindgen = lockedBindgen();
  const missing = [];
  const fits = (name) => output(name, ['--version'])?.endsWith(` ${bindgen}`);
  if (!fits('wasm-bindgen') || !fits('wasm-bindgen-test-runner')) {
    // Without its default features it cannot download a WebDriver, which we do not use, and needs no TLS library.
    const programs = ['--no-default-features', '--bin', 'wasm-bindgen', '--bin', 'wasm-bindgen-test-runner'];
    missing.push(['wasm-bindgen-cli', bindgen, programs]);
  }
  if (!atLeast(version(output('wasm-pack', ['--version'])), version(wasmPack.oldest))) {
    missing.push(['wasm-pack', wasmPack.installed, []]);
  }
  for (const [name, wanted, more] of missing) {
    say(`Compiling ${name} ${wanted} into .tools/ (once)`);
    await run('cargo', ['install', '--quiet', name, '--version', `=${wanted}`, '--root', tools, '--force', ...more], {
      env: {
        // One target folder for both, because they share dependencies.
        CARGO_TARGET_DIR: path.join(tools, 'build'),
        // They run for seconds, so compiling them fast matters more than running them fast.
        CARGO_PROFILE_RELEASE_OPT_LEVEL: '0',
        CARGO_PROFILE_RELEASE_LTO: 'off',
        CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '256',
        CARGO_PROFILE_RELEASE_STRIP: 'symbols',
      },
    });
  }
  if (missing.length) rmSync(path.join(tools, 'build'), { recursive: true, force: true });
}
