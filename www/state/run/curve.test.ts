import { describe, expect, it } from 'vitest';
import { Curve, isCurveState } from './curve';

describe('a curve', () => {
  it('keeps every point while there is room', () => {
    const curve = new Curve(2, 8);
    curve.push(0, [90, 91]);
    curve.push(100, [50, 52]);
    expect(curve.columns()).toEqual([
      [0, 100],
      [90, 50],
      [91, 52],
    ]);
  });

  it('keeps the newer of two points at the same place', () => {
    const curve = new Curve(1, 8);
    curve.push(0, [90]);
    curve.push(0, [89]);
    expect(curve.columns()).toEqual([[0], [89]]);
  });

  it('stays within its room, in order, and keeps the mean of what it merged', () => {
    const curve = new Curve(1, 64);
    for (let i = 0; i < 10_000; i++) curve.push(i, [i % 2]);
    const [images = [], values = []] = curve.columns();
    expect(curve.length).toBeLessThan(64);
    expect(images).toEqual([...images].sort((a, b) => a - b));
    expect(images.at(-1)).toBeGreaterThan(9_500);
    expect(values.every((value) => value === 0.5)).toBe(true);
  });

  it('goes on from its state as if it had never stopped', () => {
    const [whole, first] = [new Curve(1, 16), new Curve(1, 16)];
    for (let i = 0; i < 100; i++) {
      whole.push(i, [i]);
      if (i < 53) first.push(i, [i]);
    }
    const state = structuredClone(first.state());
    expect(isCurveState(state, 1)).toBe(true);
    const second = new Curve(1, 16);
    second.restore(state);
    for (let i = 53; i < 100; i++) second.push(i, [i]);
    expect(second.columns()).toEqual(whole.columns());
  });

  it('takes no state of another kind', () => {
    const state = { stride: 1, rows: [[0, 1]], waiting: [] };
    expect(isCurveState(state, 1)).toBe(true);
    for (const wrong of [
      undefined,
      [],
      { ...state, stride: 0 },
      { ...state, rows: [[0, 1, 2]] },
      { ...state, rows: [['0', 1]] },
      { ...state, waiting: undefined },
    ])
      expect(isCurveState(wrong, 1)).toBe(false);
  });
});
