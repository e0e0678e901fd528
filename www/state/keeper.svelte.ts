import type { Alerts } from './alerts.svelte';
import { type Kept, forgetKept, keepNewest, newestKept } from './keep';
import { sentence } from './sentence';

/** While training, the checkpoint in the browser is kept anew after this many milliseconds. */
const KEEP_EVERY = 2_500;
/** … but a browser that takes its time to keep it shall not be kept busy more than this share of it. */
const SHARE = 1 / 5;

/** Keeps the newest checkpoint in the browser, and offers the one of an earlier visit. */
export class Keeper {
  /** What an earlier visit left, until it is taken or forgotten. */
  found = $state.raw<Kept>();
  private dueAt = -Infinity;
  private refused = false;

  constructor(private readonly alerts: Alerts) {}

  async look(): Promise<void> {
    // A browser that refuses its storage has kept nothing.
    this.found = await newestKept().catch(() => undefined);
  }

  get due(): boolean {
    return performance.now() >= this.dueAt;
  }

  async keep(kept: Kept): Promise<void> {
    const began = performance.now();
    this.dueAt = began + KEEP_EVERY;
    try {
      await keepNewest(kept);
      this.dueAt = Math.max(this.dueAt, began + (performance.now() - began) / SHARE);
    } catch (failure) {
      if (this.refused) return;
      this.refused = true;
      this.alerts.say(
        `This browser has no room to keep the run (${sentence(failure)}). It goes on; save the weights to a file to keep them.`,
      );
    }
  }

  take(): Kept | undefined {
    const { found } = this;
    this.found = undefined;
    return found;
  }

  async forget(): Promise<void> {
    this.found = undefined;
    await forgetKept().catch(() => undefined);
  }
}
