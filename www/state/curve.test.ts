import { describe, expect, it } from 'vitest';
import { Curve } from './curve';

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

  it('stays within its room, in order, and keeps the mean of what it merged', () => {
    const curve = new Curve(1, 64);
    for (let i = 0; i < 10_000; i++) curve.push(i, [i % 2]);
    const [images = [], values = []] = curve.columns();
    expect(curve.length).toBeLessThan(64);
    expect(images).toEqual([...images].sort((a, b) => a - b));
    expect(images.at(-1)).toBeGreaterThan(9_500);
    expect(values.every((value) => value === 0.5)).toBe(true);
  });
});
