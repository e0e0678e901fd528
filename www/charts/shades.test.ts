import { describe, expect, it } from 'vitest';
import { shades } from './shades';

describe('shades', () => {
  it('are light by the share of the largest', () => {
    expect([...shades([0, 1, 2], false)]).toEqual([255, 255, 255, 0, 255, 255, 255, 128, 255, 255, 255, 255]);
  });

  it('have the colour of their sign, and nothing is nothing', () => {
    const [more, less, none] = [shades([1, -1, 0], true)].flatMap((p) => [p.slice(0, 4), p.slice(4, 8), p.slice(8)]);
    expect(more?.[2]).toBeGreaterThan(more?.[0] ?? 0);
    expect(less?.[0]).toBeGreaterThan(less?.[2] ?? 0);
    expect(none?.[3]).toBe(0);
  });

  it('are not darkened by one value in a thousand', () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i === 7 ? 1e6 : 1));
    expect(shades(values, false)[3]).toBe(255);
    expect(shades([0, 0], true)[3]).toBe(0);
  });
});
