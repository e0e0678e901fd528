// A host that spoils the page on purpose. Firefox lets nobody look into a worker from outside, so its script is given an ear.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { root } from '../../scripts/setup/run.mjs';
import { type CutHost, FORBID, limited, moveClocks, serveCut } from '../e2e/faults';
import { watchDevices } from '../e2e/gpu-faults';

/** What is spoilt, which is also the folder that the page is served from: what a browser keeps of one is not another's. */
export type Spoilt = 'nothing' | 'storage' | 'memory';

/** Before the worker's script: what a test sends to the channel `faults` happens to the worker. */
const EAR = `if (self.name === 'laboratory' && !self.faults) {
  self.faults = new BroadcastChannel('faults');
  self.faults.onmessage = ({ data }) => {
    if (data === 'end') self.close();
    else if (data === 'lose the GPU') self.device.destroy();
    else (${moveClocks.toString()})(data);
  };
  (${watchDevices.toString()})();
}\n`;

/** Serves the page, spoilt as the first part of the address says, beside an MNIST that is cut. */
export async function serveSpoilt(): Promise<CutHost & { address(spoilt: Spoilt): string }> {
  const cut = await serveCut();
  const server = createServer((request, response) => {
    const [, spoilt, file = ''] = /^\/(nothing|storage|memory)(\/[^?]*)/.exec(request.url ?? '') ?? [];
    request.url = file;
    const send = (type: string, body: string | Buffer): void =>
      void response.writeHead(200, { 'content-type': type }).end(body);
    const built = (): Buffer => readFileSync(path.join(root, 'dist', file));
    // Without a service worker there is one thread, whose module has a memory of its own; and every script comes from here.
    if (spoilt !== 'nothing' && file === '/sw.js') response.writeHead(404).end();
    else if (/^\/assets\/.*\.js$/.test(file)) send('text/javascript', (spoilt === 'storage' ? FORBID : EAR) + built());
    else if (spoilt === 'memory' && file.endsWith('.wasm')) send('application/wasm', limited(gunzipSync(built())));
    else cut.server.emit('request', request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ...cut,
    server,
    address: (spoilt) => `http://127.0.0.1:${(server.address() as { port: number }).port}/${spoilt}/`,
    close() {
      server.close();
      cut.close();
    },
  };
}
