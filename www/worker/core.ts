/** Loading the core: one of its builds, and its threads. */
import { errorMessage } from '../state/text/errorMessage';
import { type Build, buildFor } from './builds';

/** All builds have the same face. */
type Core = typeof import('../../pkg/forward_forward.js');

/** The build with threads can do a little more. */
export interface Threaded extends Core {
  use_threads(count: number): void;
  lend_thread(): void;
}

export let core: Core;

const glue = import.meta.glob<Core>('../../pkg/*.js');
const modules = import.meta.glob<string>('../../pkg/*_bg.wasm', { query: '?url', import: 'default', eager: true });

const bindingsOf = async (build: Build): Promise<Core> => {
  const load = glue[`../../pkg/${build}.js`];
  if (!load)
    throw new Error(
      `this browser needs the build “${build}” of the core, which this page was served without. ` +
        'Wait until npm start says that all builds are there, then start it again',
    );
  return load();
};

/** The first byte of gzip; a module's own is 0. */
const GZIP = 0x1f;

const addressOf = (build: Build): string => modules[`../../pkg/${build}_bg.wasm`] ?? '';

/** What a worker needs to become a thread of the core. */
export interface Share {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
}

/** Loads the build for this many threads; `pool` leads to the workers that are to be threads beside this one. */
export async function loadCore(pool: readonly MessagePort[]): Promise<void> {
  const build = buildFor(pool.length + 1);
  const [bindings, module] = await Promise.all([bindingsOf(build), compile(addressOf(build))]);
  const { memory } = await bindings.default({ module_or_path: module });
  if (build === 'threads') {
    await Promise.all(
      pool.map(
        (port) =>
          new Promise<void>((resolve) => {
            port.onmessage = () => resolve();
            port.postMessage({ module, memory } satisfies Share);
          }),
      ),
    );
    (bindings as Threaded).use_threads(pool.length + 1);
  }
  core = bindings;
}

async function compile(address: string): Promise<WebAssembly.Module> {
  const file = (): string => new URL(address, location.href).pathname;
  const response = await fetch(address).catch(() => {
    throw new Error(`${file()} could not be fetched: look whether you are online and nothing blocks it`);
  });
  if (!response.ok || !response.body)
    throw new Error(`${file()} is not there, the host answers ${response.status}: all of dist/ belongs on it`);
  const type = response.headers.get('content-type') ?? 'without a type';
  // The type is said here: not every host knows it, and compiling while the bytes arrive takes it.
  const headers = { 'content-type': 'application/wasm' };
  return WebAssembly.compileStreaming(new Response(await unpacked(response.body), { headers })).catch((failure) => {
    throw new Error(
      `${file()}, sent as ${type}, arrived damaged or is something else; if that stays, copy dist/ to the host anew (${errorMessage(failure)})`,
    );
  });
}

/** What a module's file holds: the built page's are gzip, of which few hosts would make less by themselves. */
async function unpacked(file: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<ReadableStream<Uint8Array>> {
  const [ahead, whole] = file.tee();
  const reader = ahead.getReader();
  const { value } = await reader.read();
  void reader.cancel();
  return value?.[0] === GZIP ? whole.pipeThrough(new DecompressionStream('gzip')) : whole;
}
