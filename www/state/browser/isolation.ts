/**
 * Memory can be shared between threads only on a page that is isolated from other sites, which takes two headers that a static
 * host does not send. The page's service worker adds them, from the second load on. So the first visit loads twice: before
 * anything is shown, and never again in the same tab, whatever comes of it.
 */

/** How long a first visit may wait for its service worker's script, and for it to begin its work, in milliseconds. */
const PATIENCE = 2_000;
const TRIED = 'forward-forward-lab.isolating';

let registration: Promise<ServiceWorkerRegistration | undefined> = Promise.resolve(undefined);
let why = '';

/** Why this page is not isolated. */
export const obstacle = (): string => why || 'this browser does not isolate the page';

/** The page's service worker, once it is registered; none where that is not possible. */
export const serviceWorker = (): Promise<ServiceWorkerRegistration | undefined> => registration;

/** Whether the page is about to be loaded again, isolated: then there is nothing to show. */
export async function isolate(): Promise<boolean> {
  // The development server sends the headers itself, and its files are never to be kept.
  if (import.meta.env.DEV) return false;
  if (window !== window.top) {
    why = 'inside another page';
    return false;
  }
  if (self.origin === 'null') {
    why = 'in a window without an origin of its own';
    return false;
  }
  if (!('serviceWorker' in navigator)) {
    why = window.isSecureContext ? 'no service worker in this window' : 'the page is not on https';
    return false;
  }
  registration = register();
  if (crossOriginIsolated) return false;
  const found = await inTime(registration);
  const working = found && (await inTime(untilActive(found)));
  if (!navigator.serviceWorker.controller) why = 'loaded past its service worker';
  if (working === undefined) why = 'its service worker is blocked';
  else if (!working) why = 'more from the next visit on';
  else if (remember()) {
    location.reload();
    return true;
  }
  return false;
}

/** Registers the service worker; nothing where a browser that protects the person, or the host, does not let it. */
async function register(): Promise<ServiceWorkerRegistration | undefined> {
  try {
    return await navigator.serviceWorker.register(new URL('sw.js', document.baseURI), { updateViaCache: 'none' });
  } catch {
    return undefined;
  }
}

/** What comes before patience ends; `false` otherwise. */
const inTime = <T>(coming: Promise<T>): Promise<T | false> =>
  Promise.race([coming, new Promise<false>((resolve) => setTimeout(() => resolve(false), PATIENCE))]);

/** Whether the service worker comes to be at work. */
function untilActive(found: ServiceWorkerRegistration): Promise<boolean> {
  if (found.active) return Promise.resolve(true);
  const coming = found.installing ?? found.waiting;
  return new Promise((resolve) => {
    coming?.addEventListener('statechange', () => {
      if (coming.state === 'activated') resolve(true);
      if (coming.state === 'redundant') resolve(false);
    });
  });
}

/** Notes that this tab was loaded again; false if it was before, or nothing can be noted: it might go round for ever. */
function remember(): boolean {
  try {
    if (sessionStorage.getItem(TRIED)) return false;
    sessionStorage.setItem(TRIED, '1');
    return true;
  } catch {
    return false;
  }
}
