import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { MIRROR } from './www/worker/mirror.ts';

/**
 * Serves the folder named by FF_MNIST_DIR at `/mnist/`, the way a static host would serve it beside the page: the bytes as
 * they lie (no `content-encoding`, so that a .gz stays a .gz) and an honest 404 for what is not there.
 */
function mnistFolder(folder: string | undefined): Plugin {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const name = /^\/([\w.-]+)$/.exec(new URL(request.url ?? '/', 'http://here').pathname)?.[1];
    const file = folder && name ? join(folder, name) : undefined;
    const found = file ? statSync(file, { throwIfNoEntry: false }) : undefined;
    if (!file || !found?.isFile()) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('No such file.\n');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': found.size });
    createReadStream(file).pipe(response);
  };
  return {
    name: 'mnist-folder',
    configureServer: (server) => void server.middlewares.use('/mnist', answer),
    configurePreviewServer: (server) => void server.middlewares.use('/mnist', answer),
  };
}

/**
 * What the built page may do, whatever is slipped into it: run its own scripts and WebAssembly, talk to its own host and to
 * the mirror it offers MNIST from, and nothing else. `default` is the policy of www/trusted.ts.
 */
const POLICY = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  // A frame without an origin starts its workers from a blob (www/state/browser/startWorker.ts); www/trusted.ts
  // takes that from all others.
  'worker-src': "'self' blob:",
  'style-src': "'self'",
  'img-src': "'self'",
  'connect-src': `'self' ${MIRROR}`,
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'require-trusted-types-for': "'script'",
  'trusted-types': 'default svelte-trusted-html',
};

/** Writes the policy into the built page, where any static host serves it; the development server needs inline styles. */
function contentSecurityPolicy(): Plugin {
  const content = Object.entries(POLICY)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join('; ');
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content }, injectTo: 'head-prepend' },
    ],
  };
}

/**
 * Packs the core's modules: many static hosts send WebAssembly as it lies, and it is less than half as large so. The worker
 * unpacks them (www/worker/core.ts), so no host has to know.
 */
function packedCore(): Plugin {
  return {
    name: 'packed-core',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle))
        if (file.type === 'asset' && file.fileName.endsWith('.wasm')) file.source = gzipSync(file.source, { level: 9 });
    },
  };
}

/**
 * Puts www/start before the page's modules, as a classic script: it says why they do not run. Neither it nor the first style asks
 * for the host's leave, as modules do, which a disk gives to nobody and few hosts to a frame without an origin.
 */
function firstScript(): Plugin {
  return {
    name: 'first-script',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle = {} }) {
        const script = Object.values(bundle).find((file) => file.type === 'chunk' && file.name === 'start');
        if (script?.type !== 'chunk') throw new Error('There is no first script.');
        if (script.imports.length > 0) throw new Error(`The first script imports ${script.imports.join(', ')}.`);
        // A classic script's names are everybody's.
        script.code = `(()=>{${script.code}})();`;
        return html
          .replace('<link rel="stylesheet" crossorigin', '<link rel="stylesheet"')
          .replace('<script type="module"', `<script src="./${script.fileName}"></script>\n    $&`);
      },
    },
  };
}

const SERVICE_WORKER = 'sw.js';

/** What a browser needs to know to install the page. */
const MANIFEST = {
  name: 'Forward-Forward Lab',
  short_name: 'Forward-Forward',
  description: 'A network that learns from two forward passes and nothing backward, in your browser.',
  start_url: './',
  scope: './',
  display: 'standalone',
  background_color: '#ffffff',
  theme_color: '#ffffff',
  icons: [{ src: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' }],
};

/** Adds the web app manifest, and writes into the service worker which files the page has. */
function offLine(): Plugin {
  return {
    name: 'off-line',
    apply: 'build',
    enforce: 'post',
    transformIndexHtml: () => [
      { tag: 'link', attrs: { rel: 'manifest', href: './manifest.webmanifest' }, injectTo: 'head' },
    ],
    generateBundle(_, bundle) {
      const source = (name: string, text: string): void => {
        this.emitFile({ type: 'asset', fileName: name, source: text });
      };
      source('manifest.webmanifest', JSON.stringify(MANIFEST));
      source('icon.svg', readFileSync('assets/favicon.svg', 'utf8'));
      const last = (name: string): number => Number(name.endsWith('.html'));
      const files = Object.values(bundle)
        .filter((file) => file.fileName !== SERVICE_WORKER)
        // Where the page is kept, everything is that it needs.
        .sort((a, b) => last(a.fileName) - last(b.fileName))
        .map((file) => {
          const named = file.fileName.startsWith('assets/');
          const content = file.type === 'chunk' ? file.code : file.source;
          return {
            url: file.fileName,
            // Files in assets/ have their digest in their name.
            revision: named ? null : createHash('sha256').update(content).digest('hex').slice(0, 16),
          };
        });
      const worker = bundle[SERVICE_WORKER];
      if (worker?.type !== 'chunk') throw new Error('There is no service worker to tell which files the page has.');
      // A classic script, as every browser takes it, cannot import.
      if (worker.imports.length > 0) throw new Error(`The service worker imports ${worker.imports.join(', ')}.`);
      worker.code = worker.code.replaceAll('__FILES__', JSON.stringify(files));
    },
  };
}

/** The builds of the core that are there: www/worker/builds.ts. */
const builds = ['forward_forward', 'relaxed', 'threads'].filter((name) => existsSync(`pkg/${name}_bg.wasm`));

/** What isolates the page in development, as its service worker does elsewhere. */
const isolation = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

export default defineConfig({
  // Relative addresses: the built page works under any path of any static host.
  base: './',
  // One page, no router: an address that does not exist is a 404, not the page again.
  appType: 'mpa',
  plugins: [
    svelte(),
    firstScript(),
    contentSecurityPolicy(),
    packedCore(),
    offLine(),
    mnistFolder(process.env.FF_MNIST_DIR),
  ],
  worker: { format: 'es' },
  define: { __BUILDS__: JSON.stringify(builds) },
  server: { headers: isolation },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    rollupOptions: {
      input: { index: 'index.html', start: 'www/start/index.ts', sw: 'www/service/worker.ts' },
      output: {
        entryFileNames: ({ name }) => (name === 'sw' ? SERVICE_WORKER : 'assets/[name]-[hash].js'),
        // What the first screen needs is one file, and what goes before it another; the rest is fetched when it is wanted.
        codeSplitting: {
          groups: [
            {
              name: 'before',
              test: /\/www\/state\/(browser\/isolation|page\/embed|settings\/query)\.ts$|vite\/preload-helper/,
              priority: 1,
            },
            { name: 'page', test: /\/www\/page\.ts$/ },
          ],
        },
      },
    },
  },
  test: { include: ['www/**/*.test.ts'] },
});
