import { tick } from 'svelte';

/** What is unfolded on the page, beyond its first screen. */
export class Depth {
  /** One picture followed through the step that comes. */
  follow = $state(false);
  /** What a person can ask of the network. */
  ask = $state(false);
  /** The stop of the tour, from 1; none when it is not under way. */
  stop = $state<number>();

  /** Unfolds a panel and brings it into sight, or folds it up. */
  async unfold(panel: 'follow' | 'ask', open = true): Promise<void> {
    this[panel] = open;
    if (!open) return;
    await tick();
    document.getElementById(panel)?.scrollIntoView({ block: 'nearest' });
  }
}
