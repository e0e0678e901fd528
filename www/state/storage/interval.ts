/** Something that is to be done again after a while. A clock that jumps back does not put it off. */
export class Interval {
  private from = -Infinity;
  private span = 0;

  get due(): boolean {
    const now = performance.now();
    return now >= this.from + this.span || now < this.from;
  }

  /** Due again in `span` milliseconds, counted from `from`. */
  again(span: number, from = performance.now()): void {
    this.from = from;
    this.span = span;
  }
}
