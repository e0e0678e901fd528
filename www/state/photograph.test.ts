import { describe, expect, it } from 'vitest';
import { middle, photographIn } from './photograph';

describe('a photograph', () => {
  it('is cut to the square in its middle', () => {
    expect(middle(640, 480)).toEqual({ x: 80, y: 0, side: 480 });
    expect(middle(3, 10)).toEqual({ x: 0, y: 3, side: 3 });
  });

  it('is known by what it says it is', () => {
    const file = (name: string, type = ''): File => new File([], name, { type });
    expect(photographIn([file('train-images'), file('x', 'image/png')])?.name).toBe('x');
    expect(photographIn([file('CAT.JPG')])?.name).toBe('CAT.JPG');
    expect(photographIn([file('weights.safetensors')])).toBeUndefined();
  });
});
