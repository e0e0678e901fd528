/** Milliseconds from one test error to the next while training; the first comes sooner, when most is learned. */
const EVERY = 1_100;
const FIRST = 500;
/** Share of the time that measuring may take from training. */
const SHARE = 0.08;
/** How few test images a figure may stand on, and how many are enough for one of many. */
const FEWEST = 20;
const MOST = 1_000;
/** Until the first picture was read nobody knows how long one takes. */
const AT_FIRST = 100;

/** When the test error is measured while a network learns, and on how many images: as many as it can be had for. */
export class Cadence {
  private due = 0;
  private figures = 0;
  /** Milliseconds that the measurement under way has cost, or the newest one did. */
  took = 0;
  private imagesNow = 0;
  /** Milliseconds that reading one picture takes. */
  private each: number | undefined;

  /** A run begins at `now`. */
  begin(now: number): void {
    this.due = now + FIRST;
    this.figures = 0;
  }

  /** How many test images the next figure stands on: always the first ones, so that figures can be compared. */
  get sample(): number {
    if (this.each === undefined) return AT_FIRST;
    const affordable = (SHARE * EVERY) / this.each;
    // In steps, so that the sample does not change with every breath of the machine.
    const steps = Math.floor(Math.log2(Math.max(1, affordable / FEWEST)));
    return Math.min(MOST, FEWEST * 2 ** steps);
  }

  isDue(now: number): boolean {
    return now >= this.due;
  }

  started(): void {
    this.took = 0;
    this.imagesNow = 0;
  }

  /** A slice of `milliseconds` brought the measurement to `images` images. */
  spent(milliseconds: number, images: number): void {
    this.took += milliseconds;
    this.imagesNow = images;
  }

  /** The measurement was over at `now`. */
  done(now: number): void {
    // A machine that was busy with other things for a moment has not become slower.
    if (this.imagesNow > 0) this.each = Math.min(this.took / this.imagesNow, 1.2 * (this.each ?? Infinity));
    // Where even the smallest sample is dear, figures come more rarely.
    const every = this.figures++ > 0 ? EVERY : FIRST;
    this.due = now + Math.max(every, Math.min(this.took, FEWEST * (this.each ?? 0)) / SHARE);
  }
}
