// A thread of the core, as www/worker/thread.ts makes them.

import init, { lend_thread } from '/pkg/threads.js';

onmessage = ({ data: port }) => {
  port.onmessage = async ({ data: { module, memory } }) => {
    await init({ module_or_path: module, memory });
    port.postMessage('ready');
    lend_thread();
  };
};
