/** How fast training goes, and when it will be done. */
export class Pace {
  private recent: { samples: number; milliseconds: number }[] = [];
  private last: number | undefined;
  /** Since training began or went on: its time, and what was done in it. */
  private spent = 0;
  private trained = 0;
  /** The longest slice or wait between two so far. */
  private longest = 0;

  /** Adds one slice of training, over at `now` (milliseconds). */
  add(samples: number, milliseconds: number, now: number): void {
    if (samples === 0) return;
    const since = this.last === undefined ? milliseconds : now - this.last;
    this.last = now;
    // What is not known to have been training counts neither as time nor as work.
    if (this.slept(milliseconds) || this.slept(since)) return;
    this.longest = Math.max(this.longest, milliseconds, since);
    this.spent += since;
    this.trained += samples;
    this.recent.push({ samples, milliseconds });
    let span = this.recent.reduce((sum, slice) => sum + slice.milliseconds, 0);
    while (this.recent.length > 1 && span - (this.recent[0]?.milliseconds ?? 0) > 2_000)
      span -= this.recent.shift()?.milliseconds ?? 0;
  }

  /** A span in which the computer slept or its clock was set: backward, or many times longer than any so far. */
  private slept(span: number): boolean {
    return span < 0 || (span > 10_000 && this.longest > 0 && span > 20 * this.longest);
  }

  /** Samples per second of training itself, over the last two seconds of it. */
  get samplesPerSecond(): number {
    const samples = this.recent.reduce((sum, slice) => sum + slice.samples, 0);
    const milliseconds = this.recent.reduce((sum, slice) => sum + slice.milliseconds, 0);
    return milliseconds > 0 ? (1000 * samples) / milliseconds : 0;
  }

  /** Milliseconds until `samples` more are trained, by the clock on the wall: measuring on the way is counted. */
  timeFor(samples: number): number {
    return this.trained === 0 ? NaN : (this.spent / this.trained) * samples;
  }

  /** Training stopped: the time until it goes on is not training time. */
  rest(): void {
    this.last = undefined;
    this.spent = 0;
    this.trained = 0;
  }
}
