import { expect, test } from 'vitest';
import { keptByBackprop, keptByLayer } from './batchMemory';

test('backprop keeps more the deeper the net, Forward-Forward only its largest layer', () => {
  expect(keptByBackprop(100, 784, [500, 500, 500])).toBe(4 * 100 * 2284);
  expect(keptByLayer(100, 784, [500, 500, 500])).toBe(4 * 100 * 1284);
  expect(keptByLayer(10, 784, [20, 2000, 2000])).toBe(4 * 10 * 4000);
  expect(keptByLayer(1, 784, Array<number>(8).fill(500))).toBe(keptByLayer(1, 784, [500]));
});
