/** What the service worker has to be told, and the newer version it may have: offered, never forced. */
import type { Order } from '../service/order';
import { buildFor } from '../worker/builds';
import { serviceWorker } from './isolation';
import { threadsHere } from './threads';

/** Has the files of this visit kept for one without a network. To be called when the page has time for it. */
export async function keepFiles(): Promise<void> {
  const worker = (await serviceWorker())?.active;
  worker?.postMessage({ keep: buildFor(threadsHere().count) } satisfies Order);
}

/** Calls `offer` when a newer version waits; `take` goes over to it, once whatever `ready` does is done. */
export async function watchUpdates(
  offer: (take: (ready: () => Promise<unknown>) => Promise<void>) => void,
): Promise<void> {
  const registration = await serviceWorker();
  if (!registration) return;
  const waits = (worker: ServiceWorker): void =>
    offer(async (ready) => {
      await ready();
      navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
      worker.postMessage('take over' satisfies Order);
    });
  // Only where there is an older one: the first goes to work at once.
  if (registration.waiting && registration.active) waits(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const coming = registration.installing;
    coming?.addEventListener('statechange', () => {
      if (coming.state === 'installed' && registration.active) waits(coming);
    });
  });
}
