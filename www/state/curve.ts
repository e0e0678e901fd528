/**
 * A curve that never grows past its room: values over images seen. When it is full, neighbouring points are merged in pairs, so
 * that an hour of training costs no more than a minute and the whole run stays in sight.
 */
export class Curve {
  private rows: number[][] = [];
  /** How many pushed points make one kept point. */
  private stride = 1;
  private waiting: number[][] = [];

  constructor(
    readonly series: number,
    private readonly room = 512,
  ) {}

  get length(): number {
    return this.rows.length;
  }

  /** Adds `values` (one a series) at `images`; one at the same place as the last replaces nothing and is kept beside it. */
  push(images: number, values: readonly number[]): void {
    this.waiting.push([images, ...values]);
    if (this.waiting.length < this.stride) return;
    this.rows.push(mean(this.waiting));
    this.waiting = [];
    if (this.rows.length < this.room) return;
    const halved: number[][] = [];
    for (let i = 0; i < this.rows.length; i += 2) halved.push(mean(this.rows.slice(i, i + 2)));
    this.rows = halved;
    this.stride *= 2;
  }

  /** Columns for the chart: images seen, then each series. */
  columns(): number[][] {
    return Array.from({ length: this.series + 1 }, (_, column) => this.rows.map((row) => row[column] ?? NaN));
  }
}

function mean(rows: readonly number[][]): number[] {
  const first = rows[0] ?? [];
  return first.map((_, column) => rows.reduce((sum, row) => sum + (row[column] ?? NaN), 0) / rows.length);
}
