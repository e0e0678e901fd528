import { expect, test } from 'vitest';
import type { Look } from '../../worker/protocol';
import { lossAt, probability, reachesThreshold } from './threshold';

test('probability compares goodness with the threshold, whatever their size', () => {
  expect(probability(500, 500, 20, 1)).toBe(0.5);
  expect(probability(520, 500, 20, 1)).toBeCloseTo(1 / (1 + Math.exp(-1)), 12);
  expect(probability(520, 500, 20, -1)).toBeCloseTo(1 / (1 + Math.exp(1)), 12);
  expect(probability(1e6, 500, 0.1, 1)).toBe(1);
  expect(probability(0, 1e6, 0.1, 1)).toBe(0);
});

test('the loss is that of the positives below and the negatives above the threshold', () => {
  const look = { positive_goodness: [[600, 500]], negative_goodness: [[400, 500]] } as unknown as Look;
  const softplus = (x: number): number => Math.log(1 + Math.exp(x));
  expect(lossAt(look, 0, 500, 50, 1)).toBeCloseTo((2 * softplus(-2) + 2 * softplus(0)) / 2, 9);
  // Told apart, they lose least in between.
  const apart = { positive_goodness: [[700]], negative_goodness: [[300]] } as unknown as Look;
  expect(lossAt(apart, 0, 500, 20, 1)).toBeLessThan(lossAt(apart, 0, 350, 20, 1));
  expect(lossAt(apart, 0, 500, 20, 1)).toBeLessThan(lossAt(apart, 0, 650, 20, 1));
});

test('one label must reach the threshold in every layer that votes', () => {
  const votes = [0, 1, 1];
  const thresholds = [100, 100, 100];
  expect(reachesThreshold([[0, 120, 101]], votes, thresholds)).toBe(true);
  expect(reachesThreshold([[500, 120, 99]], votes, thresholds)).toBe(false);
  // Two labels that reach it in a layer each are not one that does in both.
  expect(
    reachesThreshold(
      [
        [0, 120, 99],
        [0, 99, 120],
      ],
      votes,
      thresholds,
    ),
  ).toBe(false);
  expect(reachesThreshold([[0, 120, 50]], [0, 1, -1], thresholds)).toBe(true);
});
