import type { Alerts } from '../page/alerts.svelte';
import { type Call, WorkerEnded } from '../run/connection';
import { errorMessage } from '../text/errorMessage';
import type { DataChoice } from '../settings/settings';
import { type Foreign, type Given, NEEDS_CIFAR, NEEDS_MNIST, type Read } from '../../worker/protocol';

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
  private readonly given: Partial<Record<Foreign, Given>> = {};

  constructor(
    private readonly alerts: Alerts,
    private readonly call: <T>(work: Call<T>) => Promise<T>,
    /** There is a menu to choose files in, which a panel for frames has not. */
    private readonly menu: boolean,
  ) {}

  /** Whether they are there now; if not, that is said. What the page makes itself always is. */
  async obtain(data: DataChoice): Promise<boolean> {
    if (data !== 'mnist' && data !== 'cifar10') return true;
    const given = this.given[data];
    const there = await this.attempt(async (laboratory) => {
      if (await laboratory.has(data)) return true;
      if (given) await laboratory.read(given);
      else if (data === 'mnist') {
        this.download = { name: '', received: 0, total: 1 };
        await laboratory.downloadMnist(beside());
      } else return false;
      return true;
    });
    if (data === 'mnist') this.download = undefined;
    if (there === false)
      this.alerts.say(
        `CIFAR-10 has to be brought first: drop its six .bin files here, or the .tar.gz they come in${this.menu ? ', or choose them under Data' : ''}.`,
      );
    return there === true;
  }

  /** What files are; if they are nothing that can be used, that is said. */
  async read(given: Given): Promise<Read | undefined> {
    const read = await this.attempt((laboratory) => laboratory.read(given));
    if (read?.data) this.given[read.data] = given;
    return read;
  }

  private async attempt<T>(work: Call<T>): Promise<T | undefined> {
    try {
      return await this.call(work);
    } catch (failure) {
      if (!(failure instanceof WorkerEnded)) this.alerts.say(errorMessage(failure));
      return undefined;
    }
  }
}
