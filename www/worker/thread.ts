/**
 * One of the threads that the core computes on. It holds the bindings and nothing else of the page, and lends itself when it is
 * given a share of the laboratory's core.
 */
import type { Share, Threaded } from './core';

const glue = import.meta.glob<Threaded>('../../pkg/threads.js');

addEventListener('message', ({ data: port }: MessageEvent<MessagePort>) => {
  port.onmessage = ({ data }: MessageEvent<Share>): void => void lend(data, port);
});

async function lend({ module, memory }: Share, port: MessagePort): Promise<void> {
  try {
    const bindings = await glue['../../pkg/threads.js']?.();
    if (!bindings) throw new Error('the page was built without threads');
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
