import type { Kept } from './keep';

/** Bytes of weights that may wait to be gone back to; of the oldest, only the settings in the address remain. */
const ROOM = 128_000_000;

/** Runs that were left for another one, by their entry in the history: Back and Forward go on with them. */
export class Visits {
  private readonly runs = new Map<string, Kept>();

  leave(entry: string, run: Kept): void {
    this.runs.delete(entry);
    this.runs.set(entry, run);
    let bytes = 0;
    for (const [older, { bytes: weights }] of [...this.runs].reverse()) {
      bytes += weights.length;
      if (bytes > ROOM) this.runs.delete(older);
    }
  }

  at(entry: string): Kept | undefined {
    return this.runs.get(entry);
  }
}
