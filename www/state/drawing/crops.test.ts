import { describe, expect, it } from 'vitest';
import { scaleFor, seenBy } from './crops';

describe('what a unit sees', () => {
  it('is its window, cut off at the edges, and wider in higher layers', () => {
    const [units, window] = [3072, 11];
    // Row 10, column 20; three units a position.
    expect(seenBy(3 * (10 * 32 + 20) + 2, units, window, 1)).toEqual({ x: 15, y: 5, width: 11, height: 11 });
    expect(seenBy(3 * (10 * 32 + 20), units, window, 2)).toEqual({ x: 10, y: 0, width: 21, height: 21 });
    expect(seenBy(0, units, window, 1)).toEqual({ x: 0, y: 0, width: 6, height: 6 });
    expect(seenBy(1023, 1024, 3, 1)).toEqual({ x: 30, y: 30, width: 2, height: 2 });
  });

  it('is shown as large as there is room', () => {
    expect(scaleFor({ x: 0, y: 0, width: 11, height: 6 }, 64)).toBe(5);
    expect(scaleFor({ x: 0, y: 0, width: 32, height: 32 }, 20)).toBe(1);
  });
});
