import { describe, expect, it } from 'vitest';
import type { LayerReport } from '../../worker/protocol';
import { smooth } from './smoothing';

const report = (separated: number, bins: number[]): LayerReport => ({
  units: 10,
  threshold: 10,
  positive_goodness: 12,
  negative_goodness: 8,
  separated,
  loss: 1,
  dead: 0,
  positive_histogram: bins,
  negative_histogram: bins,
  frozen: false,
});

describe('smoothed reports', () => {
  it('begin with the first one, histograms as shares', () => {
    expect(smooth([], [report(0.5, [1, 3])], 100)[0]).toMatchObject({
      separated: 0.5,
      positive_histogram: [0.25, 0.75],
    });
  });

  it('move a little with a small report, all the way with a huge one', () => {
    const before = smooth([], [report(0, [1, 0])], 100);
    const little = smooth(before, [report(1, [0, 100])], 100)[0] as LayerReport;
    expect(little.separated).toBeCloseTo(0.095, 3);
    expect(little.positive_histogram[1]).toBeCloseTo(0.095, 3);
    expect(smooth(before, [report(1, [0, 5])], 1e6)[0]?.separated).toBeCloseTo(1, 6);
  });

  it('start anew when the layers change, and bear empty histograms', () => {
    const before = smooth([], [report(0, [0, 0])], 100);
    expect(before[0]?.positive_histogram).toEqual([0, 0]);
    expect(smooth(before, [report(1, [2, 2]), report(1, [2, 2])], 1)[0]?.separated).toBe(1);
  });
});
