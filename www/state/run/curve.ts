/** Whether this can be the state of a curve with so many series. */
import type { CurveState } from '../../types';

export type { CurveState } from '../../types';
export function isCurveState(value: unknown, series: number): value is CurveState {
  if (typeof value !== 'object' || value === null) return false;
  const { stride, rows, waiting } = value as Partial<CurveState>;
  const isRow = (row: unknown): boolean =>
    Array.isArray(row) && row.length === series + 1 && row.every((number) => typeof number === 'number');
  return (
    typeof stride === 'number' &&
    stride >= 1 &&
    [rows, waiting].every((list) => Array.isArray(list) && list.length <= 4096 && list.every(isRow))
  );
}

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

  /** Adds `values` (one a series) at `images`; where the last point lies already, they take its place. */
  push(images: number, values: readonly number[]): void {
    if (this.stride === 1 && this.rows.at(-1)?.[0] === images) this.rows.pop();
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

  /** All of it, as plain data. */
  state(): CurveState {
    return { stride: this.stride, rows: this.rows.slice(), waiting: this.waiting.slice() };
  }

  /** Goes on from such a state. */
  restore({ stride, rows, waiting }: CurveState): void {
    this.stride = stride;
    this.rows = rows.slice();
    this.waiting = waiting.slice();
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
