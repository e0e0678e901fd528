import type { Alerts } from '../page/alerts.svelte';
import { type RunInfo, type SavedRun, readRunInfo } from './savedRun';
import { errorMessage } from '../text/errorMessage';
import { claim, freshName, taken } from './slots';
import * as store from './database';

/** Runs of earlier visits beyond so many are dropped, the oldest first. */
const MOST = 5;

/** What an earlier visit left, and where. */
export interface FoundRun {
  slot: string;
  about: RunInfo;
}

/** Where this tab's run is kept, and what earlier visits have kept. The worker does the writing. */
export class Autosave {
  /** What earlier visits left, the newest first, until it is taken or forgotten. */
  found = $state.raw<readonly FoundRun[]>([]);
  /** How many runs other tabs keep right now. */
  elsewhere = $state(0);

  /** This tab's own place, and how to leave it. */
  private own: { slot: string; leave: () => void } | undefined;
  private refused = false;

  /** Where nothing is `wanted`, nothing is kept. */
  constructor(
    private readonly alerts: Alerts,
    private readonly wanted = true,
  ) {}

  async look(): Promise<void> {
    if (!this.wanted) return;
    try {
      const records = await store.all('kept');
      const others = await taken(records.map(([slot]) => slot));
      this.elsewhere = others.size;
      const found: FoundRun[] = [];
      for (const [slot, value] of records) {
        if (others.has(slot)) continue;
        const about = readRunInfo(value);
        if (typeof about === 'string') this.refuse(slot, about);
        else found.push({ slot, about });
      }
      found.sort((a, b) => b.about.saved - a.about.saved);
      this.found = found.slice(0, MOST);
      const dropped = found.slice(MOST).map(({ slot }) => slot);
      if (dropped.length > 0) await store.remove(['kept', 'weights'], dropped);
    } catch {
      // A browser that refuses its storage has kept nothing; it is told when there is something to keep.
      this.found = [];
    }
  }

  /** The place for this tab's run; nothing where the browser has none. */
  async place(): Promise<string | undefined> {
    if (!this.wanted) return undefined;
    try {
      while (!this.own) {
        const slot = freshName();
        const leave = await claim(slot);
        if (leave) this.own = { slot, leave };
      }
      return this.own.slot;
    } catch (failure) {
      this.unkept(errorMessage(failure));
      return undefined;
    }
  }

  /** The run could not be kept: it goes on, and once that is said. */
  unkept(why: string): void {
    if (this.refused) return;
    this.refused = true;
    this.alerts.say(
      `This browser does not keep the run: ${why}. It goes on; save the weights to a file to have them after this visit.`,
    );
  }

  /** Takes over what was found, place and all; this tab keeps its run there from now on. */
  async take({ slot, about }: FoundRun): Promise<SavedRun | undefined> {
    this.drop(slot);
    try {
      const leave = await claim(slot);
      if (!leave) {
        this.alerts.say('That run goes on in another tab already; this one is left to itself.');
        return undefined;
      }
      const bytes = await store.get('weights', slot);
      if (!(bytes instanceof Uint8Array)) {
        leave();
        this.refuse(slot, 'is damaged: its weights are missing');
        return undefined;
      }
      this.own?.leave();
      this.own = { slot, leave };
      return { ...about, bytes };
    } catch (failure) {
      this.alerts.say(`The kept run cannot be had (${errorMessage(failure)}). It is left as it is.`);
      return undefined;
    }
  }

  /** Leaves the place as it is, to whoever may want what is there; this tab's run gets another. */
  giveUp(): void {
    this.own?.leave();
    this.own = undefined;
  }

  async forget({ slot }: FoundRun): Promise<void> {
    this.drop(slot);
    await store.remove(['kept', 'weights'], [slot]).catch(() => undefined);
  }

  private drop(slot: string): void {
    this.found = this.found.filter((other) => other.slot !== slot);
  }

  private refuse(slot: string, why: string): void {
    const remove = (): void =>
      void store
        .remove(['kept', 'weights'], [slot])
        .catch((failure: unknown) => this.alerts.say(`It could not be deleted (${errorMessage(failure)}).`));
    this.alerts.say(`A run that this browser keeps ${why}. It is left as it is.`, [{ name: 'Delete it', act: remove }]);
  }
}
