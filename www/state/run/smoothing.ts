/**
 * One report covers a batch or two: too few images for a steady picture. What the page shows is a running mean over about the
 * last thousand images, with histograms as shares of the images counted.
 */
import type { LayerReport } from '../../worker/protocol';

const MEMORY = 1000;

export function smooth(
  before: readonly LayerReport[],
  reports: readonly LayerReport[],
  samples: number,
): LayerReport[] {
  const now = reports.map((report) => ({
    ...report,
    positive_histogram: shares(report.positive_histogram),
    negative_histogram: shares(report.negative_histogram),
  }));
  const weight = 1 - Math.exp(-samples / MEMORY);
  const mix = (old: number, fresh: number): number => old + weight * (fresh - old);
  const mixAll = (old: number[], fresh: number[]): number[] => fresh.map((bin, i) => mix(old[i] ?? 0, bin));
  return now.map((report, index) => {
    const old = before[index];
    if (!old || before.length !== now.length) return report;
    return {
      ...report,
      positive_goodness: mix(old.positive_goodness, report.positive_goodness),
      negative_goodness: mix(old.negative_goodness, report.negative_goodness),
      separated: mix(old.separated, report.separated),
      loss: mix(old.loss, report.loss),
      positive_histogram: mixAll(old.positive_histogram, report.positive_histogram),
      negative_histogram: mixAll(old.negative_histogram, report.negative_histogram),
    };
  });
}

function shares(bins: readonly number[]): number[] {
  const counted = bins.reduce((sum, bin) => sum + bin, 0) || 1;
  return bins.map((bin) => bin / counted);
}
