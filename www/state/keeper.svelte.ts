import type { Alerts } from './alerts.svelte';
import { type Kept, forgetKept, keepNewest, newestKept } from './keep';
import { sentence } from './sentence';

/** While training, the checkpoint in the browser is at most this many milliseconds old. */
const KEEP_EVERY = 30_000;

/** Keeps the newest checkpoint in the browser, and offers the one of an earlier visit. */
export class Keeper {
  /** What an earlier visit left, until it is taken or forgotten. */
  found = $state.raw<Kept>();
  private keptAt = -Infinity;
  private refused = false;

  constructor(private readonly alerts: Alerts) {}

  async look(): Promise<void> {
    // A browser that refuses its storage has kept nothing.
    this.found = await newestKept().catch(() => undefined);
  }

  get due(): boolean {
    return performance.now() - this.keptAt > KEEP_EVERY;
  }

  async keep(kept: Kept): Promise<void> {
    this.keptAt = performance.now();
    try {
      await keepNewest(kept);
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
