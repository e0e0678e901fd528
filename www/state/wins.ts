import type { LayerReport, Progress } from '../worker/protocol';

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
 * The game of the net against the maker of its negatives, epoch by epoch: from the reports that come anyway, each weighed by the
 * pictures it speaks of.
 */
export class Wins {
  readonly epochs: Epoch[] = [];
  private weight = 0;

  add({ epoch, samples, layers }: Pick<Progress, 'epoch' | 'samples' | 'layers'>): void {
    if (layers.length === 0 || samples <= 0) return;
    // A slice belongs to the epoch it ends in.
    const number = Math.max(1, Math.ceil(epoch));
    let last = this.epochs.at(-1);
    if (last?.epoch !== number) {
      last = { epoch: number, above: layers.map(() => 0), apart: layers.map(() => 0) };
      this.epochs.push(last);
      if (this.epochs.length > KEPT) this.epochs.shift();
      this.weight = 0;
    }
    this.weight += samples;
    const share = samples / this.weight;
    const { above, apart } = last;
    layers.forEach((layer: LayerReport, i) => {
      above[i] = (above[i] ?? 0) + share * (aboveThreshold(layer.negative_histogram) - (above[i] ?? 0));
      apart[i] = (apart[i] ?? 0) + share * (layer.separated - (apart[i] ?? 0));
    });
  }
}
