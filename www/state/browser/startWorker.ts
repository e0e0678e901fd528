/**
 * A script that imports the module at `address` and hands it what arrived meanwhile. It is a classic one, because Chromium takes
 * no module from a blob of a page without an origin.
 */
const importing = (address: string): string => `
const early = [];
const keep = (event) => early.push(event);
addEventListener('message', keep);
import(${JSON.stringify(address)}).then(
  () => {
    removeEventListener('message', keep);
    for (const { data, ports } of early) dispatchEvent(new MessageEvent('message', { data, ports }));
  },
  (failure) => setTimeout(() => { throw failure; }),
);`;

/**
 * Starts a worker of this page from its module. A page without an origin of its own, as in a sandboxed frame or in a window that
 * such a frame has opened, may start none from an address, but one from a blob.
 */
export function startWorker(address: string, name: string): Worker {
  if (self.origin !== 'null') return new Worker(address, { type: 'module', name });
  const script = new Blob([importing(address)], { type: 'text/javascript' });
  return new Worker(URL.createObjectURL(script), { name });
}
