import { type Remote, proxy, wrap } from 'comlink';
import { freshName } from './slots';
import type { Laboratory, Notice, Place, Presets } from '../worker/protocol';

/** The worker ended before it could answer. */
export class WorkerEnded extends Error {}

export type Question<T> = (laboratory: Remote<Laboratory>) => Promise<T>;

/** One worker's life: every call to it is answered or, when the worker ends first, refused. */
export class Connection {
  private readonly worker: Worker;
  private readonly laboratory: Remote<Laboratory>;
  /** How to refuse each question that is still open. */
  private readonly open = new Set<(reason: WorkerEnded) => void>();
  private alive = true;

  constructor(
    private readonly onNotice: (notice: Notice) => Promise<Place | undefined> | undefined,
    private readonly onDeath: (why: string) => void,
  ) {
    this.worker = new Worker(new URL('../worker/index.ts', import.meta.url), { type: 'module', name: 'laboratory' });
    this.laboratory = wrap<Laboratory>(this.worker);
    this.worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.die(event.message || 'it could not be loaded');
    });
    this.worker.addEventListener('messageerror', () => this.die('a message could not be read'));
  }

  async hello(prefetch: boolean): Promise<Presets> {
    const listener = proxy(async (notice: Notice) => {
      if (this.alive && notice.kind !== 'crash') return this.onNotice(notice);
      if (notice.kind === 'crash') this.die(notice.message);
      return undefined;
    });
    const presets = await this.ask((laboratory) => laboratory.hello(listener, prefetch));
    void this.watch().catch(() => undefined);
    return presets;
  }

  /** A worker that is ended from outside, for want of memory say, leaves no word: but the lock that it holds comes free. */
  private async watch(): Promise<void> {
    if (!('locks' in navigator)) return;
    const name = `forward-forward-lab.worker.${freshName()}`;
    await this.ask((laboratory) => laboratory.holdLock(name));
    await navigator.locks.request(name, () => this.die('it ended without a word'));
  }

  ask<T>(question: Question<T>): Promise<T> {
    if (!this.alive) return Promise.reject(new WorkerEnded());
    return new Promise((resolve, reject) => {
      this.open.add(reject);
      question(this.laboratory)
        .then(resolve, reject)
        .finally(() => this.open.delete(reject));
    });
  }

  close(): void {
    this.alive = false;
    this.worker.terminate();
    for (const refuse of this.open) refuse(new WorkerEnded());
    this.open.clear();
  }

  private die(why: string): void {
    if (!this.alive) return;
    this.close();
    this.onDeath(why);
  }
}
