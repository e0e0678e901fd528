import type { Alerts } from '../page/alerts.svelte';
import { type Call, WorkerEnded } from '../run/connection';
import { errorMessage } from '../text/errorMessage';
import type { DataChoice } from '../settings/settings';
import { type Given, NEEDS, type Naming, type Read, type Unnamed } from '../../worker/protocol';
import { describe, sourceOf } from './registry';

/** Where MNIST's files would lie beside the page. */
const beside = (): string => new URL('mnist/', document.baseURI).href;

/** Which data a command failed for want of. */
export const wanting = (failure: unknown): DataChoice | undefined =>
  failure instanceof Error && failure.name.startsWith(NEEDS) ? failure.name.slice(NEEDS.length) : undefined;

/** Brings data into the worker, and again into the next one from the same files. */
export class Sources {
  download = $state.raw<{ name: string; received: number; total: number }>();
  /** What was given last, and is data that the person has to name. */
  unnamed = $state.raw<Unnamed>();
  private readonly given: Partial<Record<DataChoice, { files: Given; naming?: Naming }>> = {};
  private last: Given | undefined;

  constructor(
    private readonly alerts: Alerts,
    private readonly call: <T>(work: Call<T>) => Promise<T>,
    /** There is a menu to choose files in, which a panel for frames has not. */
    private readonly menu: boolean,
  ) {}

  /** Whether they are there now; if not, that is said. What the page makes itself always is. */
  async obtain(data: DataChoice): Promise<boolean> {
    const { built_in, ask, title } = sourceOf(data);
    if (built_in) return true;
    const given = this.given[data];
    const there = await this.attempt(async (laboratory) => {
      if (await laboratory.has(data)) return true;
      if (given) {
        await laboratory.read(given.files);
        if (given.naming) await laboratory.name(given.naming);
      } else if (!ask) {
        this.download = { name: '', received: 0, total: 1 };
        await laboratory.downloadMnist(beside());
      } else return false;
      return true;
    });
    if (!ask) this.download = undefined;
    if (there === false)
      this.alerts.say(
        `The files of these data (${title}) are not here yet: ${ask}${this.menu ? ', or choose them under Data' : ''}.`,
      );
    return there === true;
  }

  /** What files are; if they are nothing that can be used, that is said. */
  async read(given: Given): Promise<Read | undefined> {
    const read = await this.attempt((laboratory) => laboratory.read(given));
    if (read?.data) this.given[read.data] = { files: given };
    this.unnamed = read?.unnamed;
    this.last = given;
    return read;
  }

  /** Names what was given last, and returns the name of the data; if it cannot be named so, that is said. */
  async name(naming: Naming): Promise<DataChoice | undefined> {
    const info = await this.attempt((laboratory) => laboratory.name(naming));
    if (!info || !this.last) return undefined;
    this.given[info.name] = { files: this.last, naming };
    this.unnamed = undefined;
    describe(info.name, info);
    return info.name;
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
