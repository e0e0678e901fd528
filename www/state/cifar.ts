import type { Alerts } from './alerts.svelte';
import { type Question, WorkerEnded } from './connection';
import { sentence } from './sentence';

/** Brings CIFAR-10 into the worker, and again into the next one from the same files. */
export class CifarSource {
  private files: File[] | undefined;

  constructor(
    private readonly alerts: Alerts,
    private readonly ask: (question: Question<void>) => Promise<void>,
  ) {}

  /** Whether it is there now; if not, that is said. */
  async obtain(files = this.files): Promise<boolean> {
    if (!files) {
      this.alerts.say(
        'CIFAR-10 has to be brought first: drop its six .bin files on this page, or the .tar.gz they come in, or choose them under Data.',
      );
      return false;
    }
    try {
      await this.ask((laboratory) => laboratory.obtainCifar(files));
      this.files = files;
      return true;
    } catch (failure) {
      if (!(failure instanceof WorkerEnded)) this.alerts.say(sentence(failure));
      return false;
    }
  }
}
