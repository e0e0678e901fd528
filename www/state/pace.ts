/** How fast training goes, and when it will be done. */
export class Pace {
  private recent: { samples: number; milliseconds: number }[] = [];
  private began: number | undefined;
  private trained = 0;

  /** Adds one slice of training, over at `now` (milliseconds). */
  add(samples: number, milliseconds: number, now: number): void {
    if (samples === 0) return;
    this.began ??= now - milliseconds;
    this.trained += samples;
    this.recent.push({ samples, milliseconds });
    let span = this.recent.reduce((sum, slice) => sum + slice.milliseconds, 0);
    while (this.recent.length > 1 && span - (this.recent[0]?.milliseconds ?? 0) > 2_000)
      span -= this.recent.shift()?.milliseconds ?? 0;
  }

  /** Samples per second of training itself, over the last two seconds of it. */
  get samplesPerSecond(): number {
    const samples = this.recent.reduce((sum, slice) => sum + slice.samples, 0);
    const milliseconds = this.recent.reduce((sum, slice) => sum + slice.milliseconds, 0);
    return milliseconds > 0 ? (1000 * samples) / milliseconds : 0;
  }

  /** Milliseconds until `samples` more are trained, by the clock on the wall: measuring on the way is counted. */
  timeFor(samples: number, now: number): number {
    return this.began === undefined ? NaN : ((now - this.began) / this.trained) * samples;
  }

  /** Training stopped: the time until it goes on is not training time. */
  rest(): void {
    this.began = undefined;
    this.trained = 0;
  }
}
