import type { SavedRun } from '../storage/savedRun';

/** Bytes of weights that may wait to be gone back to; of the oldest, only the settings in the address remain. */
const ROOM = 128_000_000;
/** Browsers keep about as many entries of a tab's history; what is further back is never gone back to. */
const MOST = 50;

/** Runs that were left for another one, by their entry in the history: Back and Forward go on with them. */
export class RunsByEntry {
  private readonly runs = new Map<string, SavedRun>();

  leave(entry: string, run: SavedRun): void {
    this.runs.delete(entry);
    this.runs.set(entry, run);
    let bytes = 0;
    for (const [i, [older, { bytes: weights }]] of [...this.runs].reverse().entries()) {
      bytes += weights.length;
      if (i >= MOST || bytes > ROOM) this.runs.delete(older);
    }
  }

  at(entry: string): SavedRun | undefined {
    return this.runs.get(entry);
  }
}
