/**
 * The page's service worker. It does two things: it adds the two headers that isolate the page, without which the core has one
 * thread (see ../state/browser/isolation.ts); and it keeps the page's files, so that it opens without a network after the first visit.
 *
 * A new version is fetched whole, beside the old, and waits until the page is told to take it, or was closed everywhere.
 */
import { PrecacheController } from 'workbox-precaching';
import type { Build } from '../worker/builds';
import type { Order } from './order';

declare const self: ServiceWorkerGlobalScope;
/** The files of this version; vite.config.ts writes them in. */
declare const __FILES__: { url: string; revision: string | null }[];

const BUILDS: readonly Build[] = ['forward_forward', 'relaxed', 'threads'];
const INDEX = 'index.html';
/** `require-corp` and not `credentialless`, which Safari lacks: the page takes nothing from elsewhere but by CORS. */
const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
};

/** Knows all files of this version, whether they are kept or not. */
const files = new PrecacheController();
files.addToCacheList(__FILES__);

/** What few visitors will want, and is large: kept once it was fetched. */
const WHEN_WANTED = /^assets\/pretrained-objects-/;

/** Whether files are kept; not known at first. */
let kept: boolean | undefined;
void find(INDEX).then((response) => (kept ??= response !== undefined));

/** Keeps this version's files, of the core's builds only the one in use: the others would be megabytes for nothing. */
async function keep(build: Build): Promise<void> {
  const others = BUILDS.filter((other) => other !== build);
  const cache = await self.caches.open(files.strategy.cacheName);
  for (const { url, revision } of __FILES__) {
    const key = files.getCacheKeyForURL(url);
    const notNow = WHEN_WANTED.test(url) || others.some((other) => coreFile(other).test(url));
    if (key === undefined || notNow || (await cache.match(key))) continue;
    // What has its digest in its name was mostly fetched just now, and is the browser's already.
    const response = await fetch(url, { cache: revision === null ? 'default' : 'reload' });
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    // A response that was redirected may not answer for a page.
    const { status, headers } = response;
    await cache.put(key, response.redirected ? new Response(response.body, { status, headers }) : response);
  }
  kept = true;
}

/** Keeps the file `url`, which was fetched as `response`. */
async function keepOne(url: string, response: Response): Promise<void> {
  const key = files.getCacheKeyForURL(url);
  if (key !== undefined) await (await self.caches.open(files.strategy.cacheName)).put(key, response);
}

/** Keeps this version's files with the build of the core that is kept already; nothing, if none is. */
async function keepAsBefore(): Promise<void> {
  const caches = await self.caches.keys();
  const requests = await Promise.all(caches.map(async (name) => (await self.caches.open(name)).keys()));
  const held = requests.flat().map((request) => request.url.slice(self.registration.scope.length));
  const build = BUILDS.find((one) => held.some((file) => coreFile(one).test(file)));
  if (build) await keep(build);
}

const coreFile = (build: Build): RegExp => new RegExp(`^assets/${build}(_bg)?-[^/]+\\.(js|wasm)$`);

async function find(url: string): Promise<Response | undefined> {
  const key = files.getCacheKeyForURL(new URL(url, self.registration.scope).href);
  return key === undefined ? undefined : caches.match(key);
}

self.addEventListener('install', (event) => {
  // On a first visit the page has just begun to load: it says when it has time for this.
  if (self.registration.active) event.waitUntil(keepAsBefore());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
  void files.activate(event);
});

self.addEventListener('message', (event) => {
  const order = event.data as Order;
  if (order === 'take over') event.waitUntil(self.skipWaiting());
  else event.waitUntil(keep(order.keep));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname, href } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  const page = request.mode === 'navigate' && pathname === new URL(self.registration.scope).pathname;
  const name = page ? INDEX : href;
  const isolated = request.mode === 'navigate' || request.destination === 'worker';
  // The rest needs nothing of us as long as nothing is kept, and what is no file of the page never does.
  if (!isolated && (kept === false || files.getCacheKeyForURL(name) === undefined)) return;
  event.respondWith(answer(request, name, isolated));
});

async function answer(request: Request, name: string, isolated: boolean): Promise<Response> {
  const found = await find(name);
  const response = found ?? (await fetch(request));
  if (!found && kept && response.ok && WHEN_WANTED.test(name.slice(self.registration.scope.length)))
    // Where there is no room for it, it is fetched again next time.
    await keepOne(name, response.clone()).catch(() => undefined);
  // A redirection is the browser's to follow.
  if (!isolated || response.status === 0) return response;
  const headers = new Headers(response.headers);
  for (const [header, value] of Object.entries(ISOLATION)) headers.set(header, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
