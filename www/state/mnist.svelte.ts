import type { Alerts } from './alerts.svelte';
import { type Question, WorkerEnded } from './connection';
import { sentence } from './sentence';

/** Where the files would lie beside the page. */
const beside = (): string => new URL('mnist/', document.baseURI).href;

/** Brings MNIST into the worker, and again into the next one from the same files. */
export class MnistSource {
  download = $state.raw<{ name: string; received: number; total: number }>();
  private files: File[] | undefined;

  constructor(
    private readonly alerts: Alerts,
    private readonly ask: (question: Question<void>) => Promise<void>,
  ) {}

  /** Whether it is there now; if not, that is said. */
  async obtain(files = this.files): Promise<boolean> {
    try {
      this.download = files ? undefined : { name: '', received: 0, total: 1 };
      await this.ask((laboratory) => laboratory.obtainMnist(beside(), files));
      this.files = files;
      return true;
    } catch (failure) {
      if (!(failure instanceof WorkerEnded)) this.alerts.say(sentence(failure));
      return false;
    } finally {
      this.download = undefined;
    }
  }
}
