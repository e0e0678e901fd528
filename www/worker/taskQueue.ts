/** One at a time: the session is busy until an asynchronous call returns, so everything that touches it queues up here. */
export class TaskQueue {
  private last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => T | Promise<T>): Promise<T> {
    const mine = this.last.then(work);
    // The next in the queue must have its turn whether or not this one succeeds; its caller hears of the failure.
    this.last = mine.catch(() => undefined);
    return mine;
  }
}

const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();

/** Lets messages in: a macrotask without the four milliseconds a nested timer waits. */
export const breath = (): Promise<void> =>
  new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
