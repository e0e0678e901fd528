import { type Remote, proxy, transfer, wrap } from 'comlink';
import { freshName } from '../storage/slots';
import type { Answers, Laboratory, Notice, Place, Questions } from '../../worker/protocol';
import type { Pretrained } from '../settings/settings';
import { threadsFailed, threadsHere } from '../browser/threads';
import { startWorker } from '../browser/startWorker';
import laboratory from '../../worker/index.ts?worker&url';
import thread from '../../worker/thread.ts?worker&url';

/** The worker ended before it could answer. */
export class WorkerEnded extends Error {}

/** When a worker ended: before the core was loaded, because one of its threads did, or since. */
export type Ended = 'before' | 'threads' | 'since';

/** Why a worker does not begin whose script is at `address`; a browser says less of one that it does not understand. */
const unloaded = (address: string): string =>
  `its script ${new URL(address, document.baseURI).pathname} does not run: the host must have it and send it as text/javascript, and the browser must be a current one`;

/** Something to do with the laboratory. */
export type Call<T> = (laboratory: Remote<Laboratory>) => Promise<T>;

/** One worker's life: every call to it is answered or, when the worker ends first, refused. */
export class Connection {
  private readonly worker: Worker;
  private threads: readonly Worker[] = [];
  /** The core is loaded, and its threads have begun. */
  private greeted = false;
  private readonly laboratory: Remote<Laboratory>;
  /** How to refuse each call that is still open. */
  private readonly open = new Set<(reason: WorkerEnded) => void>();
  private alive = true;

  constructor(
    private readonly onNotice: (notice: Notice) => Promise<Place | undefined> | undefined,
    private readonly onDeath: (why: string, when: Ended) => void,
  ) {
    this.worker = this.start(laboratory, 'laboratory', 'before');
    this.laboratory = wrap<Laboratory>(this.worker);
  }

  /** Starts a worker; `early` is when it ends if it does before the core is loaded. */
  private start(address: string, name: string, early: Ended): Worker {
    const worker = startWorker(address, name);
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      // A script that does not load leaves no message.
      const { message = '' } = event as Partial<ErrorEvent>;
      if (this.greeted) this.die(message);
      else this.die(message === '' || message.includes('SyntaxError') ? unloaded(address) : message, early);
    });
    worker.addEventListener('messageerror', () => this.die('a message could not be read'));
    return worker;
  }

  async hello(prefetch: Pretrained | undefined): Promise<void> {
    const listener = proxy(async (notice: Notice) => {
      if (this.alive && notice.kind !== 'crash') return this.onNotice(notice);
      if (notice.kind === 'crash') this.die(notice.message);
      return undefined;
    });
    // One after another: whoever looks finds the laboratory first among the page's workers.
    await this.call((laboratory) => laboratory.isThere());
    void this.watch().catch(() => undefined);
    // The threads are the page's, which is always there to hear of their end: a thread that waits for another hears nothing.
    this.threads = Array.from({ length: threadsHere().count - 1 }, () => this.start(thread, 'thread', 'threads'));
    const pool = this.threads.map((thread) => {
      const { port1, port2 } = new MessageChannel();
      thread.postMessage(port1, [port1]);
      return port2;
    });
    await this.call((laboratory) => laboratory.hello(listener, prefetch, transfer(pool, pool)));
    this.greeted = true;
  }

  /** A worker that is ended from outside, for want of memory say, leaves no word: but the lock that it holds comes free. */
  private async watch(): Promise<void> {
    if (!('locks' in navigator)) return;
    const name = `forward-forward-lab.worker.${freshName()}`;
    await this.call((laboratory) => laboratory.holdLock(name));
    await navigator.locks.request(name, () => this.die('it ended without a word'));
  }

  /** Asks the core; the answer's type follows from the question's name, which is lost on the way through comlink. */
  ask<Name extends keyof Questions>(name: Name, about: Questions[Name]): Promise<Answers[Name]> {
    return this.call((laboratory) => laboratory.ask(name, about) as Promise<Answers[Name]>);
  }

  call<T>(work: Call<T>): Promise<T> {
    if (!this.alive) return Promise.reject(new WorkerEnded());
    return new Promise((resolve, reject) => {
      this.open.add(reject);
      work(this.laboratory)
        .then(resolve, reject)
        .finally(() => this.open.delete(reject));
    });
  }

  close(): void {
    this.alive = false;
    for (const worker of [this.worker, ...this.threads]) worker.terminate();
    for (const refuse of this.open) refuse(new WorkerEnded());
    this.open.clear();
  }

  private die(why: string, when: Ended = this.greeted ? 'since' : 'before'): void {
    if (!this.alive) return;
    this.close();
    if (when === 'threads') threadsFailed();
    this.onDeath(why, when);
  }
}
