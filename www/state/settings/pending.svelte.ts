import type { Settings } from '../../worker/protocol';

/** What was set in the settings' sheet and waits for a restart; it outlives the sheet. */
export class PendingSettings {
  settings = $state.raw<Partial<Settings>>({});
  /** The layers as they were typed. */
  layersText = $state<string>();
  /** Whether the page has opened what most people leave alone. */
  moreAtOnce = $state(false);
  moreWithRestart = $state(false);

  get any(): boolean {
    return Object.keys(this.settings).length > 0 || this.layersText !== undefined;
  }

  putBack(): void {
    this.settings = {};
    this.layersText = undefined;
  }
}
