/** Loading the core: one of its builds, and its threads. */
import { type Build, buildFor } from './builds';

/** All builds have the same face. */
type Core = typeof import('../../pkg/forward_forward.js');

/** The build with threads can do a little more. */
interface Threaded extends Core {
  use_threads(count: number): void;
  lend_thread(): void;
}

export let core: Core;

const glue = import.meta.glob<Core>('../../pkg/*.js');
const modules = import.meta.glob<string>('../../pkg/*_bg.wasm', { query: '?url', import: 'default', eager: true });

const bindingsOf = async (build: Build): Promise<Core> => {
  const load = glue[`../../pkg/${build}.js`];
  if (!load) throw new Error(`the page was built without its core “${build}”`);
  return load();
};

const addressOf = (build: Build): string => modules[`../../pkg/${build}_bg.wasm`] ?? '';

/** What a worker needs to become a thread of the core. */
export interface Share {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
}

/** Loads the build for this many threads; `pool` leads to the workers that are to be threads beside this one. */
export async function loadCore(pool: readonly MessagePort[]): Promise<void> {
  const build = buildFor(pool.length + 1);
  if (build !== 'threads') {
    const bindings = await bindingsOf(build);
    await bindings.default({ module_or_path: addressOf(build) });
    core = bindings;
    return;
  }
  const [bindings, module] = await Promise.all([bindingsOf(build) as Promise<Threaded>, compile(addressOf(build))]);
  const { memory } = await bindings.default({ module_or_path: module });
  await Promise.all(
    pool.map(
      (port) =>
        new Promise<void>((resolve) => {
          port.onmessage = () => resolve();
          port.postMessage({ module, memory } satisfies Share);
        }),
    ),
  );
  bindings.use_threads(pool.length + 1);
  core = bindings;
}

async function compile(address: string): Promise<WebAssembly.Module> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${new URL(address, location.href).pathname}: ${response.status}`);
  // Hosts that do not know the type of WebAssembly files cannot have them compiled while they arrive.
  if (response.headers.get('content-type') === 'application/wasm') return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** Makes this worker a thread of the core: it lends itself when it is given a share. */
export function lendThread(): void {
  addEventListener('message', ({ data: port }: MessageEvent<MessagePort>) => {
    port.onmessage = ({ data }: MessageEvent<Share>): void => void lend(data, port);
  });
}

async function lend({ module, memory }: Share, port: MessagePort): Promise<void> {
  try {
    const bindings = (await bindingsOf('threads')) as Threaded;
    // Their own type leaves out that they take a memory.
    await bindings.default({ module_or_path: module, memory } as { module_or_path: WebAssembly.Module });
    // The port hears nothing any more: from here on this worker waits inside the core.
    port.postMessage('ready');
    bindings.lend_thread();
  } catch (failure) {
    // A rejection would stay here; an error reaches the page, which can end the thread that waits for this one.
    setTimeout(() => {
      throw failure;
    });
  }
}
