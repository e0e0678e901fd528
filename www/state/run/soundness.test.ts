import { describe, expect, it } from 'vitest';
import type { LayerReport } from '../../worker/protocol';
import { collapse, isSound } from './soundness';

const reports = (...layers: readonly (readonly [dead: number, apart: number])[]): LayerReport[] =>
  layers.map(([dead, separated]) => ({ dead, separated, units: 500 }) as unknown as LayerReport);

// Measured: three layers of 500, see docs/claims.md.
const atRateOne = reports([276, 0.318], [282, 0.175], [0, 0.109]);
const withoutPeers = reports([174, 0.761], [2, 0.752], [288, 0.725]);
const atRateTenth = reports([315, 0.775], [0, 0.602], [41, 0.576]);
const healthy = reports([0, 0.67], [0, 0.623], [1, 0.586]);

describe('a run', () => {
  it('is broken at a rate of one, or where a whole layer is dead', () => {
    expect(collapse(atRateOne)).toContain('276 of the 500 units of layer 1 are dead');
    expect(collapse(reports([3, 0.9], [500, 0.2]))).toContain('Layer 2 is dead: none of its 500 units');
  });

  it('is not broken where it still ranks pairs rightly, however many units are dead, nor at its beginning', () => {
    for (const one of [withoutPeers, atRateTenth, healthy, reports([0, 0.4], [0, 0.4]), []])
      expect(collapse(one)).toBeUndefined();
  });

  it('is sound, to be gone back to, only where nothing is wrong', () => {
    expect([healthy, [], atRateTenth, withoutPeers, atRateOne].map(isSound)).toEqual([true, true, false, false, false]);
  });
});
