/** What the service worker has to be told, and the newer version it may have: offered, never forced. */
import type { Order } from '../../service/order';
import { buildFor } from '../../worker/builds';
import { serviceWorker } from './isolation';
import { threadsHere } from './threads';

/** How long storing the page's files waits once the page is ready, in milliseconds: the start has the processor to itself. */
const REST = 5_000;

/** Has the files of this visit stored for one without a network, a while after the page is ready. */
export async function keepFiles(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, REST));
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
