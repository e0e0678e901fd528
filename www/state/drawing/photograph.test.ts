import { describe, expect, it } from 'vitest';
import type { Given } from '../../worker/protocol';
import { photographIn } from './photograph';
import { middle } from './shrunk';

describe('a photograph', () => {
  it('is cut to the square in its middle', () => {
    expect(middle(640, 480)).toEqual({ x: 80, y: 0, side: 480 });
    expect(middle(3, 10)).toEqual({ x: 0, y: 3, side: 3 });
  });

  it('is known by what it says it is', () => {
    const given = (...files: [name: string, type?: string][]): Given => ({
      name: 'folder',
      files: files.map(([path, type = '']) => ({ path, file: new File([], path, { type }) })),
    });
    expect(photographIn(given(['x', 'image/png'], ['.DS_Store']))?.name).toBe('x');
    expect(photographIn(given(['CAT.JPG'], ['dog.png']))?.name).toBe('CAT.JPG');
    expect(photographIn(given(['weights.safetensors']))).toBeUndefined();
    // Pictures among other files may be anything.
    expect(photographIn(given(['train-images'], ['x', 'image/png']))).toBeUndefined();
    expect(photographIn(given())).toBeUndefined();
  });
});
