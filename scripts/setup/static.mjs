// A plain static host, as the page will meet one: files under a folder, no special headers.

import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { networkInterfaces } from 'node:os';
import path from 'node:path';

const types = {
  '.css': 'text/css',
  '.gz': 'application/gzip',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

/**
 * Serves folders on 127.0.0.1, or another address of this machine: `mounts` maps the start of an address, such as `/lab/`, to
 * a folder. Port 0 takes a free one. Every response carries `headers`; a plain host sends none. Resolves to the server once it
 * listens.
 */
export function serveFolders(mounts, port = 0, headers = {}, host = '127.0.0.1') {
  const server = createServer((request, response) => {
    const file = find(mounts, decodeURIComponent(new URL(request.url, 'http://host').pathname));
    if (!file) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found\n');
      return;
    }
    const type = types[path.extname(file.path)] ?? 'application/octet-stream';
    response.writeHead(200, { ...headers, 'content-type': type, 'content-length': file.size });
    createReadStream(file.path).pipe(response);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}

/**
 * An address of this machine that browsers do not trust as they trust localhost, as a school's host is seen: what they offer
 * over https alone is missing there.
 */
export const untrustedAddress = () =>
  Object.values(networkInterfaces())
    .flat()
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '0.0.0.0';

function find(mounts, address) {
  for (const [start, folder] of Object.entries(mounts)) {
    if (!address.startsWith(start)) continue;
    const file = path.join(folder, address.slice(start.length) || 'index.html');
    if (path.relative(folder, file).startsWith('..')) continue;
    const found = statSync(file, { throwIfNoEntry: false });
    if (found?.isFile()) return { path: file, size: found.size };
  }
  return undefined;
}
