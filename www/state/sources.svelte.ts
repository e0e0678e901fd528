import type { Alerts } from './alerts.svelte';
import { type Question, WorkerEnded } from './connection';
import { sentence } from './sentence';
import type { DataChoice } from './settings';
import { NEEDS_CIFAR, NEEDS_MNIST } from '../worker/protocol';

/** Data that are not made by the page itself. */
export type Foreign = 'mnist' | 'cifar10';

/** Where MNIST's files would lie beside the page. */
const beside = (): string => new URL('mnist/', document.baseURI).href;

/** Which data a command failed for want of. */
export function wanting(failure: unknown): Foreign | undefined {
  if (!(failure instanceof Error)) return undefined;
  return failure.name === NEEDS_MNIST ? 'mnist' : failure.name === NEEDS_CIFAR ? 'cifar10' : undefined;
}

/** Brings data into the worker, and again into the next one from the same files. */
export class Sources {
  download = $state.raw<{ name: string; received: number; total: number }>();
  private readonly files: Partial<Record<Foreign, File[]>> = {};

  constructor(
    private readonly alerts: Alerts,
    private readonly ask: (question: Question<void>) => Promise<void>,
    /** There is a menu to choose files in, which a panel for frames has not. */
    private readonly menu: boolean,
  ) {}

  /** Whether they are there now; if not, that is said. What the page makes itself always is. */
  async obtain(data: DataChoice, brought?: File[]): Promise<boolean> {
    if (data !== 'mnist' && data !== 'cifar10') return true;
    const files = brought ?? this.files[data];
    if (data === 'cifar10' && !files) {
      this.alerts.say(
        `CIFAR-10 has to be brought first: drop its six .bin files here, or the .tar.gz they come in${this.menu ? ', or choose them under Data' : ''}.`,
      );
      return false;
    }
    try {
      if (data === 'mnist' && !files) this.download = { name: '', received: 0, total: 1 };
      await this.ask((laboratory) =>
        data === 'mnist' ? laboratory.obtainMnist(beside(), files) : laboratory.obtainCifar(files ?? []),
      );
      if (files) this.files[data] = files;
      return true;
    } catch (failure) {
      if (!(failure instanceof WorkerEnded)) this.alerts.say(sentence(failure));
      return false;
    } finally {
      if (data === 'mnist') this.download = undefined;
    }
  }
}
