import type { Progress } from '../../worker/protocol';

/** What one epoch brought in one layer, as shares of its negatives (and of its pairs). */
export interface Epoch {
  epoch: number;
  /** Negatives whose goodness reached the threshold: where goodness is maximised, fakes that passed for real. */
  above: number[];
  /** Pairs whose positive had more goodness than its negative. */
  apart: number[];
}

/** Epochs that are kept in sight. */
const KEPT = 100;

/** The share of a histogram over `log2(g/θ)` that lies at the threshold or above: its axis is even about zero. */
export function aboveThreshold(histogram: readonly number[]): number {
  const all = histogram.reduce((sum, rows) => sum + rows, 0);
  const above = histogram.slice(histogram.length / 2).reduce((sum, rows) => sum + rows, 0);
  return all > 0 ? above / all : NaN;
}

/**
 * The game of the net against the maker of its negatives, epoch by epoch: the mean of the reports, each weighted by the number of
 * pictures it covers.
 */
export class EpochTotals {
  /** An entry is replaced and never changed: a page that shows one learns of a change by its identity. */
  readonly epochs: Epoch[] = [];
  /** Pictures behind the newest entry. */
  private weight = 0;

  add({ epoch, samples, layers }: Pick<Progress, 'epoch' | 'samples' | 'layers'>): void {
    if (layers.length === 0 || samples <= 0) return;
    // A slice belongs to the epoch it ends in.
    const number = Math.max(1, Math.ceil(epoch));
    const before = this.epochs.at(-1);
    const goesOn = before?.epoch === number;
    this.weight = samples + (goesOn ? this.weight : 0);
    const share = samples / this.weight;
    const mean = (values: number[], means: number[] | undefined): number[] =>
      values.map((value, i) => (1 - share) * (means?.[i] ?? 0) + share * value);
    if (goesOn) this.epochs.pop();
    this.epochs.push({
      epoch: number,
      above: mean(
        layers.map(({ negative_histogram }) => aboveThreshold(negative_histogram)),
        goesOn ? before.above : undefined,
      ),
      apart: mean(
        layers.map(({ separated }) => separated),
        goesOn ? before.apart : undefined,
      ),
    });
    if (this.epochs.length > KEPT) this.epochs.shift();
  }
}
